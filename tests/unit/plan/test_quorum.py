"""Quorums: no order of steps takes away more members than the others can do without."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecf.plan import ClusterPlan, QuorumPlan, plan_cluster
from cecf.plan.quorum import Quorum
from cecf.plan.standing import NOTHING, Standing
from cecf.problems import REFUSAL
from tests.helpers import clusters

EXTERNAL = {"etcd": {"topology": "external", "members": 3}}


def members(count: int) -> list[str]:
    """Return the names of an etcd's servers."""
    return [f"dev-control-plane-{ordinal}" for ordinal in range(1, count + 1)]


def volumes(names: Iterable[str]) -> frozenset[str]:
    """Return the names of their volumes."""
    return frozenset(f"{name}-etcd" for name in names)


def quorum(count: int, *, missing: Iterable[str] = (), empty: Iterable[str] = (), waits: bool = True) -> Quorum:
    """Return an etcd of which some members are missing and some volumes are empty."""
    names = members(count)
    plan = QuorumPlan(
        name="etcd of dev",
        members={name: volumes([name]) for name in names},
        well=frozenset(names) - frozenset(missing),
        data=volumes(names) - volumes(empty),
        waits=waits,
    )
    return Quorum(plan)


STEPS = st.lists(
    st.tuples(st.sampled_from(["server", "volume", "back"]), st.integers(min_value=1, max_value=5)), max_size=30
)


@given(count=st.sampled_from([3, 5]), steps=STEPS)
def test_never_are_more_away_than_the_others_can_do_without(count: int, steps: list[tuple[str, int]]) -> None:
    etcd = quorum(count)
    for step, ordinal in steps:
        name = f"dev-control-plane-{ordinal}"
        if step == "back":
            etcd.is_back(name)
            continue
        before = etcd.well, etcd.data
        refusal = etcd.server_goes(name) if step == "server" else etcd.volume_goes(f"{name}-etcd")
        assert len(etcd.well) >= etcd.plan.needed
        assert len(etcd.data) >= etcd.plan.needed
        if refusal:
            assert (etcd.well, etcd.data) == before
            assert refusal.startswith(REFUSAL)


@given(count=st.sampled_from([1, 3, 5]), steps=STEPS, missing=st.sets(st.integers(min_value=1, max_value=5)))
def test_data_is_never_lost_whoever_is_missing(count: int, steps: list[tuple[str, int]], missing: set[int]) -> None:
    etcd = quorum(count, missing=[f"dev-control-plane-{ordinal}" for ordinal in missing])
    for step, ordinal in steps:
        name = f"dev-control-plane-{ordinal}"
        if step == "server":
            etcd.server_goes(name)
        elif step == "volume":
            etcd.volume_goes(f"{name}-etcd")
        assert len(etcd.data) >= etcd.plan.needed


@given(count=st.sampled_from([3, 5]), order=st.permutations(range(1, 6)))
def test_members_that_are_back_before_the_next_goes_can_all_be_replaced(count: int, order: list[int]) -> None:
    etcd = quorum(count)
    for ordinal in order:
        name = f"dev-control-plane-{ordinal}"
        assert etcd.volume_goes(f"{name}-etcd") is None
        assert etcd.server_goes(name) is None
        etcd.is_back(name)


def test_the_second_of_three_servers_is_refused_with_step_quorum_reason_and_mend() -> None:
    etcd = quorum(3, waits=False)
    assert etcd.server_goes("dev-control-plane-1") is None
    assert etcd.server_goes("dev-control-plane-2") == (
        "cecf refuses to replace server dev-control-plane-2: etcd of dev has 3 members, 2 needed, 1 would be left; "
        "the same run replaces dev-control-plane-1, and nothing waits until that is well again; "
        "no run can tell where cecf:cluster.control_plane.endpoint.access is none. "
        "Mend: set back what replaces them, or one member after the other, when the last is well: "
        "pulumi up --target '**::dev-control-plane-1-*', and so on"
    )


def test_five_can_do_without_two_volumes_but_not_without_three() -> None:
    etcd = quorum(5)
    answers = [etcd.volume_goes(f"{name}-etcd") for name in members(5)]
    assert answers[:2] == [None, None]
    assert all(answer and "5 members, 3 needed, 2 would be left" in answer for answer in answers[2:])


def test_a_member_that_is_missing_already_leaves_none_to_spare() -> None:
    refusal = quorum(3, missing=["dev-control-plane-3"]).server_goes("dev-control-plane-1")
    assert refusal
    assert "1 would be left; dev-control-plane-3 is not there now. Mend" in refusal


def test_where_too_few_are_there_to_decide_servers_can_go() -> None:
    names = members(3)
    etcd = quorum(3, missing=names[1:])
    assert [etcd.server_goes(name) for name in names] == [None, None, None]


def test_what_is_made_for_the_first_time_is_no_loss() -> None:
    names = members(3)
    etcd = quorum(3, missing=names, empty=names)
    assert [etcd.server_goes(name) for name in names] == [None, None, None]
    assert [etcd.volume_goes(f"{name}-etcd") for name in names] == [None, None, None]


def test_an_only_member_s_server_goes_with_a_word_about_it_and_its_data_never() -> None:
    etcd = quorum(1)
    assert etcd.volume_goes("dev-control-plane-1-etcd") == (
        "cecf refuses to replace volume dev-control-plane-1-etcd: etcd of dev has 1 member, 1 needed, 0 would be left; "
        "nobody else has its data. Mend: set back what replaces it"
    )
    outage = etcd.outage("dev-control-plane-1")
    assert outage
    assert outage.startswith("replace server dev-control-plane-1: it is the only member of etcd of dev")
    assert etcd.server_goes("dev-control-plane-1") is None
    assert etcd.outage("dev-control-plane-1") is None
    assert quorum(3).outage("dev-control-plane-1") is None


def test_a_stranger_is_no_member() -> None:
    etcd = quorum(3)
    assert etcd.server_goes("dev-general-1") is None
    assert etcd.volume_goes("dev-control-plane-1-backup") is None
    etcd.is_back("dev-general-1")
    assert etcd.well == frozenset(members(3))


def with_standing(change: dict[str, object] | None, standing: Standing) -> ClusterPlan:
    """Return dev's plan where some of it is there already."""
    return plan_cluster(clusters.settings("dev", change).cluster, replace(clusters.CATALOG, standing=standing))


def test_a_stacked_etcd_and_its_control_plane_are_one_quorum() -> None:
    (only,) = clusters.plan("dev").quorums
    assert only.name == "etcd of dev"
    assert only.members == {name: volumes([name]) for name in members(3)}
    assert not only.waits
    assert clusters.plan("dev", clusters.REACHABLE).quorums[0].waits


def test_servers_of_etcd_s_own_and_of_events_are_quorums_beside_the_control_plane() -> None:
    change = {"etcd": {"topology": "external", "events": {"members": 3}}}
    plans = {quorum.name: quorum for quorum in clusters.plan("dev", change).quorums}
    assert {name: (next(iter(plan.members)), plan.waits) for name, plan in plans.items()} == {
        "etcd of dev": ("dev-etcd-1", True),
        "etcd-events of dev": ("dev-etcd-events-1", True),
        "control plane of dev": ("dev-control-plane-1", False),
    }


def test_a_log_s_own_volume_is_data_and_a_snapshot_s_is_not() -> None:
    change = {"etcd": {"wal_volume": {}, "backup": {"store": "volume"}}}
    (only,) = clusters.plan("dev", change).quorums
    assert only.members["dev-control-plane-1"] == {"dev-control-plane-1-etcd", "dev-control-plane-1-wal"}


def test_a_new_volume_for_the_log_takes_nothing_away() -> None:
    names = frozenset(members(3))
    standing = Standing(running=names, holding=names, used=volumes(names))
    etcd = Quorum(with_standing({"etcd": {"wal_volume": {}}}, standing).quorums[0])
    assert etcd.data == names
    assert [etcd.volume_goes(f"{name}-wal") for name in members(3)] == [None, None, None]


@pytest.mark.parametrize("there", [1, 2, 3])
def test_the_last_server_without_a_volume_may_be_left_over_while_others_are_missing(there: int) -> None:
    running = frozenset(members(there))
    stacked = with_standing(None, Standing(running=running, holding=frozenset(members(there - 1)))).quorums[0]
    assert stacked.well == frozenset(members(there - 1))
    external = with_standing({"etcd": {"topology": "external"}}, Standing(running=running)).quorums[1]
    assert external.name == "control plane of dev"
    assert external.well == frozenset(members(3 if there == 3 else there - 1))


def test_a_stack_that_is_not_there_has_nothing_to_lose() -> None:
    (only,) = with_standing(None, NOTHING).quorums
    assert (only.well, only.data) == (frozenset(), frozenset())
