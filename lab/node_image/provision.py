"""How the lab comes by the node image: found in the cache, or made there."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import kubernetes
from lab.cache import Cache
from lab.engine.errors import EngineError
from lab.kubernetes import Kubernetes
from lab.node_image.build import add_kubernetes, make_system
from lab.node_image.inputs import image_key, system_key
from lab.node_image.packages import ensure_packages
from lab.openstack.shell import LabError, Log

_CACHE = Cache("node-image", holds="the node image")
_SYSTEMS = "systems"
_DISK = "disk.raw"
_KEPT = 2
"""Results of each kind: this one, and one to go back to. They take gigabytes."""


def locate() -> Path | None:
    """Return the disk that is ready for use, changing nothing."""
    with _in_our_words():
        found = kubernetes.locate()
    disk = _disk(found) if found else None
    return disk if disk and disk.exists() else None


def ensure(log: Log = print) -> Path:
    """Return the disk, making first what is missing. Only making needs root."""
    return locate() or _provide(log)


def _provide(log: Log) -> Path:
    if os.geteuid() != 0:
        raise LabError(
            "The node image is made with loop devices and chroot: run `python -m lab.node_image setup` as root."
        )
    with _in_our_words():
        given = kubernetes.ensure(log)
    started = time.monotonic()
    with _CACHE.locked(log):
        # Another process may have done it all while this one waited.
        disk = locate() or _make(given, log)
    log(f"The node image is ready after {time.monotonic() - started:.0f} s: {disk}")
    return disk


def _make(given: Kubernetes, log: Log) -> Path:
    ensure_packages(log)
    system = _CACHE.folder() / _SYSTEMS / system_key() / _DISK
    with _CACHE.scratch() as scratch:
        if not system.exists():
            make_system(scratch / _DISK, log)
            _keep(scratch / _DISK, system)
        os.utime(system.parent)
        disk = _disk(given)
        add_kubernetes(system, given, scratch / _DISK, log)
        _keep(scratch / _DISK, disk)
    for results in (disk.parent.parent, system.parent.parent):
        _forget_old(results)
    return disk


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Turn what keeps Kubernetes from being had into the one kind of error that callers know."""
    try:
        yield
    except EngineError as error:
        raise LabError(str(error)) from error


def _disk(given: Kubernetes) -> Path:
    return _CACHE.folder() / "images" / image_key(given.key) / _DISK


def _keep(made: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    # Its name must not outlive a power failure that its content does not.
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.replace(place)


def _forget_old(results: Path) -> None:
    newest_first = sorted(results.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in newest_first[_KEPT:]:
        shutil.rmtree(folder)
