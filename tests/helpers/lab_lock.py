"""Who may use the lab at once: many tests that only use it, or one that disturbs it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from lab.openstack.site import Site


@contextmanager
def lab_to(*, alone: bool) -> Iterator[None]:
    """Wait for the lab to be free, and keep it until the block ends; across processes."""
    path = Site.from_environment().state / "tests.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
