"""Nodes: names are identity, zones are dealt evenly, server groups stay within Nova's quota."""

from collections import Counter
from copy import deepcopy

from hypothesis import assume, given
from hypothesis import strategies as st

from cecf.plan import NodePlan, PoolPlan, Role
from tests.helpers.strategies import (
    CLUSTERS,
    POOL_NAMES,
    POOLS,
    ZONES,
    Cluster,
    plan_of,
    with_pool,
    without_pool,
)

CLUSTERS_WITH_POOLS = CLUSTERS.filter(lambda cluster: bool(cluster["worker_pools"]))


def nodes(cluster: Cluster) -> dict[str, NodePlan]:
    """Return the plan of each node by name."""
    return {node.name: node for node in plan_of(cluster).nodes}


def pool(cluster: Cluster, name: str) -> PoolPlan:
    """Return the plan of a worker pool."""
    return next(pool for pool in plan_of(cluster).worker_pools if pool.name == name)


@st.composite
def cluster_and_pool(draw: st.DrawFn) -> tuple[Cluster, str]:
    """Return a cluster and the name of one of its pools."""
    cluster = draw(CLUSTERS_WITH_POOLS)
    return cluster, draw(st.sampled_from(sorted(cluster["worker_pools"])))


@given(CLUSTERS)
def test_the_same_settings_make_an_equal_plan(cluster: Cluster) -> None:
    assert plan_of(cluster) == plan_of(deepcopy(cluster))


@given(CLUSTERS)
def test_the_order_in_which_pools_are_written_decides_nothing(cluster: Cluster) -> None:
    reversed_pools = dict(reversed(cluster["worker_pools"].items()))
    assert plan_of(cluster) == plan_of({**cluster, "worker_pools": reversed_pools})


@given(cluster_and_pool(), st.integers(1, 12))
def test_more_workers_change_no_node_that_was_there(choice: tuple[Cluster, str], more: int) -> None:
    cluster, name = choice
    count = cluster["worker_pools"][name]["count"]
    before, after = nodes(cluster), nodes(with_pool(cluster, name, {"count": count + more}))
    assert len(after) == len(before) + more
    assert before.items() <= after.items()


@given(cluster_and_pool())
def test_fewer_workers_take_the_last_ordinal_away_and_nobody_else(choice: tuple[Cluster, str]) -> None:
    cluster, name = choice
    members = pool(cluster, name).nodes
    assume(members)
    before = nodes(cluster)
    after = nodes(with_pool(cluster, name, {"count": len(members) - 1}))
    assert before.keys() - after.keys() == {max(members, key=lambda node: node.ordinal).name}
    assert after.items() <= before.items()


def one_retired(cluster: Cluster, name: str, data: st.DataObject) -> tuple[tuple[NodePlan, ...], NodePlan, list[int]]:
    """Return a pool's nodes, one of them to retire, and the retired ordinals with it."""
    members = pool(cluster, name).nodes
    assume(members)
    gone = data.draw(st.sampled_from(members))
    return members, gone, [*cluster["worker_pools"][name].get("retired", []), gone.ordinal]


@given(cluster_and_pool(), st.data())
def test_retiring_an_ordinal_takes_that_node_away_and_nobody_else(
    choice: tuple[Cluster, str], data: st.DataObject
) -> None:
    cluster, name = choice
    members, gone, retired = one_retired(cluster, name, data)
    before = nodes(cluster)
    after = nodes(with_pool(cluster, name, {"count": len(members) - 1, "retired": retired}))
    assert after == {name: node for name, node in before.items() if name != gone.name}


@given(cluster_and_pool(), st.data())
def test_retiring_an_ordinal_alone_replaces_the_node_by_a_new_one(
    choice: tuple[Cluster, str], data: st.DataObject
) -> None:
    cluster, name = choice
    members, gone, retired = one_retired(cluster, name, data)
    before, after = nodes(cluster), nodes(with_pool(cluster, name, {"retired": retired}))
    assert before.keys() - after.keys() == {gone.name}
    (new,) = after.keys() - before.keys()
    assert after[new].ordinal > max(node.ordinal for node in members)


@given(CLUSTERS, POOL_NAMES, POOLS)
def test_a_new_pool_changes_no_node_that_was_there(cluster: Cluster, name: str, spec: dict[str, object]) -> None:
    assume(name not in cluster["worker_pools"])
    assert nodes(cluster).items() <= nodes(with_pool(cluster, name, spec)).items()


@given(cluster_and_pool())
def test_a_pool_that_goes_takes_its_own_nodes_only(choice: tuple[Cluster, str]) -> None:
    cluster, name = choice
    before, after = nodes(cluster), nodes(without_pool(cluster, name))
    assert after == {key: node for key, node in before.items() if node.pool != name}


@given(cluster_and_pool())
def test_a_pool_has_as_many_nodes_as_it_says_and_no_retired_one(choice: tuple[Cluster, str]) -> None:
    cluster, name = choice
    spec = cluster["worker_pools"][name]
    ordinals = [node.ordinal for node in pool(cluster, name).nodes]
    assert len(ordinals) == spec["count"]
    assert ordinals == sorted(set(ordinals))
    assert not set(ordinals) & set(spec.get("retired", []))


@given(ZONES, ZONES, st.integers(0, 40), st.sampled_from([1, 3, 5]))
def test_zones_are_dealt_evenly(zones: list[str], own: list[str], count: int, servers: int) -> None:
    pools = {"own": {"count": count, "zones": own}, "inherited": {"count": count}}
    cluster = {"name": "c", "zones": zones, "control_plane": {"count": servers}, "worker_pools": pools}
    for planned, allowed in ((pool(cluster, "own"), own), (pool(cluster, "inherited"), zones)):
        assert uneven(planned, allowed) <= 1
    assert uneven(plan_of(cluster).control_plane, zones) <= 1


def uneven(planned: PoolPlan, zones: list[str]) -> int:
    """Return how many nodes the fullest zone has more than the emptiest."""
    used = Counter(dict.fromkeys(zones, 0))
    used.update(node.zone for node in planned.nodes)
    assert used.keys() == set(zones)
    return max(used.values()) - min(used.values())


@given(CLUSTERS)
def test_no_server_group_has_more_members_than_nova_s_quota(cluster: Cluster) -> None:
    groups = [group for planned in plan_of(cluster).pools for group in planned.groups]
    assert [group.name for group in groups if not 1 <= len(group.nodes) <= 10] == []


@given(CLUSTERS)
def test_every_node_is_in_the_one_group_that_it_names(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    membership = [(node.name, group.name) for planned in plan.pools for group in planned.groups for node in group.nodes]
    assert sorted(membership) == sorted((node.name, node.server_group) for node in plan.nodes)


@given(CLUSTERS)
def test_control_planes_never_share_a_host(cluster: Cluster) -> None:
    (group,) = plan_of(cluster).control_plane.groups
    assert group.policy == "anti-affinity"
    assert len(group.nodes) == cluster["control_plane"]["count"]


@given(cluster_and_pool())
def test_a_pool_s_policy_is_as_hard_as_its_setting(choice: tuple[Cluster, str]) -> None:
    cluster, name = choice
    hard = cluster["worker_pools"][name].get("anti_affinity") == "required"
    policies = {group.policy for group in pool(cluster, name).groups}
    assert policies <= {"anti-affinity" if hard else "soft-anti-affinity"}


@given(CLUSTERS)
def test_a_node_knows_its_role_and_pool(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    assert {(node.role, node.pool) for node in plan.control_plane.nodes} == {(Role.CONTROL_PLANE, "control-plane")}
    for planned in plan.worker_pools:
        assert {(node.role, node.pool) for node in planned.nodes} <= {(Role.WORKER, planned.name)}
