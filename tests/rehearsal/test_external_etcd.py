"""etcd on servers of its own, and another one for Events."""

import time
from pathlib import Path
from typing import Any

from tests.cluster.booted import Booted, Figure, on_machine
from tests.cluster.booting import booting
from tests.cluster.writer import writing
from tests.helpers import clusters

CLUSTER: dict[str, Any] = {
    "name": "external",
    "network": {"nodes": {"kind": "create", "cidr": "10.78.0.0/24"}},
    "control_plane": {
        "count": 3,
        "flavor": "m1.medium",
        "endpoint": {"access": "floating_ip", "allowed_cidrs": ["198.18.0.0/20"]},
    },
    "etcd": {"topology": "external", "flavor": "m1.medium", "wal_volume": {}, "events": {"members": 1}},
    "worker_pools": {"general": {"count": 1}},
}
NAMESPACE = "external"
LIMIT = 20
"""Seconds that the API may be away while all members are replaced."""


def keys(booted: Booted, node: str) -> list[str]:
    """Return the first part of every key in the etcd that a node is a member of."""
    paths = ["--cacert=/etc/cecf/etcd/ca.crt", "--cert=/etc/cecf/etcd/peer.crt", "--key=/etc/cecf/etcd/peer.key"]
    server = booted.server_id(node)
    said = on_machine(server, "etcdctl", *paths, "get", "/registry/", "--prefix", "--keys-only")
    return [line.split("/")[2] for line in said.splitlines() if line]


def test_objects_land_in_the_right_etcd_and_members_are_replaced_without_a_loss(tmp_path: Path, figure: Figure) -> None:
    with booting(CLUSTER, tmp_path) as booted:
        events = keys(booted, "external-etcd-events-1")
        data = keys(booted, "external-etcd-1")
        assert set(events) == {"events"}
        assert "events" not in data
        assert {"pods", "secrets", "configmaps"} <= set(data)
        figure(
            f"{len(events)} Events in their own etcd and {len(data)} other objects in the other, none in the wrong one"
        )

        before = booted.project.servers()
        booted.program.configure(clusters.changed(CLUSTER, {"etcd": {"flavor": "m1.large"}}))
        with booted.applied({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}):
            with writing(booted.api, NAMESPACE) as writer:
                began = time.monotonic()
                booted.program.up()
                took = time.monotonic() - began
            missing = writer.missing(booted.get("configmaps", "--namespace", NAMESPACE))
        after = booted.project.servers()
        members = {node.name for node in booted.plan.etcd.members}
        assert {name for name in after if after[name].id != before[name].id} == members
        assert missing == []
        assert writer.longest_gap < LIMIT
        figure(
            f"{len(members)} members replaced by ones of another flavor in {took:.0f} s: at most "
            f"{writer.longest_gap:.1f} s without service, {len(writer.acknowledged)} writes, none lost"
        )
        assert not booted.program.up().changed
