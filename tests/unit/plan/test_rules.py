"""The port matrix: everything that is not written in it is closed."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from cecf.plan import ClusterPlan, Role, RulePlan
from cecf.settings.control_plane import SERVER_PORTS
from tests.helpers import clusters
from tests.helpers.strategies import CLUSTERS, Cluster, plan_of

CIDRS = st.lists(
    st.builds(lambda second, prefix: f"198.{second}.0.0/{prefix}", st.integers(0, 255), st.integers(16, 32)),
    unique=True,
    min_size=1,
    max_size=4,
)

Opening = tuple[Role, str, int | None, int | None, str]
"""To whom, protocol, ports, from whom."""


def openings(plan: ClusterPlan) -> set[Opening]:
    """Return every way in."""
    return {(role, rule.protocol, rule.port_min, rule.port_max, str(rule.remote)) for role, rule in ingress(plan)}


def ingress(plan: ClusterPlan) -> Iterator[tuple[Role, RulePlan]]:
    """Yield every rule that lets somebody in, and to whom."""
    for group in plan.security_groups:
        for rule in group.rules:
            if rule.direction == "ingress":
                yield group.role, rule


def opened(plan: ClusterPlan, port: int, protocol: str = "tcp") -> set[tuple[Role, str]]:
    """Return who may reach a port, and on whom."""
    return {
        (role, str(rule.remote))
        for role, rule in ingress(plan)
        if rule.protocol in (protocol, "") and (rule.port_min or 0) <= port <= (rule.port_max or 65535)
    }


C, E, W = Role.CONTROL_PLANE, Role.ETCD, Role.WORKER


def test_the_matrix_is_exactly_this_one() -> None:
    assert openings(clusters.plan("dev")) == {
        (C, "tcp", 8443, 8443, "control-plane"),
        (C, "tcp", 8443, 8443, "worker"),
        (C, "tcp", 6443, 6443, "control-plane"),
        (C, "tcp", 6443, 6443, "worker"),
        (C, "tcp", 2379, 2380, "control-plane"),
        (C, "tcp", 10257, 10259, "control-plane"),
        (C, "vrrp", None, None, "control-plane"),
        (C, "tcp", 10250, 10250, "control-plane"),
        (C, "udp", 4789, 4789, "control-plane"),
        (C, "udp", 4789, 4789, "worker"),
        (W, "tcp", 10250, 10250, "control-plane"),
        (W, "udp", 4789, 4789, "control-plane"),
        (W, "udp", 4789, 4789, "worker"),
    }


@given(CLUSTERS)
def test_etcd_is_reached_from_api_servers_and_from_its_own_members_only(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    stacked = {(C, "control-plane")} if plan.etcd.members == plan.control_plane.nodes else set()
    members = {(E, "etcd")} if plan.etcd_pools else set()
    clients = {(E, "control-plane")} if plan.etcd_pools else set()
    assert opened(plan, 2379) == stacked | members | clients
    assert opened(plan, 2380) == stacked | members


def test_servers_of_etcd_s_own_let_in_nobody_else() -> None:
    plan = clusters.plan("dev", {"etcd": {"topology": "external"}})
    stacked = openings(clusters.plan("dev"))
    own = {(E, "tcp", 2379, 2379, "control-plane"), (E, "tcp", 2379, 2380, "etcd")}
    assert openings(plan) == stacked - {(C, "tcp", 2379, 2380, "control-plane")} | own


@given(CLUSTERS)
def test_by_default_nobody_outside_the_cluster_is_let_in(cluster: Cluster) -> None:
    assert [rule.name for _, rule in ingress(plan_of(cluster)) if not isinstance(rule.remote, Role)] == []


@given(CIDRS)
def test_ranges_from_outside_reach_the_endpoint_and_nothing_else(cidrs: list[str]) -> None:
    plan = clusters.plan("dev", {"control_plane": {"endpoint": {"port": 9443, "allowed_cidrs": cidrs}}})
    outside = {opening for opening in openings(plan) if opening[-1] not in set(Role)}
    assert outside == {(C, "tcp", 9443, 9443, cidr) for cidr in cidrs}


@given(CIDRS)
def test_ranges_from_outside_change_no_other_rule(cidrs: list[str]) -> None:
    closed = clusters.plan("dev")
    opened_up = clusters.plan("dev", {"control_plane": {"endpoint": {"allowed_cidrs": cidrs}}})
    rules = [{rule for group in plan.security_groups for rule in group.rules} for plan in (closed, opened_up)]
    assert rules[0] <= rules[1]
    assert len(rules[1] - rules[0]) == len(cidrs)


@given(CIDRS)
def test_every_rule_s_name_is_its_own(cidrs: list[str]) -> None:
    plan = clusters.plan("dev", {"control_plane": {"endpoint": {"allowed_cidrs": cidrs}}})
    names = [rule.name for group in plan.security_groups for rule in group.rules]
    assert len(names) == len(set(names))


@given(CLUSTERS)
def test_each_role_has_one_group_and_one_way_out(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    groups = plan.security_groups
    assert [group.role for group in groups] == [role for role in Role if role is not E or plan.etcd_pools]
    for group in groups:
        out = [(rule.protocol, rule.remote) for rule in group.rules if rule.direction == "egress"]
        assert out == [("", IPv4Network("0.0.0.0/0"))]


@given(CLUSTERS)
def test_a_port_range_is_whole_or_absent(cluster: Cluster) -> None:
    for _, rule in ingress(plan_of(cluster)):
        assert (rule.port_min is None) == (rule.port_max is None)
        assert (rule.port_min or 1) <= (rule.port_max or 65535)


@given(st.integers(1, 65535).filter(lambda port: port not in SERVER_PORTS))
def test_the_endpoint_is_open_on_the_port_that_the_settings_name(port: int) -> None:
    plan = clusters.plan("dev", {"control_plane": {"endpoint": {"port": port}}})
    assert opened(plan, port) == {(C, "control-plane"), (C, "worker")}
