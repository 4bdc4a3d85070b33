"""Who may use the lab at once: many tests that only use it, or one that disturbs it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.openstack.site import Site


@contextmanager
def lab_to(*, alone: bool) -> Iterator[None]:
    """Wait for the lab to be free, and keep it until the block ends; across processes."""
    with _path().open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


@contextmanager
def lab_is_free() -> Iterator[bool]:
    """Tell whether no test uses the lab, and keep it so until the block ends."""
    with _path().open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _path() -> Path:
    return Site.from_environment().state / "tests.lock"
