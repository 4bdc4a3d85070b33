"""What decides the image, so that equal keys mean equal images (of Debian, as far as its mirror stands still)."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

RECIPE = Path(__file__).with_name("recipe")
"""The scripts that run inside the system, and what they lay down there."""

RELEASE = "bookworm"
LABEL = "cecf-root"
SYSTEM_MIB = 1536
"""Of the disk while the system is installed: its packages, and their archives beside them."""

SPARE_MIB = 300
"""Free on the finished disk, so that it boots even where nobody grows it."""

_SYSTEM = ("install.sh", "packages")
_KUBERNETES = ("kubernetes.sh", "programs", "kubelet.service", "10-kubeadm.conf")
_KEY_LENGTH = 12


def programs() -> list[str]:
    """Return the names of the programs that a node has in /usr/bin."""
    return (RECIPE / "programs").read_text().split()


def system_key() -> str:
    """Return the key of the system without Kubernetes, which takes longest to make."""
    return _digest(RELEASE, LABEL, SYSTEM_MIB, platform.machine(), *map(_source, _SYSTEM))


def image_key(kubernetes: str) -> str:
    """Return the key of the image that holds this build of Kubernetes."""
    return _digest(system_key(), kubernetes, SPARE_MIB, *map(_source, _KUBERNETES))


def _source(name: str) -> tuple[str, str]:
    return name, (RECIPE / name).read_text()


def _digest(*decisive: object) -> str:
    return hashlib.sha256(repr(decisive).encode()).hexdigest()[:_KEY_LENGTH]
