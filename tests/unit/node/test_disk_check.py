"""The write test: 99 of 100 writes count, and a disk that is too slow is told, refused or not looked at."""

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.helpers import clusters
from tests.helpers.node_program import Machine, load_program, machine

WRITES = 500
BOUND = 100
"""Milliseconds: dev's."""


@pytest.fixture(autouse=True)
def disk(first: Machine) -> None:
    """Have the first server's volume mounted."""
    first.path("/var/lib/etcd").mkdir()


def syncing(node: Machine, took: Callable[[int], float]) -> list[int]:
    """Have the disk take so many ms for each write, by its number; return the sizes of the writes."""
    sizes: list[int] = []

    def write(descriptor: int, data: bytes) -> int:
        sizes.append(len(data))
        return os.write(descriptor, data)

    def sync(_descriptor: int) -> None:
        node.clock.sleep(took(len(sizes)) / 1000)

    node.program.disks.os = SimpleNamespace(**{**vars(os), "write": write, "fdatasync": sync})
    return sizes


def check(node: Machine, **settings: object) -> None:
    """Take the step, with other settings than dev's."""
    node.program.disks.check({**node.facts, "etcd": {**node.facts["etcd"], **settings}})


@pytest.mark.parametrize(("slow", "verdict"), [(0, "within"), (5, "within"), (6, "OVER"), (500, "OVER")])
def test_of_a_hundred_writes_one_may_be_slow(first: Machine, slow: int, verdict: str) -> None:
    sizes = syncing(first, lambda number: 250 if number <= slow else 2)
    check(first)
    (said,) = first.said("disk-check")
    assert f"{verdict} the bound of {BOUND} ms" in said
    assert sizes == [2300] * WRITES


def test_what_was_measured_is_told(first: Machine) -> None:
    syncing(first, lambda number: number / 10)
    check(first)
    assert first.said("disk-check") == ["99 of 100 writes are on the disk after 49.5 ms, within the bound of 100 ms"]


def test_a_slow_disk_ends_the_boot_where_that_is_asked_for(first: Machine) -> None:
    syncing(first, lambda _: 7)
    with pytest.raises(first.program.tools.GivenUpError, match=r"7\.0 ms, OVER the bound of 5 ms: .*disk_check"):
        check(first, disk_check="fail", fsync_p99_ms=5)
    check(first, disk_check="fail", fsync_p99_ms=8)


def test_a_test_that_is_off_is_none(first: Machine) -> None:
    assert syncing(first, lambda _: 900) == []
    check(first, disk_check="off")
    assert (first.said("disk-check"), first.clock.slept) == ([], [])


def test_it_is_the_disk_of_the_log_that_is_measured_and_nothing_is_left_on_it(tmp_path: Path) -> None:
    plan = clusters.plan("dev", {"etcd": {"wal_volume": {}}})
    node = machine(tmp_path, plan.nodes[0], plan=plan)
    wal = node.path("/var/lib/etcd-wal")
    wal.mkdir(parents=True)
    seen: set[str] = set()

    def look(_: int) -> float:
        seen.update(file.name for file in wal.iterdir())
        return 1

    syncing(node, look)
    check(node)
    assert len(seen) == 1
    assert list(wal.iterdir()) == []


def test_a_disk_that_fails_is_told_and_nothing_is_left_on_it(first: Machine) -> None:
    def fail(_: int) -> float:
        raise OSError("Input/output error")

    syncing(first, fail)
    with pytest.raises(OSError, match="Input/output error"):
        check(first)
    assert list(first.path("/var/lib/etcd").iterdir()) == []


def test_a_real_disk_takes_a_while(tmp_path: Path) -> None:
    program: Any = load_program()
    folder = tmp_path / "disk"
    folder.mkdir()
    assert 0 < program.disks.fsync_p99_ms(folder) < 60_000
    assert list(folder.iterdir()) == []


PROFILES = {"latency": 5, "throughput": 10, "edge": 50, "dev": 100, "huge": 5}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_profile_says_what_is_slow_unless_a_person_does(profile: str) -> None:
    etcd = {"volume": {"size_gib": 20}}
    tuning = {"profile": profile}
    assert clusters.plan("dev", {"tuning": tuning, "etcd": etcd}).etcd.fsync_p99_ms == PROFILES[profile]
    own = {**etcd, "disk_check": {"fsync_p99_ms": 33}}
    assert clusters.plan("dev", {"tuning": tuning, "etcd": own}).etcd.fsync_p99_ms == 33


def test_what_a_person_says_of_the_test_reaches_the_node(tmp_path: Path) -> None:
    plan = clusters.plan("dev", {"etcd": {"disk_check": {"action": "fail", "fsync_p99_ms": 3}}})
    told = machine(tmp_path, plan.nodes[0], plan=plan).facts["etcd"]
    assert (told["disk_check"], told["fsync_p99_ms"]) == ("fail", 3)
