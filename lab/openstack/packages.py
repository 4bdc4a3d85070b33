"""What comes from Debian: MariaDB, RabbitMQ, memcached, and what machines need."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from lab.nova_driver import host
from lab.openstack.shell import LabError, Log, run, step

# Package, and the program that shows that it is installed.
PACKAGES = {
    "mariadb-server": Path("/usr/sbin/mariadbd"),
    "rabbitmq-server": Path("/usr/lib/rabbitmq/bin/rabbitmq-server"),
    "memcached": Path("/usr/bin/memcached"),
    "openssl": Path("/usr/bin/openssl"),
}

_POLICY = Path("/usr/sbin/policy-rc.d")


def missing(packages: Mapping[str, Path] = PACKAGES) -> list[str]:
    """Packages whose program is not on this machine."""
    return [name for name, program in packages.items() if not program.exists()]


def ensure_packages(log: Log) -> None:
    """Install what is missing, where that is ours to do."""
    may_install = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if missing() and not may_install:
        raise LabError(f"install these packages first, as root: {' '.join(missing())}")
    # Without the others the lab has no machines, and works.
    if names := [*missing(), *(missing(host.PACKAGES) if may_install else ())]:
        install(names, log)


def install(names: Sequence[str], log: Log) -> None:
    """Install packages, as root, without starting what they hold."""
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
