"""What Debian has to give this machine for making the node image."""

from __future__ import annotations

import shutil
from pathlib import Path

from lab.openstack.packages import install, missing
from lab.openstack.shell import LabError, Log

# Package, and a file that shows that it is installed.
PACKAGES = {
    "debootstrap": Path("/usr/sbin/debootstrap"),
    "debian-archive-keyring": Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    "e2fsprogs": Path("/usr/sbin/resize2fs"),
    "util-linux": Path("/usr/bin/setpriv"),
}


def ensure_packages(log: Log) -> None:
    """Install what is missing; the caller is root."""
    names = missing(PACKAGES)
    if names and not shutil.which("apt-get"):
        raise LabError(f"The node image needs Debian's packages {' '.join(names)}: install them first.")
    if names:
        install(names, log)
