"""The folder of what can be made again: where it is, and how two processes share a part of it."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SCRATCH_PREFIX = "scratch-"


@dataclass(frozen=True, slots=True)
class Cache:
    """One part of the cache, which one process at a time changes."""

    name: str
    """The part's folder."""

    holds: str
    """What a person calls that which it holds."""

    def folder(self) -> Path:
        """Return the part's folder, which may not exist yet."""
        if chosen := os.environ.get("CECF_CACHE"):
            root = Path(chosen)
        else:
            root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cecf"
        return root.absolute() / self.name

    @contextmanager
    def locked(self, log: Callable[[str], object]) -> Iterator[None]:
        """Keep other processes from changing the part; the kernel frees the lock of one that was killed."""
        self.folder().mkdir(parents=True, exist_ok=True)
        with (self.folder() / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                log(f"Another process is setting up {self.holds}: waiting for it.")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Lend a folder beside the results, so that a result moves into place in one step.

        Call it under the lock: what a killed process left behind is removed first.
        """
        for remains in self.folder().glob(f"{_SCRATCH_PREFIX}*"):
            shutil.rmtree(remains, ignore_errors=True)
        lent = Path(tempfile.mkdtemp(prefix=_SCRATCH_PREFIX, dir=self.folder()))
        try:
            yield lent
        finally:
            shutil.rmtree(lent, ignore_errors=True)


def link(file: Path, destination: Path) -> None:
    """Give a file a second name instead of a copy where the file system can."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, destination)
    except OSError:
        shutil.copy2(file, destination)
