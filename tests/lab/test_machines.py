"""Servers that really boot, asked as their users ask them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openstack
import pytest
from openstack.connection import Connection

from lab.nova_driver import host, life
from lab.openstack.process import Record
from lab.openstack.site import Site
from tests.engine.cloud_project import cloud_project
from tests.lab.machine_room import WITHIN, Room, lab, until

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(host.obstacle()), reason=f"no machines here: {host.obstacle()}"),
]


@pytest.fixture
def room(admin: Connection, clouds_file: Path) -> Iterator[Room]:
    """Make a project with one network; all of it is gone afterwards."""
    with cloud_project(admin, clouds_file) as project:
        cloud = openstack.connect(cloud=project.name)
        network = cloud.network.create_network(name="machines")
        cloud.network.create_subnet(network_id=network.id, name="machines", ip_version=4, cidr="10.99.0.0/24")
        yield Room(cloud, network.id)


@pytest.fixture
def server(room: Room) -> Any:
    """Boot one."""
    booted = room.boot()
    room.has_booted(booted)
    return booted


def test_a_server_boots_with_its_address_and_runs_its_user_data(room: Room, server: Any) -> None:
    """What Neutron and the user have said is what the machine is."""
    port = next(room.cloud.network.ports(device_id=server.id))
    shown = room.inside(server, "ip -brief -4 address show ens3; ip -brief link show ens3; cat /etc/cecf-test")
    assert f"{port.fixed_ips[0]['ip_address']}/24" in shown
    assert port.mac_address in shown
    assert shown.endswith("from user data")
    assert room.inside(server, "hostname") == "machine"
    assert room.inside(server, "cat /sys/class/net/ens3/mtu") == "1450"
    assert room.inside(server, "systemctl list-units --failed --no-legend --plain") == ""
    until(lambda: "cecf-test has run" in room.cloud.compute.get_server_console_output(server.id)["output"])


def test_a_machine_shows_what_is_its_own(room: Room, server: Any) -> None:
    """Its flavor's size, secrets for root alone, and settings that do not reach the computer that it runs on."""
    assert room.inside(server, "grep MemTotal /proc/meminfo").split()[1] == str(2048 * 1024)
    assert room.inside(server, "cat /sys/fs/cgroup/memory/memory.limit_in_bytes") == str(2048 * 2**20)
    assert 18 < int(room.inside(server, "df --output=size --block-size=1G / | tail -1")) <= 20
    seed = "/var/lib/cloud/seed/config_drive"
    assert room.inside(server, f"find {seed} -perm /077") == ""
    assert server.id in room.inside(server, f"cat {seed}/openstack/latest/meta_data.json")
    before = Path("/proc/sys/vm/overcommit_memory").read_text()
    other = "2" if before.strip() != "2" else "1"
    assert room.inside(server, f"sysctl -qw vm.overcommit_memory={other}; sysctl -n vm.overcommit_memory") == other
    assert Path("/proc/sys/vm/overcommit_memory").read_text() == before


def test_stop_and_start_keep_the_disk(room: Room, server: Any) -> None:
    """A server that is switched off takes nothing but its disk."""
    room.inside(server, "echo kept > /root/mark")
    room.cloud.compute.stop_server(server)
    room.wait_for(server, "SHUTOFF")
    assert not life.is_running(room.places.home(server.id))
    room.cloud.compute.start_server(server)
    room.wait_for(server, "ACTIVE")
    assert room.inside(server, "cat /root/mark") == "kept"


def test_a_hard_reboot_begins_anew(room: Room, server: Any) -> None:
    """Nothing that ran goes on."""
    room.inside(server, "touch /run/mark /root/mark")
    before = room.first_process(server)
    room.cloud.compute.reboot_server(server, "HARD")
    room.has_booted(server, besides=before)
    room.wait_for(server, "ACTIVE")
    assert room.inside(server, "ls /run/mark /root/mark 2>/dev/null; true") == "/root/mark"


def test_a_machine_that_dies_is_seen(room: Room, server: Any) -> None:
    """Nova calls it SHUTOFF, and can start it again."""
    assert lab("kill", server.id).returncode == 0
    room.wait_for(server, "SHUTOFF")
    until(lambda: room.cloud.compute.get_server(server.id).task_state is None)
    room.cloud.compute.start_server(server)
    room.wait_for(server, "ACTIVE")
    assert room.inside(server, "cat /etc/cecf-test") == "from user data"


def test_a_volume_comes_goes_and_grows(room: Room, server: Any) -> None:
    """The machine sees what a KVM guest would: a device, a link by its serial, and errors when it is pulled."""
    volumes: Any = room.cloud.block_storage  # version 2 or 3, to the type checker
    volume = volumes.create_volume(name="data", size=1)
    volumes.wait_for_status(volume, "available", failures=["error"], interval=0.3, wait=WITHIN)
    link = f"/dev/disk/by-id/virtio-{volume.id[:20]}"
    room.cloud.compute.create_volume_attachment(server, volume_id=volume.id)
    volumes.wait_for_status(volume, "in-use", failures=["error"], interval=0.3, wait=WITHIN)
    until(lambda: room.inside(server, f"test -b {link} && echo there || true"))
    assert room.inside(server, f"readlink -f {link}") == "/dev/vdb"
    room.inside(server, f"mkfs.ext4 -q {link}; mount {link} /mnt; echo kept > /mnt/mark; sync")
    volumes.extend_volume(volume, 2)
    until(lambda: room.inside(server, f"blockdev --getsize64 {link}") == str(2 * 2**30))
    room.cloud.compute.delete_volume_attachment(server, volume)
    volumes.wait_for_status(volume, "available", failures=["error"], interval=0.3, wait=WITHIN)
    assert room.inside(server, "ls -d /dev/vdb 2>/dev/null; touch /mnt/new 2>/dev/null || echo refused") == "refused"
    room.inside(server, "umount /mnt")
    room.cloud.compute.create_volume_attachment(server, volume_id=volume.id)
    until(lambda: room.inside(server, f"mount {link} /mnt 2>/dev/null && cat /mnt/mark || true") == "kept")
    room.delete(server)
    volumes.wait_for_status(volume, "available", failures=["error"], interval=0.3, wait=WITHIN)
    assert room.traces(server) == []
    volumes.delete_volume(volume)
    until(lambda: not (room.places.volumes / f"{volume.id}.img").exists())


def test_an_interface_comes_and_goes(room: Room, server: Any) -> None:
    """A second port is a second interface, with the port's own address."""
    port = room.cloud.network.create_port(network_id=room.network)
    room.cloud.compute.create_server_interface(server, port_id=port.id)
    until(lambda: port.mac_address in room.inside(server, "cat /sys/class/net/ens4/address 2>/dev/null || true"))
    room.cloud.compute.delete_server_interface(port.id, server=server)
    until(lambda: room.inside(server, "ls /sys/class/net") == "ens3\nlo")


def test_delete_leaves_nothing(room: Room, server: Any) -> None:
    """No process, mount, loop device, cable, control group or file."""
    port = next(room.cloud.network.ports(device_id=server.id))
    assert room.traces(server)
    assert f"tap{port.id[:11]}" in room.taps()
    room.delete(server)
    # The kernel unmounts a dead machine's disk when it comes to it.
    until(lambda: not room.traces(server), within=10)
    assert f"tap{port.id[:11]}" not in room.taps()


def test_a_disk_that_cannot_boot_is_a_fault_in_plain_words(room: Room, admin: Connection) -> None:
    """Not "no valid host", and nothing is left of the attempt."""
    options: dict[str, Any] = {
        "disk_format": "raw",
        "container_format": "bare",
        "visibility": "public",
        "cecf_machine": "nspawn",
    }
    image = admin.image.create_image(name=f"broken-{room.network}", data=b"no file system", **options)
    try:
        server = room.create(image=image.name)
        room.wait_for(server, "ERROR")
        fault = room.cloud.compute.get_server(server.id).fault["message"]
        assert "resize2fs" in fault
        assert "Bad magic number" in fault
        room.delete(server)
        assert room.traces(server) == []
    finally:
        admin.image.delete_image(image.id)


def test_a_server_of_the_tiny_flavor_is_fake(room: Room) -> None:
    """It costs nothing, so that a test may have many."""
    server = room.boot(flavor="m1.tiny")
    assert room.traces(server) == []
    room.delete(server)


@pytest.mark.disturbs_lab
def test_a_machine_outlives_nova_compute(room: Room, server: Any) -> None:
    """A new driver is no reason for a reboot."""
    before = room.first_process(server)
    computes = Record.read(Site.from_environment().record("nova-computes"))
    assert computes
    for process in computes.session():
        process.kill()
    assert lab("up").returncode == 0
    assert room.first_process(server) == before
    lab("kill", server.id)
    room.wait_for(server, "SHUTOFF")
