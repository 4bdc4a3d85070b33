"""Kubernetes as the lab has it: programs of this machine and of nodes, and container images."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kubernetes:
    """What ``ensure()`` made of one release, in one folder of the cache."""

    root: Path

    @property
    def key(self) -> str:
        """The digest of all that the results were made of: with another one, node images are made anew."""
        return self.root.name

    @property
    def bin(self) -> Path:
        """Commands of Kubernetes, etcd and kwok, for PATH and for nodes."""
        return self.root / "bin"

    @property
    def cni(self) -> Path:
        """CNI plugins, for ``/opt/cni/bin`` of nodes."""
        return self.root / "cni"

    @property
    def images(self) -> Path:
        """Container images as OCI archives, ``<name>.tar``, for ``ctr images import``."""
        return self.root / "images"
