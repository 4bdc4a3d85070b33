"""Drift of a cluster that runs: none where nobody has touched it, else exactly what was, each in its class.

By the command itself: it reaches the nodes through the cluster's API alone.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cecf.plan.names import POOL_LABEL
from tests.cluster.booted import Booted, Figure

SYSCTL = "net.ipv4.tcp_keepalive_time"
"""Of a machine's own network; nothing here waits for as long."""

ADDED = "proof-general-added"


def drift(booted: Booted) -> tuple[int, list[dict[str, str]]]:
    """Return the command's exit code and its findings; everything was read."""
    done = booted.program.command("drift", "--json")
    assert done.returncode in (0, 3), done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["unread"] == []
    return done.returncode, told["findings"]


@contextmanager
def rule_deleted(booted: Booted, name: str) -> Iterator[None]:
    """Have a security rule gone for the time of a block; afterwards the command that mends it has run."""
    cloud = booted.project.connect()
    (rule,) = cloud.network.security_group_rules(description=name, project_id=cloud.current_project_id)
    cloud.network.delete_security_group_rule(rule)
    yield
    done = booted.program.command("up", "--yes", "--refresh")
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def sysctl_changed(booted: Booted, node: str, value: int) -> Iterator[None]:
    """Have a sysctl of a node another value for the time of a block."""
    before = booted.on_node(node, "sysctl", "-n", SYSCTL).strip()
    booted.on_node(node, "sysctl", "-w", f"{SYSCTL}={value}")
    try:
        yield
    finally:
        booted.on_node(node, "sysctl", "-w", f"{SYSCTL}={before}")


@contextmanager
def node_added(booted: Booted) -> Iterator[None]:
    """Have a node beside those of the plan, as an autoscaler's kubelet registers one, for the time of a block."""
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": ADDED, "labels": {POOL_LABEL: "general"}}}
    with booted.applied(node):
        yield
    # Pods of every node are on that one, too, and go a while after it.
    deadline = time.monotonic() + 120
    while any(pod["spec"].get("nodeName") == ADDED for pod in booted.get("pods", "--all-namespaces")["items"]):
        assert time.monotonic() < deadline, f"pods stay on {ADDED}, which is gone"
        time.sleep(2)


def test_a_cluster_that_nobody_has_touched_has_not_drifted(booted: Booted, figure: Figure) -> None:
    began = time.monotonic()
    assert drift(booted) == (0, [])
    figure(f"a look for drift in OpenStack and on {len(booted.plan.nodes)} nodes: {time.monotonic() - began:.0f} s")
    # Nothing of the look stays behind.
    pods = booted.get("pods", "--namespace", "kube-system", "--selector", "cecf.local/command")["items"]
    assert [pod["metadata"]["name"] for pod in pods if "deletionTimestamp" not in pod["metadata"]] == []


def test_a_rule_gone_a_sysctl_changed_and_a_node_added_are_exactly_what_is_found(booted: Booted) -> None:
    worker = booted.plan.worker_pools[0].nodes[-1]
    declared = booted.plan.tuning_of(worker)[f"sysctl.{SYSCTL}"].value
    # Nobody uses it while the test runs: the look asks schedulers on their own nodes.
    rule = next(rule.name for group in booted.plan.security_groups for rule in group.rules if "scheduler" in rule.name)
    with (
        rule_deleted(booted, rule),
        sysctl_changed(booted, worker.name, declared + 1),
        node_added(booted),
    ):
        code, found = drift(booted)
    assert code == 3
    assert [(each["class"], each["where"]) for each in found] == [
        ("harmful", f"SecGroupRule {rule}"),
        ("harmful", worker.name),
        ("elastic", ADDED),
    ]
    assert found[0]["mend"] == f"cecf up --stack {booted.program.stack} --refresh"
    assert found[1]["what"] == f"sysctl.{SYSCTL} is {declared + 1}, not {declared} (/proc/sys)"
    assert found[1]["mend"].startswith(f"on {worker.name}: sysctl -w {SYSCTL}='{declared}'")
    assert drift(booted) == (0, [])
