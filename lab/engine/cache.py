"""The cache folder: where it is, and how two processes share it."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_SCRATCH_PREFIX = "scratch-"


def folder() -> Path:
    """Return the folder of all engines, which may not exist yet."""
    if chosen := os.environ.get("CECF_CACHE"):
        root = Path(chosen)
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cecf"
    return root.absolute() / "engine"


@contextmanager
def locked(log: Callable[[str], object]) -> Iterator[None]:
    """Keep other processes from changing the cache; the kernel frees the lock of one that was killed."""
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log("Another process is setting up the engine: waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def scratch() -> Iterator[Path]:
    """Lend a folder beside the results, so that a result moves into place in one step.

    Call it under the lock: what a killed process left behind is removed first.
    """
    for remains in folder().glob(f"{_SCRATCH_PREFIX}*"):
        shutil.rmtree(remains, ignore_errors=True)
    lent = Path(tempfile.mkdtemp(prefix=_SCRATCH_PREFIX, dir=folder()))
    try:
        yield lent
    finally:
        shutil.rmtree(lent, ignore_errors=True)
