"""The table that says how the lab is."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable

import psutil

from lab.openstack.health import Health
from lab.openstack.process import Record
from lab.openstack.site import Site

_HEADER = f"{'SERVICE':<18}{'PID':>8}{'UPTIME':>10}{'MEMORY':>10}  HEALTH\n"


def render(site: Site, found: Iterable[Health]) -> str:
    """Give one line a service, and the memory of all."""
    lines = []
    total = 0
    for item in found:
        memory = _memory(site, item)
        total += memory
        pid = str(item.process.pid) if item.process else "-"
        lines.append(f"{item.service:<18}{pid:>8}{_uptime(item):>10}{_mib(memory):>10}  {item.fault or 'ok'}\n")
    return _HEADER + "".join(lines) + f"{'all':<36}{_mib(total):>10}\n"


def _uptime(item: Health) -> str:
    if not item.process:
        return "-"
    seconds = int(time.time() - item.process.create_time())
    return str(dt.timedelta(seconds=max(seconds, 0)))


def _memory(site: Site, item: Health) -> int:
    """Proportional share: what forked processes have in common counts once."""
    record = Record.read(site.record(item.service))
    return sum(map(_share, record.session())) if record and item.process else 0


def _share(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def _mib(size: int) -> str:
    return f"{size / 2**20:.0f} MiB"
