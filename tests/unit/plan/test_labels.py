"""Labels, taints and the endpoint's access: decided by the settings alone, and never by how many there are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecf.plan import Role, TaintPlan
from tests.helpers import clusters
from tests.helpers.strategies import CLUSTERS, Cluster, plan_of, with_pool

CONTROL_PLANE = TaintPlan(key="node-role.kubernetes.io/control-plane", value="", effect="NoSchedule")


@given(CLUSTERS)
def test_every_node_says_its_zone_and_its_pool(cluster: Cluster) -> None:
    for node in plan_of(cluster).nodes:
        known = {"topology.kubernetes.io/zone": node.zone, "cecf.local/pool": node.pool}
        # Servers that run nothing but etcd are none of Kubernetes'.
        assert known.items() <= node.labels.items() if node.role is not Role.ETCD else node.labels == {}


LABELS = st.dictionaries(st.sampled_from(["tier", "example.org/tier", "disk"]), st.sampled_from(["", "a", "b"]))


@given(CLUSTERS, LABELS)
def test_a_pool_s_labels_are_on_its_nodes_and_on_no_other(cluster: Cluster, labels: dict[str, str]) -> None:
    changed = with_pool(cluster, "labelled", {"count": 2, "labels": labels})
    own = {"topology.kubernetes.io/zone", "cecf.local/pool"}
    for node in plan_of(changed).nodes:
        others = {key: value for key, value in node.labels.items() if key not in own}
        assert others == changed["worker_pools"].get(node.pool, {}).get("labels", {})


@given(CLUSTERS)
def test_a_pool_s_taints_are_on_its_nodes_and_on_no_other(cluster: Cluster) -> None:
    taint = {"key": "example.org/this", "value": "x", "effect": "NoExecute"}
    plan = plan_of(with_pool(cluster, "tainted", {"count": 2, "taints": [taint]}))
    tainted = {node.name for node in plan.nodes if TaintPlan(**taint) in node.taints}
    assert tainted == {node.name for node in plan.nodes if node.pool == "tainted"}


@pytest.mark.parametrize(("workloads", "taints"), [(True, ()), (False, (CONTROL_PLANE,))])
@pytest.mark.parametrize("workers", [0, 1, 5])
def test_whether_workloads_run_on_the_control_plane_is_said_and_not_counted(
    *, workloads: bool, taints: tuple[TaintPlan, ...], workers: int
) -> None:
    change = {"control_plane": {"workloads": workloads}, "worker_pools": {"general": {"count": workers}}}
    assert {node.taints for node in clusters.plan("dev", change).control_plane.nodes} == {taints}


@pytest.mark.parametrize("business", ["dev", "finance", "bigdata", "smartcity"])
def test_in_every_business_there_is_a_node_that_workloads_may_run_on(business: str) -> None:
    assert [node.name for node in clusters.plan(business).nodes if not node.taints]


ACCESS = [
    pytest.param("dev", {"access": "none"}, ("none", None), id="none"),
    pytest.param("dev", {"access": "internal"}, ("internal", None), id="a route"),
    pytest.param("dev", {"access": "floating_ip"}, ("floating_ip", "public"), id="the router's network"),
    pytest.param(
        "dev", {"access": "floating_ip", "external_network": "other"}, ("floating_ip", "other"), id="another network"
    ),
    pytest.param("dev", {"access": "none", "external_network": "other"}, ("none", None), id="nothing to be from"),
    pytest.param(
        "smartcity", {"access": "floating_ip", "external_network": "other"}, ("floating_ip", "other"), id="existing"
    ),
]


@pytest.mark.parametrize(("business", "endpoint", "planned"), ACCESS)
def test_a_floating_ip_is_planned_only_where_it_is_wanted(
    business: str, endpoint: dict[str, Any], planned: tuple[str, str | None]
) -> None:
    change = {"control_plane": {"endpoint": {"allowed_cidrs": ["192.0.2.0/24"], **endpoint}}}
    found = clusters.plan(business, change).endpoint
    assert (found.access, found.external_network) == planned


def test_the_endpoint_is_written_as_each_reader_wants_it() -> None:
    found = clusters.plan("dev").endpoint
    assert (found.host_port, found.url) == ("10.10.0.5:8443", "https://10.10.0.5:8443")


def test_what_is_settled_for_the_whole_cluster_is_in_the_plan() -> None:
    change = {
        "image_repository": "registry.example/k8s",
        "boot_timeout_minutes": 7,
        "addons": {"coredns": {"replicas": 3}},
    }
    plan = clusters.plan("dev", change)
    assert (plan.image_repository, plan.boot_timeout_minutes) == ("registry.example/k8s", 7)
    assert plan.addons.coredns.replicas == 3
