"""A change that replaces every control plane: one after the other, while the cluster goes on.

The last of these tests: the cluster is another one afterwards than `booted` says.
"""

from typing import Any

from tests.cluster.booted import Booted, Figure
from tests.cluster.writer import writing
from tests.helpers import clusters

FLAG = "max-requests-inflight"
WANTED = 450

CHANGE: dict[str, Any] = {
    "control_plane": {"workloads": True},
    "tuning": {"values": {"kube-apiserver": {FLAG: WANTED}}},
}
"""One that each server has by itself, and one that it would find otherwise in the cluster which it joins."""

NAMESPACE = "replacement"
LIMIT = 15
"""Seconds that the API may be away, each time."""


def test_control_planes_are_replaced_in_turns_and_no_write_is_lost(booted: Booted, figure: Figure) -> None:
    planned = [node.name for node in booted.plan.control_plane.nodes]
    before = booted.project.servers()
    booted.program.configure(clusters.changed(booted.program.configured(), CHANGE))
    with booted.applied({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}):
        with writing(booted.api, NAMESPACE) as writer:
            booted.program.up()
        missing = writer.missing(booted.get("configmaps", "--namespace", NAMESPACE))
    figure(
        f"{len(planned)} control planes replaced: at most {writer.longest_gap:.1f} s without service, "
        f"{len(writer.acknowledged)} writes acknowledged, {len(missing)} lost, {writer.failures} refused"
    )
    after = booted.project.servers()
    assert {name for name in after if after[name].id != before[name].id} == set(planned)
    assert missing == []
    assert writer.longest_gap < LIMIT
    assert booted.healthy_members() == len(planned)
    nodes = {node["metadata"]["name"]: node for node in booted.get("nodes")["items"]}
    assert nodes.keys() == after.keys()
    for name in planned:
        assert "taints" not in nodes[name]["spec"]
        assert booted.flags("kube-apiserver", name)[FLAG] == str(WANTED)
