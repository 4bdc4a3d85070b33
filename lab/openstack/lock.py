"""One `up`, `down` or `reset` at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from lab.openstack.shell import Log
from lab.openstack.site import Site


@contextmanager
def exclusive(site: Site, log: Log) -> Iterator[None]:
    """Wait until nobody else changes the lab.

    The commands that are run in the meantime inherit the lock: when this process is
    killed, the next one waits until the migration that it left behind has ended.
    """
    site.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(site.state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log("waiting for another command that changes the lab ...")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.set_inheritable(descriptor, True)  # noqa: FBT003 (positional only)
        yield
    finally:
        os.close(descriptor)
