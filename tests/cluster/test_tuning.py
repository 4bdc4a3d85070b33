"""Every tuned value of every component is what runs, asked of the component itself or of the kernel."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from cecf.kubernetes.running import examine
from cecf.plan import ClusterPlan
from cecf.tuning.catalogue.services import RUNTIME_SLICE
from cecf.tuning.drift import Drift, Outcome, Same, drifts, unread
from cecf.tuning.kinds import Boolean, Duration, Integer, Number, Quantity, Threshold, Words
from cecf.tuning.tuned import Tuned, Tuning
from tests.cluster.booted import Booted, Figure

SYSCTL = "net.ipv4.tcp_keepalive_time"
"""Of a machine's own network; nothing here waits for as long."""


def examined(booted: Booted) -> list[Outcome]:
    """Compare everything."""
    return examine(booted.plan, booted.api, booted.on_node)


def otherwise(plan: ClusterPlan) -> ClusterPlan:
    """Return the plan with another value of every setting."""

    def changed(tuning: Tuning) -> Tuning:
        return {name: replace(tuned, value=other(tuned)) for name, tuned in tuning.items()}

    tuning = plan.tuning
    pools = {name: changed(values) for name, values in tuning.pools.items()}
    made = replace(tuning, cluster=changed(tuning.cluster), control_plane=changed(tuning.control_plane), pools=pools)
    return replace(plan, tuning=made)


def other(tuned: Tuned) -> Any:
    """Return another value than the declared one; no component has to take it."""
    match tuned.kind:
        case Integer() | Number():
            return tuned.value + 1
        case Duration():
            return "7m7s"
        case Quantity() | Threshold():
            return "7Mi"
        case Boolean():
            return not tuned.value
        case Words():
            return [*tuned.value, "ip_vs"]
    return f"{tuned.value} 7"


@contextmanager
def changed(booted: Booted, node: str, name: str, value: object) -> Iterator[None]:
    """Have a sysctl of a node another value for the time of a block."""
    before = booted.on_node(node, "sysctl", "-n", name).strip()
    booted.on_node(node, "sysctl", "-w", f"{name}={value}")
    try:
        yield
    finally:
        booted.on_node(node, "sysctl", "-w", f"{name}={before}")


def test_everything_that_is_declared_runs(booted: Booted, figure: Figure) -> None:
    began = time.monotonic()
    outcomes = examined(booted)
    took = time.monotonic() - began
    assert (drifts(outcomes), unread(outcomes)) == ([], [])
    declared = {(node.name, name) for node in booted.plan.nodes for name in booted.plan.declared_on(node)}
    assert {(each.node, each.id) for each in outcomes if isinstance(each, Same)} == declared
    sources = Counter(each.source for each in outcomes)
    figure(
        f"{len(declared)} declared values of {len({name for _, name in declared})} settings on "
        f"{len(booted.plan.nodes)} nodes compared in {len(outcomes)} places with what runs, in {took:.0f} s: "
        f"{', '.join(f'{source} {count}' for source, count in sources.most_common())}"
    )


def test_no_value_is_the_same_by_chance(booted: Booted) -> None:
    # Declared otherwise, each has drifted: a comparison that cannot fail would show here.
    outcomes = examine(otherwise(booted.plan), booted.api, booted.on_node)
    assert [each for each in outcomes if not isinstance(each, Drift)] == []


def test_one_value_that_somebody_changes_is_the_one_that_has_drifted(booted: Booted) -> None:
    worker = booted.plan.worker_pools[0].nodes[-1]
    declared = booted.plan.tuning_of(worker)[f"sysctl.{SYSCTL}"]
    with changed(booted, worker.name, SYSCTL, declared.value + 1):
        outcomes = examined(booted)
    (found,) = drifts(outcomes)
    assert (found.node, found.scope, found.id) == (worker.name, "node", declared.id)
    assert (found.declared, found.running, found.drift) == (declared.value, str(declared.value + 1), "harmful")
    assert unread(outcomes) == []
    assert drifts(examined(booted)) == []


def test_the_runtime_has_its_share_of_the_cpu_beside_the_pods(booted: Booted) -> None:
    # Weights are compared between neighbours only.
    worker = booted.plan.worker_pools[0].nodes[0].name
    for unit in ("kubelet.service", "containerd.service"):
        group = booted.on_node(worker, "systemctl", "show", "--value", "--property=ControlGroup", unit)
        assert group.strip() == f"/{RUNTIME_SLICE}/{unit}"
