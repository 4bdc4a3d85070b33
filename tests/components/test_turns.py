"""Control planes take turns: none is replaced before the one before it is a member again."""

from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import Recording

TURNS = [f"dev-control-plane-{ordinal}-turn" for ordinal in (1, 2)]


def test_a_turn_stands_between_each_two_control_planes(reachable: Recording) -> None:
    assert [r.name for r in reachable.of("Turn")] == TURNS
    for ordinal in (1, 2):
        turn = reachable.one("Turn", f"dev-control-plane-{ordinal}-turn")
        one, other = (reachable.one("Instance", f"dev-control-plane-{o}-server") for o in (ordinal, ordinal + 1))
        assert one.urn in turn.dependencies
        assert turn.urn in other.dependencies
        assert (turn.inputs["server"], turn.inputs["node"]) == (f"{one.name}-id", f"dev-control-plane-{ordinal}")


def test_workers_take_no_turns(reachable: Recording) -> None:
    turns = {r.urn for r in reachable.of("Turn")}
    workers = [r for r in reachable.of("Instance") if "general" in r.name]
    assert [r.name for r in workers if turns & r.dependencies] == []


def test_a_single_control_plane_waits_for_nobody(build: Build) -> None:
    assert build("bigdata", clusters.REACHABLE).of("Turn") == []


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
