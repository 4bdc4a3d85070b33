"""The daemons that come from Debian: MariaDB, RabbitMQ, memcached."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.openstack.shell import LabError, Log, run, step

# Package, and the program that shows that it is installed.
PACKAGES = {
    "mariadb-server": Path("/usr/sbin/mariadbd"),
    "rabbitmq-server": Path("/usr/lib/rabbitmq/bin/rabbitmq-server"),
    "memcached": Path("/usr/bin/memcached"),
    "openssl": Path("/usr/bin/openssl"),
}

_POLICY = Path("/usr/sbin/policy-rc.d")


def missing() -> list[str]:
    """Packages whose program is not on this machine."""
    return [name for name, program in PACKAGES.items() if not program.exists()]


def ensure_packages(log: Log) -> None:
    """Install what is missing, where that is ours to do."""
    names = missing()
    if not names:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise LabError(f"install these packages first, as root: {' '.join(names)}")
    with step(log, f"Debian packages {' '.join(names)}"), _nothing_auto_starts(_POLICY):
        env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        run(["apt-get", "update"], env=env)
        run(["apt-get", "install", "--yes", "--no-install-recommends", *names], env=env)


@contextmanager
def _nothing_auto_starts(policy: Path) -> Iterator[None]:
    """Debian starts a daemon when it installs it, unless this file forbids it."""
    before = policy.read_bytes() if policy.exists() else None
    mode = policy.stat().st_mode if before is not None else 0
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        if before is None:
            policy.unlink(missing_ok=True)
        else:
            policy.write_bytes(before)
            policy.chmod(mode)
