"""How the lab comes by the node images, one for each release: found in the cache, or made there."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cecf import versions
from cecf.versions import LAB_RELEASES, Release
from lab import kubernetes
from lab.cache import Cache
from lab.engine.errors import EngineError
from lab.kubernetes import Kubernetes
from lab.node_image.build import add_kubernetes, make_system
from lab.node_image.inputs import image_key, system_key
from lab.node_image.packages import ensure_packages
from lab.openstack.shell import LabError, Log

_CACHE = Cache("node-image", holds="the node images")
_SYSTEMS = "systems"
_IMAGES = "images"
_DISK = "disk.raw"
_KEPT = 2
"""Systems, and images of each release: this one, and one to go back to. They take gigabytes."""


def locate(release: Release = versions.DEFAULT) -> Path | None:
    """Return the disk of a release that is ready for use, changing nothing."""
    with _in_our_words():
        found = kubernetes.locate(release)
    disk = _disk(found) if found else None
    return disk if disk and disk.exists() else None


def ensure(log: Log = print) -> dict[Release, Path]:
    """Return the disk of every release of the lab, making first what is missing. Only making needs root."""
    return _located() or _provide(log)


def _located() -> dict[Release, Path] | None:
    found = {release: disk for release in LAB_RELEASES if (disk := locate(release))}
    return found if len(found) == len(LAB_RELEASES) else None


def _provide(log: Log) -> dict[Release, Path]:
    if os.geteuid() != 0:
        raise LabError(
            "The node image is made with loop devices and chroot: run `python -m lab.node_image setup` as root."
        )
    with _in_our_words():
        given = kubernetes.ensure(log)
    started = time.monotonic()
    with _CACHE.locked(log):
        # Another process may have done it all while this one waited.
        disks = _located() or _make(given, log)
    log(f"The node images are ready after {time.monotonic() - started:.0f} s.")
    return disks


def _make(given: dict[Release, Kubernetes], log: Log) -> dict[Release, Path]:
    ensure_packages(log)
    system = _CACHE.folder() / _SYSTEMS / system_key() / _DISK
    disks = {release: _disk(kubernetes) for release, kubernetes in given.items()}
    with _CACHE.scratch() as scratch:
        if not system.exists():
            make_system(scratch / _DISK, log)
            _keep(scratch / _DISK, system)
        os.utime(system.parent)
        for release, disk in disks.items():
            if not disk.exists():
                add_kubernetes(system, given[release], scratch / _DISK, log)
                _keep(scratch / _DISK, disk)
            os.utime(disk.parent)
    _forget_old(system.parent.parent, _KEPT)
    _forget_old(_CACHE.folder() / _IMAGES, _KEPT * len(disks))
    return disks


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Turn what keeps Kubernetes from being had into the one kind of error that callers know."""
    try:
        yield
    except EngineError as error:
        raise LabError(str(error)) from error


def _disk(given: Kubernetes) -> Path:
    return _CACHE.folder() / _IMAGES / image_key(given.key) / _DISK


def _keep(made: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    # Its name must not outlive a power failure that its content does not.
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.replace(place)


def _forget_old(results: Path, kept: int) -> None:
    newest_first = sorted(results.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in newest_first[kept:]:
        shutil.rmtree(folder)
