"""Names: valid wherever they are used, and never the same twice."""

import re
from collections import Counter
from ipaddress import IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from cecf.plan import ClusterPlan, CreatedNetworkPlan, names
from tests.helpers.strategies import CLUSTERS, Cluster, plan_of

DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


def twice(values: list[str]) -> list[str]:
    """Return what occurs more than once."""
    return [value for value, times in Counter(values).items() if times > 1]


def physical(plan: ClusterPlan) -> dict[str, list[str]]:
    """Return the names in the cloud, by kind of object."""
    named = {
        "server": [node.name for node in plan.nodes],
        "port": [plan.endpoint.name, *(node.name for node in plan.nodes)],
        "volume": [volume.name for node in plan.nodes for volume in node.volumes],
        "server group": [group.name for pool in plan.pools for group in pool.groups],
        "security group": [group.name for group in plan.security_groups],
        "rule": [rule.name for group in plan.security_groups for rule in group.rules],
    }
    if isinstance(plan.network, CreatedNetworkPlan):
        named["network"] = [plan.network.network, plan.network.subnet, plan.network.router]
    return named


@given(CLUSTERS)
def test_every_host_name_is_a_dns_label(cluster: Cluster) -> None:
    assert [node.name for node in plan_of(cluster).nodes if not DNS_LABEL.fullmatch(node.name)] == []


@given(CLUSTERS)
def test_no_two_objects_of_a_kind_have_one_name(cluster: Cluster) -> None:
    assert {kind: twice(values) for kind, values in physical(plan_of(cluster)).items() if twice(values)} == {}


@given(CLUSTERS)
def test_every_name_begins_with_the_cluster_s_and_fits_into_openstack(cluster: Cluster) -> None:
    every = [name for values in physical(plan_of(cluster)).values() for name in values]
    assert [name for name in every if not name.startswith(f"{cluster['name']}-") or len(name) > 255] == []


@given(st.from_regex(r"[a-z0-9-]{1,24}", fullmatch=True), st.integers(1, 10**12))
def test_the_longest_pool_and_ordinal_still_make_a_host_name(pool: str, ordinal: int) -> None:
    assert len(names.node("c" * 24, pool, ordinal)) <= 63


def test_names_are_what_they_were_when_clusters_were_made_with_them() -> None:
    assert names.owner_tag("dev") == "cecf-stack:dev"
    assert names.node("dev", "general", 2) == "dev-general-2"
    assert names.server_group("dev", "general", 1) == "dev-general-spread-1"
    assert names.part("dev", "router") == "dev-router"
    assert names.rule("dev-worker", "kubelet", "control-plane") == "dev-worker-kubelet-from-control-plane"
    assert names.rule("g", "p", IPv4Network("192.0.2.0/24")) == "g-p-from-192.0.2.0-24"
