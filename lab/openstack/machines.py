"""The lab's machines, for the person at the terminal."""

from __future__ import annotations

import os
from typing import NoReturn

from lab.fabric import teardown
from lab.nova_driver import cgroups, host, life, limits, shutdown
from lab.nova_driver.places import Home, Places
from lab.openstack.shell import Log
from lab.openstack.site import Site

_HEADER = f"{'SERVER':<38}{'ID':<10}{'HOST':<12}{'STATE':<9}{'MEMORY':>10}{'OF':>10}\n"
_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}


def places(site: Site) -> Places:
    """Give the machines' folders of a lab."""
    return Places(site.state, site.offset)


def render(site: Site) -> str:
    """Give one line a machine."""
    return _HEADER + "".join(map(_line, places(site).homes()))


def summary(site: Site) -> str:
    """Say in one line how many machines there are, and what they hold in memory."""
    if obstacle := host.obstacle():
        return f"no machines, as {obstacle}: every server is fake\n"
    homes = places(site).homes()
    running = [home for home in homes if life.is_running(home)]
    used = sum(cgroups.memory(home.groups()) for home in running) / 2**20
    return f"machines: {len(running)} of {len(homes)} running, which takes {used:.0f} MiB\n"


def enter(site: Site, name: str, command: list[str]) -> NoReturn:
    """Become a command in a machine."""
    home = places(site).find(name)
    first = life.first_process(home)
    cgroups.join(home.groups(), os.getpid())
    inside = [
        "nsenter",
        "--target",
        str(first),
        "--mount",
        "--uts",
        "--ipc",
        "--net",
        "--pid",
        "--cgroup",
        "--root",
        "--wd",
    ]
    os.execve("/usr/bin/nsenter", [*inside, "--", *command], _ENVIRONMENT | {"TERM": os.environ.get("TERM", "dumb")})  # noqa: S606


def kill(site: Site, name: str) -> None:
    """Cut a machine's power."""
    life.crash(places(site).find(name))


def end(site: Site, log: Log) -> None:
    """Cut the power of all machines, and remove their networks."""
    if not host.obstacle():
        shutdown.end_all(places(site))
        _remove_networks(site, log)
        limits.put_back(places(site))


def remove(site: Site, log: Log) -> None:
    """End all machines and delete them, with their disks and networks."""
    if not host.obstacle():
        shutdown.remove_all(places(site))
        _remove_networks(site, log)
        limits.put_back(places(site))


def _remove_networks(site: Site, log: Log) -> None:
    for problem in teardown.down(site.offset):
        log(problem)


def _line(home: Home) -> str:
    machine = home.read()
    state = "paused" if cgroups.is_frozen(home.groups()) else "running" if life.is_running(home) else "off"
    used = f"{cgroups.memory(home.groups()) / 2**20:.0f} MiB"
    return f"{machine.name:<38}{home.uuid[:8]:<10}{machine.host:<12}{state:<9}{used:>10}{machine.memory_mib:>6} MiB\n"
