"""What becomes of an etcd whose member dies, runs out of disk or loses its data: nothing is lost, and it comes back."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.cluster.booted import Booted, Figure
from tests.cluster.writer import Writer, writing

NAMESPACE = "member-faults"
LIMIT = 15
"""Seconds that the API may be away."""

BACK = 240
"""Seconds within which the member is well again, with what is loaded onto two cores beside it."""

FILLING = "/var/lib/etcd/filling"


@pytest.fixture
def victim(booted: Booted) -> str:
    """Return the control plane whose member suffers: that of the leader, which is missed most."""
    status = json.loads(booted.etcdctl("endpoint", "status", "--cluster", "--write-out=json"))
    leader = next(one for one in status if one["Status"]["leader"] == one["Status"]["header"]["member_id"])
    return next(node.name for node in booted.plan.control_plane.nodes if f"//{node.address}:" in leader["Endpoint"])


@contextmanager
def watched(booted: Booted, kib: int = 0) -> Iterator[Writer]:
    """Write while something happens; afterwards nothing that was acknowledged may be missing."""
    with booted.applied({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}):
        with writing(booted.api, NAMESPACE, kib) as writer:
            time.sleep(3)
            yield writer
            time.sleep(3)
        assert writer.missing(booted.get("configmaps", "--namespace", NAMESPACE)) == []
    assert writer.longest_gap < LIMIT
    until(lambda: not booted.kubectl("get", "namespace", NAMESPACE, "--ignore-not-found"), "the namespace gone")


def until(condition: Callable[[], bool], what: str) -> float:
    """Wait for a condition; return the seconds that it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < BACK, f"not within {BACK} s: {what}"
        time.sleep(1)
    return time.monotonic() - began


def all_well(booted: Booted) -> bool:
    """Tell whether every planned member votes and is well."""
    members = json.loads(booted.etcdctl("member", "list", "--write-out=json", check=False) or "{}").get("members", [])
    votes = [member for member in members if not member.get("isLearner")]
    size = len(booted.plan.etcd.members)
    return len(members) == len(votes) == size and booted.healthy_members() == size


def told(writer: Writer) -> str:
    """Return what became of the writes."""
    return f"{writer.longest_gap:.1f} s without service, {len(writer.acknowledged)} writes, none lost"


def test_a_member_that_is_killed_is_back_by_itself(booted: Booted, victim: str, figure: Figure) -> None:
    with watched(booted) as writer:
        booted.on_node(victim, "pkill", "-9", "-x", "etcd")
        took = until(lambda: all_well(booted), "every member well")
    figure(f"kill -9 of etcd's leader: {told(writer)}, the member is back after {took:.0f} s")


def test_a_member_whose_disk_is_full_waits_for_space_and_goes_on(booted: Booted, victim: str, figure: Figure) -> None:
    booted.on_node(victim, "sh", "-c", f"fallocate -l 100G {FILLING} || dd if=/dev/zero of={FILLING} bs=1M || true")
    try:
        with watched(booted, kib=200) as writer:
            until(lambda: booted.healthy_members() < len(booted.plan.etcd.members), "the member without space down")
            time.sleep(5)
    finally:
        booted.on_node(victim, "rm", "-f", FILLING)
    took = until(lambda: all_well(booted), "every member well")
    figure(f"a full disk of etcd's leader: {told(writer)}, the member is back {took:.0f} s after there is space")


def test_a_member_whose_data_is_destroyed_joins_anew(booted: Booted, victim: str, figure: Figure) -> None:
    spoil = "for file in /var/lib/etcd/data/member/snap/db /var/lib/etcd/wal/*.wal; do shred -n 1 $file; done"
    with watched(booted) as writer:
        # It may have noticed by itself, and be gone.
        booted.on_node(victim, "sh", "-c", f"{spoil}; pkill -9 -x etcd || true")
        until(lambda: not all_well(booted), "the member without data noticed")
        took = until(lambda: all_well(booted), "every member well")
    assert "data.broken" in booted.on_node(victim, "ls", "/var/lib/etcd")
    figure(f"destroyed data of etcd's leader: {told(writer)}, the member has joined anew after {took:.0f} s")
