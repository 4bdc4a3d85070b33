"""A disk image that is mounted for one command, of which nothing stays behind.

The command runs in mount and process namespaces of its own. When it ends, or this process dies in whatever way, the
kernel ends what the command started, takes the mounts away and frees the loop device: no later run finds remains.
"""

from __future__ import annotations

from pathlib import Path

from lab.node_image.inputs import RECIPE
from lab.openstack.shell import run

_HERE = Path(__file__).parent
_ALONE = (
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
)


def on_disk(disk: Path, *command: str | Path) -> str:
    """Run a command of this machine while the disk is mounted at `mount_point(disk)`."""
    root = mount_point(disk)
    root.mkdir(exist_ok=True)
    try:
        return run([*_ALONE, "sh", _HERE / "mounted.sh", disk, root, *command])
    finally:
        root.rmdir()


def inside(disk: Path, script: str, folder: Path = RECIPE) -> str:
    """Run a script of the recipe in the disk's own system; `folder` is what it is given."""
    return on_disk(disk, "sh", _HERE / "inside.sh", mount_point(disk), RECIPE, folder, script)


def mount_point(disk: Path) -> Path:
    """Where a disk is mounted, as its commands see it."""
    return disk.with_suffix(".mounted")
