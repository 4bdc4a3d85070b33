"""Servers take turns: none is replaced before the one before it is a member, or Ready, again."""

from itertools import pairwise
from typing import Any

import pytest

from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import Recording

CHAIN = [*(f"dev-control-plane-{ordinal}" for ordinal in (1, 2, 3)), "dev-general-1", "dev-general-2"]
"""In the order in which they are replaced."""


def test_a_turn_stands_between_each_two_servers_in_their_order(reachable: Recording) -> None:
    # None behind the last worker, for which nobody waits.
    assert [r.name for r in reachable.of("Turn")] == [f"{name}-turn" for name in CHAIN[:-1]]
    for first, second in pairwise(CHAIN):
        turn = reachable.one("Turn", f"{first}-turn")
        one, other = (reachable.one("Instance", f"{name}-server") for name in (first, second))
        assert one.urn in turn.dependencies
        assert turn.urn in other.dependencies
        assert (turn.inputs["server"], turn.inputs["node"]) == (f"{one.name}-id", first)


def test_a_single_control_plane_waits_for_nobody_and_its_workers_for_it(build: Build) -> None:
    made = build("bigdata", clusters.REACHABLE)
    assert [r.name for r in made.of("Turn")] == ["bigdata-control-plane-1-turn"]
    assert waits_for(made, "bigdata-control-plane-1") == set()
    assert waits_for(made, "bigdata-compute-1") == {"bigdata-control-plane-1-turn"}


def test_without_a_way_to_the_api_nobody_could_tell_whose_turn_it_is(dev: Recording) -> None:
    assert dev.of("Turn") == []


def test_no_turn_waits_for_what_comes_after_all_control_planes(reachable: Recording) -> None:
    # Else a new cluster would wait for itself: the API comes after the last server.
    later = {r.urn for r in [*reachable.of("ApiReady"), *reachable.of("NodeReady"), *reachable.of("Addon")]}
    assert [r.name for r in reachable.of("Turn") if later & reachable.all_dependencies(r)] == []


def test_a_turn_ends_with_the_cluster_and_hides_its_secrets(reachable: Recording) -> None:
    (keys,) = reachable.of("ClusterPki")
    assert {r.deleted_with for r in reachable.of("Turn")} == {keys.urn}
    assert {r.secrets for r in reachable.of("Turn")} == {frozenset({"kubeconfig", "token"})}
    assert [r.name for r in reachable.of("Turn") if r.inputs["name"] != r.name] == []


EXTERNAL: dict[str, Any] = {"etcd": {"topology": "external", "events": {"members": 3}}}

SERVERS = [f"dev-etcd-{ordinal}" for ordinal in (1, 2, 3)]
EVENTS = [f"dev-etcd-events-{ordinal}" for ordinal in (1, 2, 3)]


@pytest.fixture(scope="module")
def apart(build: Build) -> Recording:
    """Return dev with servers of etcd's own, and nobody who could ask the API."""
    return build("dev", EXTERNAL)


def waits_for(recording: Recording, name: str) -> set[str]:
    """Return the turns that a server waits for."""
    turns = {r.urn: r.name for r in recording.of("Turn")}
    return {turns[urn] for urn in recording.one("Instance", f"{name}-server").dependencies & turns.keys()}


@pytest.mark.parametrize("servers", [SERVERS, EVENTS])
def test_servers_of_etcd_s_own_take_turns_though_nobody_reaches_the_api(apart: Recording, servers: list[str]) -> None:
    assert [waits_for(apart, name) for name in servers] == [set(), {f"{servers[0]}-turn"}, {f"{servers[1]}-turn"}]
    for name in servers:
        turn = apart.one("Turn", f"{name}-turn")
        assert apart.one("Instance", f"{name}-server").urn in turn.dependencies
        assert (turn.inputs["server"], turn.inputs["node"]) == (f"{name}-server-id", name)


def test_the_control_plane_comes_after_the_last_turns_of_every_etcd(apart: Recording) -> None:
    assert waits_for(apart, "dev-control-plane-1") == {"dev-etcd-3-turn", "dev-etcd-events-3-turn"}
    assert waits_for(apart, "dev-control-plane-2") == set()


def test_control_planes_take_turns_among_themselves_besides(build: Build) -> None:
    made = build("dev", {**clusters.REACHABLE, **EXTERNAL})
    assert waits_for(made, "dev-control-plane-2") == {"dev-control-plane-1-turn"}
    assert waits_for(made, "dev-control-plane-3") == {"dev-control-plane-2-turn"}
    assert waits_for(made, "dev-general-1") == {"dev-control-plane-3-turn"}
    assert waits_for(made, "dev-general-2") == {"dev-general-1-turn"}


def test_a_turn_of_etcd_s_has_nothing_to_hide_and_needs_no_api(apart: Recording) -> None:
    # By the token a turn tells whether a node is to be let in.
    assert {r.secrets for r in apart.of("Turn")} == {frozenset()}
    assert [r.name for r in apart.of("Turn") if {"token", "kubeconfig"} & r.inputs.keys()] == []
    assert [r.name for r in apart.of("Turn") if r.inputs["name"] != r.name] == []


def test_each_member_is_waited_for_once_its_server_has_its_volumes(build: Build) -> None:
    made = build("dev", {"etcd": {"topology": "external", "wal_volume": {}}})
    assert [r.inputs["node"] for r in made.of("MemberReady")] == SERVERS
    for name in SERVERS:
        ready = made.one("MemberReady", f"{name}-ready")
        attached = {r.urn for r in made.of("VolumeAttach") if r.name.startswith(f"{name}-")}
        assert len(attached) == 2
        assert {made.one("Instance", f"{name}-server").urn, *attached} <= ready.dependencies
        assert (ready.inputs["server"], ready.inputs["cloud"]) == (f"{name}-server-id", "dev")
        assert ready.inputs["name"] == ready.name
