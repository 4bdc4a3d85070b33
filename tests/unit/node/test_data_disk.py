"""The disk of etcd's data: made once, mounted always, and never made anew over what somebody has written."""

import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from tests.helpers import clusters
from tests.helpers.node_program import Machine, machine

VOLUME = clusters.FACTS.volumes["/var/lib/etcd"]
LINK = f"/dev/disk/by-id/virtio-{VOLUME[:20]}"

BLANK = (2, "", "")
"""How `blkid` ends on a disk on which it finds nothing."""

real_tools = pytest.mark.skipif(
    not (Path("/usr/sbin/blkid").exists() and shutil.which("mkfs.ext4")), reason="there is no blkid or no mkfs.ext4"
)


@pytest.fixture
def disk(first: Machine) -> Path:
    """Attach a disk to the first server."""
    return first.put(LINK, "\0" * 4096)


def mounts(node: Machine) -> list[tuple[str, ...]]:
    """Return what was mounted."""
    return node.commands.of("mount")


def formats(node: Machine) -> list[tuple[str, ...]]:
    """Return which file systems were made."""
    return [words for words in node.commands.log if words[0].startswith("mkfs")]


def test_a_node_without_a_volume_has_nothing_to_mount(worker: Machine) -> None:
    worker.program.disks.mount(worker.facts)
    assert (worker.commands.log, worker.clock.slept) == ([], [])


def test_each_volume_is_mounted_at_its_own_place(tmp_path: Path) -> None:
    plan = clusters.plan("dev", {"etcd": {"wal_volume": {}}})
    node = machine(tmp_path, plan.nodes[0], plan=plan)
    assert node.facts["volumes"].keys() == {"/var/lib/etcd", "/var/lib/etcd-wal"}
    # Ids as Cinder makes them: they differ from their beginning on.
    volumes = {"/var/lib/etcd": str(uuid4()), "/var/lib/etcd-wal": str(uuid4())}
    links = {place: f"/dev/disk/by-id/virtio-{volume[:20]}" for place, volume in volumes.items()}
    for link in links.values():
        node.put(link, "\0" * 4096)
    node.commands.end("/usr/sbin/blkid", then=BLANK)
    node.program.disks.mount({**node.facts, "volumes": volumes})
    assert len(formats(node)) == 2
    assert mounts(node) == [
        ("mount", "-o", "noatime", str(node.path(link)), str(node.path(place))) for place, link in links.items()
    ]


def test_a_blank_disk_gets_a_file_system_and_is_mounted(first: Machine, disk: Path) -> None:
    first.commands.end("/usr/sbin/blkid", then=BLANK)
    first.program.disks.mount(first.facts)
    data = first.path("/var/lib/etcd")
    assert formats(first) == [("mkfs.ext4", "-q", "-L", "cecf-etcd", str(disk))]
    assert mounts(first) == [("mount", "-o", "noatime", str(disk), str(data))]
    assert data.stat().st_mode & 0o777 == 0o700
    assert first.said("data-disk") == ["making a file system on a blank volume"]


ANSWERS = [
    pytest.param((0, '/dev/vdb: LABEL="cecf-etcd" TYPE="ext4"\n', ""), id="a file system"),
    pytest.param((0, '/dev/vdb: PTTYPE="gpt"\n', ""), id="partitions"),
    pytest.param((8, "", "blkid: ambivalent result (probably more filesystems)\n"), id="more than one"),
    pytest.param((2, "", "blkid: error: /dev/vdb: Input/output error\n"), id="it cannot be read"),
    pytest.param((2, "something", ""), id="a word that is not understood"),
    pytest.param((4, "", ""), id="a wrong use of the command"),
    pytest.param((-9, "", ""), id="the command was killed"),
]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.usefixtures("disk")
def test_a_disk_that_is_not_blank_beyond_doubt_is_never_formatted(first: Machine, answer: tuple[int, str, str]) -> None:
    first.commands.end("/usr/sbin/blkid", then=answer)
    first.program.disks.mount(first.facts)
    assert formats(first) == []
    assert len(mounts(first)) == 1


def test_a_disk_that_cannot_be_read_is_not_even_looked_at(first: Machine) -> None:
    # `blkid` finds nothing on a disk whose reads fail, and says so as of a blank one.
    first.path(LINK).mkdir()
    first.commands.end("/usr/sbin/blkid", then=BLANK)
    with pytest.raises(OSError, match=VOLUME[:20]):
        first.program.disks.mount(first.facts)
    assert formats(first) == mounts(first) == []


def test_without_blkid_nothing_is_formatted(first: Machine, disk: Path) -> None:
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError("/usr/sbin/blkid")

    first.program.disks.subprocess.run = missing
    with pytest.raises(OSError, match="blkid"):
        first.program.disks.mount(first.facts)
    assert disk.read_bytes() == bytes(4096)


@pytest.mark.usefixtures("disk")
def test_what_is_mounted_stays_as_it_is(first: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_mount", lambda _: True)
    first.program.disks.mount(first.facts)
    assert first.commands.log == []


def test_a_disk_that_is_not_there_yet_is_waited_for_and_named(first: Machine) -> None:
    first.commands.end("/usr/sbin/blkid", then=BLANK)

    def attach(now: float) -> None:
        if now > 40:
            first.put(LINK, "x")

    first.clock.later = attach
    first.program.disks.mount(first.facts)
    assert first.said("data-disk")[0] == f"waiting for volume {VOLUME} to be attached"
    assert len(mounts(first)) == 1


def test_the_disk_is_found_by_its_own_volume_s_id_and_no_other_s(first: Machine) -> None:
    first.put("/dev/disk/by-id/virtio-00000000-0000-0000-0", "another's")
    first.put("/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_" + VOLUME[:20], "this one")
    first.commands.end("/usr/sbin/blkid", then=(0, "ext4", ""))
    first.program.disks.mount(first.facts)
    ((_, _, _, device, _),) = mounts(first)
    assert device.endswith(f"QEMU_HARDDISK_{VOLUME[:20]}")


def test_a_disk_that_says_all_of_its_volume_s_id_is_found_too(first: Machine) -> None:
    first.put(f"/dev/disk/by-id/virtio-{VOLUME}", "all of it")
    first.put(f"/dev/disk/by-id/virtio-{VOLUME}-part1", "a part of it")
    first.commands.end("/usr/sbin/blkid", then=(0, "ext4", ""))
    first.program.disks.mount(first.facts)
    ((_, _, _, device, _),) = mounts(first)
    assert device.endswith(VOLUME)


def test_a_volume_that_has_grown_is_used_whole(first: Machine, disk: Path) -> None:
    first.commands.end("/usr/sbin/blkid", then=(0, "ext4", ""))
    first.program.disks.mount(first.facts)
    assert first.commands.log[-1] == ("resize2fs", str(disk))


@pytest.mark.usefixtures("disk")
def test_a_mount_that_fails_is_told(first: Machine) -> None:
    first.commands.end("/usr/sbin/blkid", then=(0, "ext4", ""))
    first.commands.end("mount", then=(32, "", "mount: wrong fs type, bad superblock\n"))
    with pytest.raises(first.program.tools.NotYetError, match="bad superblock"):
        first.program.disks.mount(first.facts)


def with_real_tools(node: Machine) -> None:
    """Have the program really look at disks and make file systems; nothing is mounted."""

    def run(command: list[str] | tuple[str, ...], **options: Any) -> Any:
        node.commands.log.append(tuple(command))
        done = SimpleNamespace(returncode=0, stdout="", stderr="")
        return done if command[0] == "mount" else subprocess.run(command, **options)  # noqa: PLW1510

    for module in (node.program.disks, node.program.tools):
        module.subprocess.run = run


def mark(disk: Path) -> str:
    """Return what tells one file system from another."""
    done = subprocess.run(
        ["/usr/sbin/blkid", "-p", "-o", "value", "-s", "UUID", disk], capture_output=True, check=False
    )
    return done.stdout.decode()


@real_tools
def test_a_real_blank_disk_is_formatted_once(first: Machine, disk: Path) -> None:
    with_real_tools(first)
    with disk.open("r+b") as file:
        file.truncate(16 << 20)
    first.program.disks.mount(first.facts)
    made = mark(disk)
    first.program.disks.mount(first.facts)
    assert made
    assert mark(disk) == made
    assert (len(formats(first)), len(mounts(first))) == (1, 2)


@real_tools
@pytest.mark.parametrize("whose", ["somebody's encrypted data", "another file system"])
def test_a_real_disk_with_somebody_s_data_stays_as_it_is(first: Machine, disk: Path, whose: str) -> None:
    with_real_tools(first)
    with disk.open("r+b") as file:
        file.truncate(16 << 20)
        if whose == "somebody's encrypted data":
            file.write(b"LUKS\xba\xbe\x00\x01")
    if whose == "another file system":
        subprocess.run(["mkfs.ext4", "-q", "-L", "theirs", disk], check=True)
    before = disk.read_bytes()
    first.program.disks.mount(first.facts)
    assert formats(first) == []
    after = disk.read_bytes()
    # Between them is ext4's superblock, in which resize2fs notes the time.
    assert (after[:1024], after[2048:]) == (before[:1024], before[2048:])
