"""A rollout: what replaces all servers takes away only so many at a time, and asks their pods to leave first."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError, KubernetesApi
from cecf.kubernetes.waiting import NotReadyError, Wait
from cecf_components import member_ready, node_ready, turn
from cecf_components.member_ready import _MemberProvider
from cecf_components.node_ready import _NodeProvider
from cecf_components.turn import _TurnProvider
from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import Recording

MEMBER: Mapping[str, Any] = {
    "name": "dev-etcd-1-ready",
    "cloud": "dev",
    "node": "dev-etcd-1",
    "server": "s1",
    "timeout_minutes": 7,
}
NODE: Mapping[str, Any] = {
    "name": "dev-general-1-ready",
    "cloud": "dev",
    "node": "dev-general-1",
    "server": "s2",
    "kubeconfig": "the kubeconfig",
    "token": "abcdef.0123456789abcdef",
    "timeout_minutes": 7,
    "drain_minutes": 5,
}


@pytest.fixture
def boots(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Return what is waited for on consoles: cloud, node, server, minutes."""
    log: list[tuple[Any, ...]] = []

    def note(cloud: object, node: str, server: str, wait: Wait) -> None:
        log.append((cloud, node, server, wait.minutes))

    monkeypatch.setattr(member_ready, "connect", lambda cloud: f"connection to {cloud}")
    monkeypatch.setattr(member_ready, "wait_for_boot", note)
    return log


def test_a_member_is_waited_for_when_it_is_made_and_when_its_server_is_another(boots: list[tuple[Any, ...]]) -> None:
    made = _MemberProvider().create(dict(MEMBER))
    assert (made.id, made.outs) == ("dev-etcd-1", MEMBER)
    new = {**MEMBER, "server": "s9"}
    answer = _MemberProvider().diff("dev-etcd-1", dict(MEMBER), new)
    # In place: there is nothing to take away before.
    assert (answer.changes, answer.replaces or []) == (True, [])
    assert _MemberProvider().update("dev-etcd-1", dict(MEMBER), new).outs == new
    assert boots == [("connection to dev", "dev-etcd-1", server, 7) for server in ("s1", "s9")]


@pytest.mark.parametrize("change", [{}, {"timeout_minutes": 9}, {"cloud": "other"}])
def test_a_member_whose_server_stays_is_not_waited_for(change: Mapping[str, Any]) -> None:
    assert _MemberProvider().diff("dev-etcd-1", dict(MEMBER), {**MEMBER, **change}).changes is False


def test_a_member_that_does_not_come_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_ready, "connect", lambda _: None)
    monkeypatch.setattr(member_ready, "wait_for_boot", _raising(NotReadyError("stuck at step etcd")))
    for provider in (_MemberProvider(), _TurnProvider()):
        with pytest.raises(NotReadyError, match="stuck at step etcd"):
            provider.update("dev-etcd-1", dict(MEMBER), {**MEMBER, "server": "s9"})


def test_the_turn_after_a_server_that_kubernetes_does_not_know_comes_when_its_console_says_so(
    boots: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "let_in", lambda _: pytest.fail("it has no token"))
    new = {**MEMBER, "server": "s9"}
    assert _TurnProvider().update("dev-etcd-1", dict(MEMBER), new).outs == new
    assert boots == [("connection to dev", "dev-etcd-1", "s9", 7)]


def test_the_turn_after_a_node_comes_when_it_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[str] = []
    monkeypatch.setattr(turn, "let_in", lambda props: waited.append(props["server"]))
    monkeypatch.setattr(turn, "booted", lambda _: pytest.fail("Kubernetes knows it"))
    _TurnProvider().update("dev-general-1", dict(NODE), {**NODE, "server": "s9"})
    assert waited == ["s9"]


def test_the_state_names_the_member_s_provider_by_a_place_that_must_not_move() -> None:
    assert (
        f"{_MemberProvider.__module__}.{_MemberProvider.__qualname__}" == "cecf_components.member_ready._MemberProvider"
    )


@pytest.fixture
def going(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Return what Kubernetes is asked for when a node goes, in order."""
    log: list[tuple[Any, ...]] = []

    def drain(api: KubernetesApi, node: str, wait: Wait) -> list[str]:
        assert api == KubernetesApi("the kubeconfig")
        log.append(("drain", node, wait.minutes))
        return []

    monkeypatch.setattr(node_ready, "drain", drain)
    monkeypatch.setattr(node_ready, "forget_node", lambda _api, node, _wait: log.append(("forget", node)))
    return log


def test_a_node_that_goes_is_drained_before_it_is_forgotten(going: list[tuple[Any, ...]]) -> None:
    _NodeProvider().delete("dev-general-1", dict(NODE))
    assert going == [("drain", "dev-general-1", 5), ("forget", "dev-general-1")]


def test_a_state_from_before_there_was_any_draining_waits_for_none(going: list[tuple[Any, ...]]) -> None:
    _NodeProvider().delete("dev-general-1", {key: value for key, value in NODE.items() if key != "drain_minutes"})
    assert going == [("drain", "dev-general-1", 0), ("forget", "dev-general-1")]


def test_pods_that_stay_are_told_and_keep_no_server(
    going: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(node_ready, "drain", lambda *_: ["default/a", "default/b"])
    _NodeProvider().delete("dev-general-1", dict(NODE))
    assert capsys.readouterr().out == "dev-general-1-ready: 2 pods did not leave within 5 min: default/a ...\n"
    assert going == [("forget", "dev-general-1")]


@pytest.mark.parametrize("error", [ApiUnreachableError("no API at x"), ApiRefusedError(500, "two budgets for a pod")])
def test_a_node_that_cannot_be_drained_is_forgotten_all_the_same(
    going: list[tuple[Any, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
) -> None:
    monkeypatch.setattr(node_ready, "drain", _raising(error))
    _NodeProvider().delete("dev-general-1", dict(NODE))
    assert capsys.readouterr().out == f"dev-general-1-ready: its pods were not asked to leave: {error}\n"
    assert going == [("forget", "dev-general-1")]


@pytest.mark.parametrize("change", [{"drain_minutes": 9}, {"timeout_minutes": 9}])
def test_another_time_to_wait_changes_nothing_by_itself(change: Mapping[str, Any]) -> None:
    assert _NodeProvider().diff("dev-general-1", dict(NODE), {**NODE, **change}).changes is False


def _raising(error: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


def waits(made: Recording, server: str) -> set[str]:
    """Return the turns that a server waits for by itself."""
    turns = {r.urn: r.name for r in made.of("Turn")}
    return {turns[urn] for urn in made.one("Instance", f"{server}-server").dependencies if urn in turns}


def workers(count: int, at_once: int) -> dict[str, Any]:
    """Return a change to dev: where its API is reached, and how many workers go at a time."""
    return {**clusters.REACHABLE, "worker_pools": {"general": {"count": count, "at_once": at_once}}}


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_only_so_many_workers_are_away_at_a_time(build: Build, at_once: int) -> None:
    made = build("dev", workers(5, at_once))
    for ordinal in range(1, 6):
        before = ordinal - at_once
        own = {turn for turn in waits(made, f"dev-general-{ordinal}") if "general" in turn}
        assert own == ({f"dev-general-{before}-turn"} if before >= 1 else set())


def test_no_worker_s_turn_is_made_that_nobody_waits_for(build: Build) -> None:
    made = build("dev", workers(5, 2))
    turns = {r.name for r in made.of("Turn") if "general" in r.name}
    waited = set().union(*(waits(made, f"dev-general-{ordinal}") for ordinal in range(1, 6)))
    assert turns == {turn for turn in waited if "general" in turn} == {f"dev-general-{n}-turn" for n in (1, 2, 3)}


def test_a_pool_that_goes_all_at_once_takes_no_turns(build: Build) -> None:
    made = build("dev", workers(3, 3))
    assert [r.name for r in made.of("Turn") if "general" in r.name] == []


def test_each_ten_workers_have_turns_of_their_own(build: Build) -> None:
    made = build("dev", workers(12, 1))
    own = {n: {turn for turn in waits(made, f"dev-general-{n}") if "general" in turn} for n in (9, 10, 11, 12)}
    assert own[9] == {"dev-general-8-turn"}
    assert [n for n, turns in own.items() if not turns] == [group_begins(made, 12)]


def group_begins(made: Recording, count: int) -> int:
    """Return the ordinal of the first server of the second server group."""
    groups = {n: made.one("Instance", f"dev-general-{n}-server").inputs["schedulerHints"] for n in range(1, count + 1)}
    return min(n for n, hints in groups.items() if hints != groups[1])


def test_workers_come_after_the_last_control_plane(reachable: Recording) -> None:
    # A kubelet must never be newer than the API server that it speaks to.
    assert waits(reachable, "dev-general-1") == {"dev-control-plane-3-turn"}
    third = reachable.one("Turn", "dev-control-plane-3-turn")
    assert reachable.one("Instance", "dev-control-plane-3-server").urn in third.dependencies


def test_every_pool_comes_after_the_control_plane_and_none_after_another(build: Build) -> None:
    made = build("dev", {**clusters.REACHABLE, "worker_pools": {"batch": {"count": 2}, "general": {"count": 2}}})
    assert waits(made, "dev-batch-1") == waits(made, "dev-general-1") == {"dev-control-plane-3-turn"}
    assert waits(made, "dev-batch-2") == {"dev-batch-1-turn"}


EXTERNAL = {**clusters.REACHABLE, "etcd": {"topology": "external", "events": {}}}


def test_etcd_s_servers_take_turns_and_the_control_plane_comes_after_their_last(build: Build) -> None:
    made = build("dev", EXTERNAL)
    for pool in ("etcd", "etcd-events"):
        expected = [set(), {f"dev-{pool}-1-turn"}, {f"dev-{pool}-2-turn"}]
        assert [waits(made, f"dev-{pool}-{ordinal}") for ordinal in (1, 2, 3)] == expected
    assert waits(made, "dev-control-plane-1") == {"dev-etcd-3-turn", "dev-etcd-events-3-turn"}
    assert waits(made, "dev-control-plane-2") == {"dev-control-plane-1-turn"}


def test_a_turn_of_etcd_s_servers_has_no_secret_and_every_member_is_waited_for(build: Build) -> None:
    made = build("dev", EXTERNAL)
    names = [f"dev-{pool}-{ordinal}" for pool in ("etcd", "etcd-events") for ordinal in (1, 2, 3)]
    for name in names:
        for kind, resource in (("Turn", f"{name}-turn"), ("MemberReady", f"{name}-ready")):
            seen = made.one(kind, resource)
            assert (seen.inputs["server"], seen.inputs["node"]) == (f"{name}-server-id", name)
            assert (seen.inputs["name"], seen.secrets) == (resource, frozenset())
            assert "token" not in seen.inputs
    assert len(made.of("MemberReady")) == len(names)


def test_what_kubernetes_knows_is_not_waited_for_on_its_console(reachable: Recording) -> None:
    assert reachable.of("MemberReady") == []


def test_without_a_way_to_the_api_etcd_s_servers_take_turns_all_the_same(build: Build) -> None:
    made = build("dev", {"etcd": {"topology": "external"}})
    assert {r.name for r in made.of("Turn")} == {f"dev-etcd-{ordinal}-turn" for ordinal in (1, 2, 3)}
    assert waits(made, "dev-control-plane-1") == {"dev-etcd-3-turn"}


def test_a_node_is_told_how_long_its_pods_have_to_leave(build: Build) -> None:
    made = build("dev", {**clusters.REACHABLE, "drain_timeout_minutes": 13})
    assert {r.inputs["drain_minutes"] for r in made.of("NodeReady")} == {13}
