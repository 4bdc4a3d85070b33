"""The two steps of the image: Debian with all packages, and Kubernetes in it."""

from __future__ import annotations

from pathlib import Path

from lab.kubernetes import Kubernetes
from lab.node_image import stage
from lab.node_image.inputs import LABEL, RELEASE, SPARE_MIB, SYSTEM_MIB, programs
from lab.openstack.shell import Log, run, step

_MIB = 2**20
_ROUND = 64 * _MIB
_BLOCK = 512
# Tables are written now, into holes of the file: what is left to the kernel, it would write on each node instead.
_FORMAT = ("mkfs.ext4", "-q", "-L", LABEL, "-m", "1", "-E", "lazy_itable_init=0,lazy_journal_init=0")


def make_system(disk: Path, log: Log) -> None:
    """Make a disk with Debian and the packages of a node."""
    _set_size(disk, SYSTEM_MIB * _MIB)
    run([*_FORMAT, disk])
    with step(log, f"Debian {RELEASE}"):
        stage.on_disk(disk, "debootstrap", "--variant=minbase", RELEASE, stage.mount_point(disk))
    with step(log, "packages of a node"):
        stage.inside(disk, "install.sh")


def add_kubernetes(system: Path, kubernetes: Kubernetes, disk: Path, log: Log) -> None:
    """Make a disk that has what the system's disk has, and Kubernetes with all its images."""
    run(["cp", "--sparse=always", system, disk])
    _set_size(disk, size(_used(system), _sizes(kubernetes)))
    run(["e2fsck", "-fp", disk])
    run(["resize2fs", disk])
    with step(log, "Kubernetes and its images"):
        stage.inside(disk, "kubernetes.sh", kubernetes.root)
    # Mounting does not tell of a file system with damage, and each node would have a copy of it.
    run(["e2fsck", "-fn", disk])


def size(system: int, kubernetes: dict[str, int]) -> int:
    """Return how large a disk has to be, in bytes, for a system and the folders of Kubernetes, in bytes each."""
    # containerd keeps an image as it came, and unpacked beside it.
    content = system + sum(kubernetes.values()) + kubernetes["images"]
    needed = content + content // 32 + SPARE_MIB * _MIB
    return max(-(-needed // _ROUND) * _ROUND, SYSTEM_MIB * _MIB)


def _sizes(kubernetes: Kubernetes) -> dict[str, int]:
    files = {
        "bin": [kubernetes.bin / name for name in programs()],
        "cni": kubernetes.cni.iterdir(),
        "images": kubernetes.images.iterdir(),
    }
    return {name: sum(file.stat().st_size for file in group) for name, group in files.items()}


def _used(sparse: Path) -> int:
    return sparse.stat().st_blocks * _BLOCK


def _set_size(disk: Path, length: int) -> None:
    with disk.open("ab") as file:
        file.truncate(length)
