"""The endpoint in its three forms: who answers, who is let in, and what cannot be changed later."""

from collections.abc import Mapping
from typing import Any

import pytest

from cecf.plan import ClusterPlan, LoadBalancerPlan, Role
from cecf.tuning.model import Component
from tests.helpers import clusters

OFFICE = "192.0.2.0/24"

BALANCED: Mapping[str, Any] = {"kind": "load_balancer", "port": 6443, "allowed_cidrs": [OFFICE]}
OUTSIDE: Mapping[str, Any] = {
    "kind": "external",
    "address": "api.example.org",
    "port": 443,
    "allowed_cidrs": [OFFICE],
}


def planned(business: str = "dev", **endpoint: Any) -> ClusterPlan:
    """Return the plan of a business's cluster with changes to the endpoint."""
    return clusters.plan(business, {"control_plane": {"endpoint": endpoint}})


def balancer(plan: ClusterPlan) -> LoadBalancerPlan:
    """Return the plan of the load balancer."""
    assert plan.endpoint.load_balancer
    return plan.endpoint.load_balancer


def ways_in(plan: ClusterPlan) -> set[tuple[str, int | None, str]]:
    """Return purpose, port and source of what control planes let in besides what every kind has."""
    usual = {rule.name for group in planned().security_groups for rule in group.rules}
    (group,) = [group for group in plan.security_groups if group.role is Role.CONTROL_PLANE]
    return {(r.name, r.port_min, str(r.remote)) for r in group.rules if r.name not in usual}


def purposes(plan: ClusterPlan) -> set[str]:
    """Return what control planes are reached for."""
    (group,) = [group for group in plan.security_groups if group.role is Role.CONTROL_PLANE]
    names = {rule.name.removeprefix(f"{group.name}-") for rule in group.rules if rule.direction == "ingress"}
    return {name.rsplit("-from-", 1)[0] for name in names}


def test_octavia_s_load_balancer_has_the_address_that_the_control_planes_would_have() -> None:
    assert planned(**BALANCED).endpoint.address == planned().endpoint.address
    assert planned(**BALANCED).endpoint.url == "https://10.10.0.5:6443"


def test_its_members_are_the_control_planes_at_their_fixed_addresses() -> None:
    plan = planned(**BALANCED)
    assert [(m.name, m.address, m.port) for m in balancer(plan).members] == [
        (node.name, node.address, 6443) for node in plan.control_plane.nodes
    ]


def test_nobody_but_the_nodes_network_may_connect_unless_it_is_said() -> None:
    assert [str(c) for c in balancer(planned(kind="load_balancer")).allowed_cidrs] == ["10.10.0.0/24"]
    assert [str(c) for c in balancer(planned(**BALANCED)).allowed_cidrs] == ["10.10.0.0/24", OFFICE]


def test_the_nodes_network_is_named_once_though_a_person_names_it_too() -> None:
    plan = planned(kind="load_balancer", allowed_cidrs=["10.10.0.0/24"])
    assert [str(c) for c in balancer(plan).allowed_cidrs] == ["10.10.0.0/24"]


def test_an_open_watch_may_be_silent_for_a_quarter_of_an_hour() -> None:
    assert balancer(planned(**BALANCED)).silence_ms == 15 * 60 * 1000


def test_readyz_is_asked_for_and_an_answer_is_awaited_for_less_time_than_lies_between_two_questions() -> None:
    monitor = balancer(planned(**BALANCED)).monitor
    assert (monitor.type, monitor.url_path) == ("HTTPS", "/readyz")
    assert monitor.timeout < monitor.delay
    tcp = balancer(planned(kind="load_balancer", load_balancer={"health_monitor": "TCP"})).monitor
    assert tcp.url_path is None


def test_ovn_is_told_neither_ranges_nor_times_since_it_knows_none() -> None:
    plan = planned(**{**BALANCED, "load_balancer": {"provider": "ovn"}})
    found = balancer(plan)
    assert (found.allowed_cidrs, found.silence_ms, found.connect_ms) == ((), None, None)
    # It keeps the clients' addresses, so the nodes' own rules see them.
    assert ways_in(plan) == {
        ("dev-control-plane-load-balancer-from-10.10.0.0-24", 6443, "10.10.0.0/24"),
        ("dev-control-plane-load-balancer-from-192.0.2.0-24", 6443, OFFICE),
    }


def test_control_planes_let_octavia_in_from_the_nodes_network_and_nobody_from_outside() -> None:
    assert ways_in(planned(**BALANCED)) == {("dev-control-plane-load-balancer-from-10.10.0.0-24", 6443, "10.10.0.0/24")}


def test_control_planes_let_in_who_leads_to_them_from_somebody_else_s_endpoint() -> None:
    assert ways_in(planned(**OUTSIDE)) == {("dev-control-plane-external-endpoint-from-192.0.2.0-24", 6443, OFFICE)}
    assert ways_in(planned(kind="external", address="192.0.2.10")) == set()


@pytest.mark.parametrize("endpoint", [BALANCED, OUTSIDE])
def test_vrrp_and_the_endpoint_s_port_are_for_servers_that_answer_themselves(endpoint: Mapping[str, Any]) -> None:
    assert {"endpoint", "endpoint-election"} <= purposes(planned())
    assert not {"endpoint", "endpoint-election"} & purposes(planned(**endpoint))


@pytest.mark.parametrize("endpoint", [BALANCED, OUTSIDE])
def test_no_rule_s_name_is_there_twice(endpoint: Mapping[str, Any]) -> None:
    names = [rule.name for group in planned(**endpoint).security_groups for rule in group.rules]
    assert len(names) == len(set(names))


def test_somebody_else_s_endpoint_is_what_the_settings_say() -> None:
    found = planned(**OUTSIDE).endpoint
    assert (found.url, found.load_balancer, found.on_nodes) == ("https://api.example.org:443", None, False)


def test_neither_kind_nor_address_can_be_changed_on_a_running_cluster() -> None:
    paths = ("control_plane.endpoint.kind", "control_plane.endpoint.address")
    births = [planned(**endpoint).birth for endpoint in ({}, BALANCED, OUTSIDE)]
    assert [[birth.get(path) for path in paths] for birth in births] == [
        ["virtual_address", None],
        ["load_balancer", None],
        ["external", "api.example.org"],
    ]


def test_haproxy_s_values_are_declared_where_it_runs() -> None:
    def tells_of_haproxy(plan: ClusterPlan) -> list[str]:
        return [
            node.name
            for node in plan.nodes
            if Component.HAPROXY in {tuned.component for tuned in plan.declared_on(node).values()}
        ]

    assert tells_of_haproxy(planned()) == [f"dev-control-plane-{ordinal}" for ordinal in (1, 2, 3)]
    assert tells_of_haproxy(planned(**BALANCED)) == tells_of_haproxy(planned(**OUTSIDE)) == []
