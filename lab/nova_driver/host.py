"""Whether machines can be on this computer at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PACKAGES = {
    "systemd-container": Path("/usr/bin/systemd-nspawn"),
    "xfsprogs": Path("/usr/sbin/mkfs.xfs"),
    "e2fsprogs": Path("/usr/sbin/resize2fs"),
    "iproute2": Path("/usr/sbin/ip"),
    "nftables": Path("/usr/sbin/nft"),
    "procps": Path("/usr/sbin/sysctl"),
    "util-linux": Path("/usr/bin/nsenter"),
}
"""Debian's packages that machines need, each with the program that shows that it is installed."""

_FILE_SYSTEMS = ("ext4", "xfs")


def obstacle() -> str:
    """Say what stands against machines here; nothing when they can be."""
    if os.geteuid() != 0:
        return "they need root"
    if missing := [program for program in PACKAGES.values() if not shutil.which(program)]:
        return f"{missing[0]} is missing"
    if not Path("/dev/loop-control").exists():
        return "the kernel offers no loop devices"
    known = Path("/proc/filesystems").read_text().split()
    if absent := [name for name in _FILE_SYSTEMS if name not in known]:
        return f"the kernel does not know {absent[0]}"
    return ""
