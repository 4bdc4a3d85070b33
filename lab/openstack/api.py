"""What tests and tools of this project need of the lab."""

from __future__ import annotations

import sys
from pathlib import Path

from lab.openstack import health, lifecycle, seeds
from lab.openstack.shell import Log
from lab.openstack.site import Site


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"lab: {line}\n")


def ensure_up(log: Log = _to_stderr) -> Path:
    """Bring the lab of this machine up, as `python -m lab up` does, and return its clouds.yaml."""
    site = Site.from_environment()
    lifecycle.up(site, log)
    return site.clouds


def clouds_file() -> Path:
    """Path of the lab's clouds.yaml, whether it is up or not."""
    return Site.from_environment().clouds


def is_up() -> bool:
    """Tell whether every service of the lab is well."""
    site = Site.from_environment()
    if not site.clouds.exists():
        return False
    return not any(item.fault for item in health.examine(site, seeds.secrets(site)))
