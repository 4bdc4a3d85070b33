"""Changes to a machine while it runs: volumes and network interfaces that come and go."""

from __future__ import annotations

import array
import contextlib
import fcntl
import os
import stat
from pathlib import Path

from lab.fabric import links
from lab.nova_driver import launch, life, loops, volumes
from lab.nova_driver.model import Nic, Volume
from lab.nova_driver.places import Home, Places

# From linux/fs.h: FS_IOC_SHUTDOWN, and not even the journal is written any more.
_SHUT_DOWN = 0x8004587D
_AT_ONCE = 2


def attach_volume(home: Home, volume: Volume) -> None:
    """Give the machine a volume: at once when it runs, else at its next start."""
    if life.is_running(home):
        dev = _inside(home, "dev")
        numbers = volumes.attach(volume)
        node = dev / volume.device
        node.unlink(missing_ok=True)
        os.mknod(node, stat.S_IFBLK | 0o660, os.makedev(*numbers))
        link = _link(dev, volume)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(f"../../{volume.device}")
    home.write(home.read().with_volume(volume))


def detach_volume(places: Places, home: Home, volume_id: str) -> None:
    """Take a volume away, as a disk that is pulled: a file system that is mounted from it fails from then on."""
    machine = home.read()
    for volume in machine.volumes:
        if volume.id != volume_id:
            continue
        if life.is_running(home):
            _pull(home, volume)
        home.write(machine.without_volume(volume_id))
        life.release_volume(places, home, volume)


def attach_interface(places: Places, home: Home, nic: Nic) -> None:
    """Give the machine a network interface."""
    if life.is_running(home):
        life.plug(places, nic)
        launch.move_in(links.namespace(places.offset), nic, life.first_process(home))
    home.write(home.read().with_nic(nic))


def detach_interface(places: Places, home: Home, port_id: str) -> None:
    """Take a network interface away."""
    life.unplug(places, port_id)
    home.write(home.read().without_nic(port_id))


def mount_points(mounts: str, major: int, minor: int) -> list[str]:
    """Find where a device is mounted, in the text of a mountinfo file."""
    lines = (line.split() for line in mounts.splitlines())
    return [fields[4].replace("\\040", " ") for fields in lines if fields[2] == f"{major}:{minor}"]


def _pull(home: Home, volume: Volume) -> None:
    dev = _inside(home, "dev")
    _link(dev, volume).unlink(missing_ok=True)
    (dev / volume.device).unlink(missing_ok=True)
    first = life.first_process(home)
    for device in loops.devices(Path(volume.path)):
        mounts = Path(f"/proc/{first}/mountinfo").read_text()
        for place in mount_points(mounts, *loops.number(device))[:1]:
            _shut_down(_inside(home, place.lstrip("/")))


def _shut_down(folder: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(handle, _SHUT_DOWN, array.array("I", [_AT_ONCE]))
        finally:
            os.close(handle)


def _link(dev: Path, volume: Volume) -> Path:
    return dev / "disk/by-id" / f"virtio-{volume.serial}"


def _inside(home: Home, path: str) -> Path:
    return Path(f"/proc/{life.first_process(home)}/root") / path
