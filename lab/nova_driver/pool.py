"""The disks: one file system with shared extents, so that a disk costs what its machine has written."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.nova_driver import loops
from lab.nova_driver.commands import run
from lab.nova_driver.model import MachineError
from lab.nova_driver.places import Places

_SIZE = 2**40
_GIB = 2**30


def ensure(places: Places) -> None:
    """Make and mount the pool, whatever of that is missing."""
    if os.path.ismount(places.pool):
        return
    with _locked(places):
        if os.path.ismount(places.pool):
            return
        if not places.pool_file.exists():
            _make(places.pool_file)
        places.pool.mkdir(exist_ok=True)
        _mount(places)
        for folder in (places.base("-").parent, places.disk("-").parent):
            folder.mkdir(exist_ok=True, mode=0o700)


def close(places: Places) -> None:
    """Unmount the pool; its disks are kept."""
    if os.path.ismount(places.pool):
        for disk in loops.below(places.pool):
            loops.wait_until_free(disk)
        run("umount", places.pool)
    loops.detach(places.pool_file)


def ensure_base(places: Places, image_id: str) -> Path:
    """Copy an image into the pool, once."""
    base = places.base(image_id)
    if base.exists():
        return base
    image = places.image(image_id)
    if not image.exists():
        raise MachineError(f"Glance's image {image_id} has no bytes in {image.parent}: `python -m lab up` brings them")
    with _locked(places):
        if not base.exists():
            new = base.with_suffix(".new")
            run("cp", "--sparse=always", image, new)
            new.replace(base)
    return base


def forget_bases(places: Places, keep: set[str]) -> None:
    """Remove the copies of all images but these; disks made of them are whole by themselves."""
    for base in places.base("-").parent.glob("*"):
        if base.stem not in keep:
            base.unlink(missing_ok=True)


def make_disk(places: Places, uuid: str, image_id: str, gib: int) -> Path:
    """Clone a disk of a flavor's size from an image."""
    ensure(places)
    base = ensure_base(places, image_id)
    disk = places.disk(uuid)
    new = disk.with_suffix(".new")
    run("cp", "--reflink=always", base, new)
    if gib:
        if new.stat().st_size > gib * _GIB:
            new.unlink()
            raise MachineError(f"the image is larger than the flavor's disk of {gib} GiB: take a larger flavor")
        os.truncate(new, gib * _GIB)
        # Without the check that it asks for: the image comes fresh from mkfs. A mounted one could not grow
        # where CAP_SYS_RESOURCE is missing.
        run("resize2fs", "-f", new)
    new.replace(disk)
    return disk


def remove_disk(places: Places, uuid: str) -> None:
    """Delete a disk."""
    places.disk(uuid).unlink(missing_ok=True)


def remove_disks(places: Places) -> None:
    """Delete every disk."""
    for disk in places.disk("-").parent.glob("*"):
        disk.unlink()


def _mount(places: Places) -> None:
    # Where someone's mount namespace has kept the old mount, its device is the one to take.
    known = loops.devices(places.pool_file)
    device = known[0] if known else loops.attach(places.pool_file)
    # What is deleted in it becomes a hole in its file at once.
    run("mount", "-t", "xfs", "-o", "discard,noatime", device, places.pool)


def _make(file: Path) -> None:
    new = file.with_suffix(".new")
    with new.open("wb") as made:
        made.truncate(_SIZE)
    run("mkfs.xfs", "-q", "-f", "-m", "reflink=1", "-l", "size=64m", "-L", "cecf-pool", new)
    new.replace(file)


@contextmanager
def _locked(places: Places) -> Iterator[None]:
    if not shutil.which("mkfs.xfs"):
        raise MachineError("mkfs.xfs is not installed: `python -m lab up` installs what machines need")
    places.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (places.folder / "pool.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
