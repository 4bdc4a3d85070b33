"""Becomes the machine: builds it in namespaces of its own, which vanish with it, then runs it.

usage: unshare --mount --net python -m lab.nova_driver.launch STATE OFFSET UUID DESCRIPTOR
What goes wrong is written to the descriptor, which is closed when the machine runs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lab.fabric import links
from lab.nova_driver import cgroups, nspawn
from lab.nova_driver.commands import run
from lab.nova_driver.model import Nic
from lab.nova_driver.places import Home, Places
from lab.nova_driver.processes import Launcher


def main() -> None:
    """Build the machine and become its supervisor."""
    state, offset, uuid, descriptor = sys.argv[1:]
    places = Places(Path(state), int(offset))
    os.set_inheritable(int(descriptor), False)  # noqa: FBT003 (positional only)
    try:
        _become(places, places.home(uuid))
    except Exception as error:  # noqa: BLE001 (whoever started it gets to know all of them)
        os.write(int(descriptor), f"{type(error).__name__}: {error}".encode())
        sys.exit(1)


def _become(places: Places, home: Home) -> None:
    # By itself, as whoever has started it may be gone by now.
    Launcher.of(os.getpid()).write(home.launcher)
    machine = home.read()
    # Before all else that it does, so that what is read from its disk counts as the machine's.
    groups = cgroups.make(machine)
    home.cgroups.write_text("".join(f"{group}\n" for group in groups))
    cgroups.join(groups, os.getpid())
    # Marks that nspawn leaves, and one file there would keep the next start waiting.
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run/systemd")
    home.root.mkdir(exist_ok=True)
    run("mount", "-t", "ext4", "-o", "loop,nobarrier", places.disk(machine.uuid), home.root)
    for nic in machine.nics:
        move_in(links.namespace(places.offset), nic, os.getpid())
    _let_go(home)
    command = nspawn.command(home, machine)
    os.chdir("/")
    os.execve("/bin/sh", ["sh", str(home.shims / "supervise.sh"), *command], nspawn.ENVIRONMENT)  # noqa: S606


def _let_go(home: Home) -> None:
    """Leave out what else is mounted out there: a copy in here would keep anybody from taking it away.

    Disks and pools of this lab and of others, and network namespaces.
    """
    mounts = (line.split()[:3] for line in Path("/proc/self/mounts").read_text().splitlines())
    places = [Path(place) for source, place, kind in mounts if source.startswith("/dev/loop") or kind == "nsfs"]
    others = [place for place in places if not home.root.is_relative_to(place)]
    if others:
        run("umount", "--lazy", *reversed(others))


def move_in(fabric: str, nic: Nic, pid: int) -> None:
    """Bring the free end of a port's cable from the fabric to a machine, as the interface that it is there."""
    end = links.peer(nic.port_id)
    run("ip", "-n", fabric, "link", "set", end, "address", nic.mac, "mtu", str(nic.mtu))
    run("ip", "-n", fabric, "link", "set", end, "netns", str(pid), "name", nic.name)


if __name__ == "__main__":
    main()
