"""Keys, the API, nodes and members of etcd as resources: what is done when one is new, changed, unchanged, or goes."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cecf.kubernetes import nodes
from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError, KubernetesApi
from cecf.kubernetes.waiting import Joiner, NotReadyError, Wait
from cecf.pki.keys import Pki
from cecf_components import api_ready, member_ready, node_ready
from cecf_components.api_ready import _ApiProvider
from cecf_components.cluster_pki import _PkiProvider
from cecf_components.member_ready import _MemberProvider
from cecf_components.node_ready import _NodeProvider
from cecf_components.turn import _TurnProvider
from tests.helpers import clusters

KUBECONFIG = "the kubeconfig"

KEYS: Mapping[str, Any] = {
    "cluster": "dev",
    "birth": {"network.pod_cidr": "10.244.0.0/16"},
    "authority": {"generation": 1, "trust": [1]},
    "authority_life_days": 3650,
    "pki": None,
}
API: Mapping[str, Any] = {
    "name": "dev-api-ready",
    "cloud": "dev",
    "url": "https://198.18.0.10:8443",
    "kubeconfig": KUBECONFIG,
    "servers": {"dev-control-plane-1": "s1"},
    "timeout_minutes": 7,
}
NODE: Mapping[str, Any] = {
    "name": "dev-general-1-ready",
    "cloud": "dev",
    "node": "dev-general-1",
    "server": "s2",
    "kubeconfig": KUBECONFIG,
    "token": "abcdef.0123456789abcdef",
    "timeout_minutes": 7,
}
MEMBER: Mapping[str, Any] = {
    "name": "dev-etcd-1-ready",
    "cloud": "dev",
    "node": "dev-etcd-1",
    "server": "s3",
    "timeout_minutes": 7,
}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Return what is waited for, each time that something is."""
    log: list[tuple[Any, ...]] = []

    def note(module: Any, function: str) -> None:
        monkeypatch.setattr(module, "connect", lambda cloud: f"connection to {cloud}")
        monkeypatch.setattr(module, function, lambda *args: log.append(args))

    note(api_ready, "wait_for_api")
    note(node_ready, "wait_for_node")
    note(member_ready, "wait_for_boot")
    return log


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the nodes that Kubernetes is told to forget."""
    names: list[str] = []
    monkeypatch.setattr(nodes, "forget", lambda _api, name: names.append(name))
    return names


def test_keys_are_made_once_and_never_anew() -> None:
    made = _PkiProvider().create(dict(KEYS))
    assert made.outs is not None
    assert made.id == "dev"
    assert Pki.from_data(made.outs["pki"]).kubernetes.certificate.startswith("-----BEGIN CERTIFICATE-----")
    assert _PkiProvider().diff("dev", made.outs, dict(KEYS)).changes is False


def test_a_cluster_that_changes_keeps_its_keys() -> None:
    made = _PkiProvider().create(dict(KEYS)).outs
    assert made is not None
    news = {**KEYS, "birth": {**KEYS["birth"], "something.new": "1"}}
    answer = _PkiProvider().diff("dev", made, news)
    assert (answer.changes, answer.replaces or []) == (True, [])
    assert _PkiProvider().update("dev", made, news).outs == {**made, **news, "pki": made["pki"]}


BIRTH = [
    ("network.pod_cidr", "10.245.0.0/16"),
    ("network.service_cidr", "10.97.0.0/16"),
    ("control_plane.count", "5"),
    ("etcd.topology", "external"),
    ("etcd.members", "5"),
]


@pytest.mark.parametrize(("path", "value"), BIRTH)
def test_what_a_running_cluster_cannot_change_is_refused_before_anything_is_done(path: str, value: str) -> None:
    birth = clusters.plan("dev").birth
    answer = _PkiProvider().check({**KEYS, "birth": birth}, {**KEYS, "birth": {**birth, path: value}})
    (failure,) = answer.failures
    assert failure.property == f"cecf:cluster.{path}"
    assert f"has {birth[path]} and cannot get {value}" in failure.reason
    assert f"pulumi config set --path 'cecf:cluster.{path}' '{birth[path]}'" in failure.reason


def test_an_etcd_of_events_that_a_running_cluster_cannot_get_is_taken_out_of_the_settings() -> None:
    birth = clusters.plan("dev").birth
    wanted = clusters.plan("dev", {"etcd": {"events": {"members": 1}}}).birth
    (failure,) = _PkiProvider().check({**KEYS, "birth": birth}, {**KEYS, "birth": wanted}).failures
    assert failure.reason.endswith("pulumi config rm --path 'cecf:cluster.etcd.events'")


@pytest.mark.parametrize(
    "before", [{}, {"birth": None}, {"birth": {}}, {"birth": {"network.pod_cidr": "10.244.0.0/16"}}]
)
def test_a_new_cluster_may_be_anything_and_so_may_what_an_older_one_does_not_know(before: dict[str, Any]) -> None:
    answer = _PkiProvider().check(before, {**KEYS, "birth": clusters.plan("dev").birth})
    assert (answer.failures, answer.inputs["birth"]) == ([], clusters.plan("dev").birth)


def test_more_workers_are_no_change_of_what_a_cluster_is_born_with() -> None:
    assert clusters.plan("dev", {"worker_pools": {"general": {"count": 9}}}).birth == clusters.plan("dev").birth


def test_two_clusters_never_share_keys() -> None:
    one, other = (_PkiProvider().create(dict(KEYS)).outs for _ in range(2))
    assert one is not None
    assert other is not None
    assert {key: value for key, value in one["pki"].items() if other["pki"][key] == value} == {}


def test_a_new_control_plane_is_waited_for(waits: list[tuple[Any, ...]]) -> None:
    made = _ApiProvider().create(dict(API))
    ((api, cloud, servers, wait),) = waits
    assert (api, cloud, servers) == (KubernetesApi(KUBECONFIG), "connection to dev", API["servers"])
    assert (wait.minutes, made.outs) == (7, API)


@pytest.mark.parametrize("change", [{"url": "https://198.18.0.11:8443"}, {"servers": {"dev-control-plane-1": "s9"}}])
def test_another_address_or_server_is_waited_for_in_place(
    waits: list[tuple[Any, ...]], change: Mapping[str, Any]
) -> None:
    answer = _ApiProvider().diff("ready", dict(API), {**API, **change})
    assert (answer.changes, answer.replaces or []) == (True, [])
    outs = _ApiProvider().update("ready", dict(API), {**API, **change}).outs
    assert (len(waits), outs) == (1, {**API, **change})


@pytest.mark.parametrize("change", [{}, {"timeout_minutes": 9}, {"kubeconfig": "of another certificate"}])
def test_a_run_that_changes_no_control_plane_waits_for_nothing(change: Mapping[str, Any]) -> None:
    assert _ApiProvider().diff("ready", dict(API), {**API, **change}).changes is False


def test_a_new_server_is_let_in_and_waited_for(waits: list[tuple[Any, ...]]) -> None:
    made = _NodeProvider().create(dict(NODE))
    ((api, cloud, joiner, wait),) = waits
    assert (api, cloud, wait.minutes) == (KubernetesApi(KUBECONFIG), "connection to dev", 7)
    assert joiner == Joiner(node="dev-general-1", server="s2", token=NODE["token"])
    assert (made.id, made.outs) == ("dev-general-1", NODE)


def test_another_server_of_the_name_is_forgotten_first_and_then_let_in() -> None:
    answer = _NodeProvider().diff("dev-general-1", dict(NODE), {**NODE, "server": "s9"})
    assert (answer.changes, answer.replaces, answer.delete_before_replace) == (True, ["server"], True)


def test_another_kubeconfig_is_kept_for_the_day_on_which_the_node_goes(waits: list[tuple[Any, ...]]) -> None:
    new = {**NODE, "kubeconfig": "another"}
    answer = _NodeProvider().diff("dev-general-1", dict(NODE), new)
    assert (answer.changes, answer.replaces) == (True, [])
    assert _NodeProvider().update("dev-general-1", dict(NODE), new).outs == new
    assert waits == []


@pytest.mark.parametrize("change", [{}, {"timeout_minutes": 9}])
def test_a_run_that_changes_no_server_lets_nobody_in(change: Mapping[str, Any]) -> None:
    assert _NodeProvider().diff("dev-general-1", dict(NODE), {**NODE, **change}).changes is False


def test_another_release_of_kubernetes_is_no_change_of_what_a_cluster_is_born_with() -> None:
    assert clusters.plan("dev", {"kubernetes_version": "1.35.4"}).birth == clusters.plan("dev").birth


@pytest.fixture
def drained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the nodes whose pods are asked to leave; all do."""
    names: list[str] = []

    def drain(_api: KubernetesApi, node: str, _wait: Wait) -> list[str]:
        names.append(node)
        return []

    monkeypatch.setattr(node_ready, "drain", drain)
    return names


@pytest.mark.usefixtures("drained")
def test_a_node_that_goes_is_forgotten(forgotten: list[str]) -> None:
    _NodeProvider().delete("dev-general-1", dict(NODE))
    assert forgotten == ["dev-general-1"]


@pytest.mark.parametrize("error", [ApiUnreachableError("no API at x"), ApiRefusedError(500, "etcd has no leader")])
def test_a_kubernetes_that_cannot_be_asked_keeps_no_server(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(node_ready, "drain", _raising(error))
    monkeypatch.setattr(nodes, "forget", _raising(error))
    monkeypatch.setattr(node_ready, "FORGET_MINUTES", 0)
    _NodeProvider().delete("dev-general-1", dict(NODE))
    said = capsys.readouterr().out
    assert "dev-general-1" in said
    assert str(error) in said


@pytest.mark.parametrize(("module", "function"), [(api_ready, "wait_for_api"), (node_ready, "wait_for_node")])
def test_what_did_not_come_fails_the_run(module: Any, function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "connect", lambda _: None)
    monkeypatch.setattr(module, function, _raising(NotReadyError("stuck at step kernel")))
    create = _ApiProvider().create if module is api_ready else _NodeProvider().create
    with pytest.raises(NotReadyError, match="stuck at step kernel"):
        create(dict(API if module is api_ready else NODE))


def test_a_new_cluster_s_control_planes_take_no_turns(waits: list[tuple[Any, ...]]) -> None:
    made = _TurnProvider().create(dict(NODE))
    assert (made.id, made.outs, waits) == ("dev-general-1", NODE, [])


@pytest.mark.parametrize("change", [{}, {"timeout_minutes": 9}, {"kubeconfig": "another"}, {"token": "another"}])
def test_a_control_plane_that_stays_keeps_nobody_waiting(change: Mapping[str, Any]) -> None:
    assert _TurnProvider().diff("dev-general-1", dict(NODE), {**NODE, **change}).changes is False


def test_the_next_turn_comes_when_a_replaced_control_plane_is_ready_again(waits: list[tuple[Any, ...]]) -> None:
    new = {**NODE, "server": "s9"}
    answer = _TurnProvider().diff("dev-general-1", dict(NODE), new)
    assert (answer.changes, answer.replaces or []) == (True, [])
    assert _TurnProvider().update("dev-general-1", dict(NODE), new).outs == new
    ((_, _, joiner, _),) = waits
    assert joiner == Joiner(node="dev-general-1", server="s9", token=NODE["token"])


def test_a_new_member_is_waited_for_by_its_server(waits: list[tuple[Any, ...]]) -> None:
    made = _MemberProvider().create(dict(MEMBER))
    ((cloud, node, server, wait),) = waits
    assert (cloud, node, server, wait.minutes) == ("connection to dev", "dev-etcd-1", "s3", 7)
    assert (made.id, made.outs) == ("dev-etcd-1", MEMBER)


@pytest.mark.parametrize("change", [{}, {"timeout_minutes": 9}, {"cloud": "another"}])
def test_a_member_that_stays_is_not_waited_for(change: Mapping[str, Any]) -> None:
    assert _MemberProvider().diff("dev-etcd-1", dict(MEMBER), {**MEMBER, **change}).changes is False


@pytest.mark.parametrize("provider", [_MemberProvider(), _TurnProvider()])
def test_a_replaced_member_is_waited_for_in_place_and_by_its_console(
    waits: list[tuple[Any, ...]], provider: _MemberProvider | _TurnProvider
) -> None:
    new = {**MEMBER, "server": "s9"}
    answer = provider.diff("dev-etcd-1", dict(MEMBER), new)
    assert (answer.changes, answer.replaces or []) == (True, [])
    assert provider.update("dev-etcd-1", dict(MEMBER), new).outs == new
    assert [(node, server) for _, node, server, _ in waits] == [("dev-etcd-1", "s9")]


def test_a_new_etcd_s_members_take_no_turns(waits: list[tuple[Any, ...]]) -> None:
    assert _TurnProvider().create(dict(MEMBER)).outs == MEMBER
    assert waits == []


def test_a_member_that_did_not_come_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_ready, "connect", lambda _: None)
    monkeypatch.setattr(member_ready, "wait_for_boot", _raising(NotReadyError("stuck at step etcd")))
    with pytest.raises(NotReadyError, match="stuck at step etcd"):
        _MemberProvider().create(dict(MEMBER))


def _raising(error: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


def test_what_a_wait_tells_is_a_line_of_its_own(
    waits: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    _NodeProvider().create(dict(NODE))
    wait = waits[0][-1]
    assert isinstance(wait, Wait)
    wait.tell("kernel: begins")
    # The progress display finds a resource's news by the resource's name.
    assert capsys.readouterr().out == "dev-general-1-ready: kernel: begins\n"


@pytest.mark.parametrize(
    ("provider", "place"),
    [
        (_PkiProvider, "cecf_components.cluster_pki._PkiProvider"),
        (_ApiProvider, "cecf_components.api_ready._ApiProvider"),
        (_NodeProvider, "cecf_components.node_ready._NodeProvider"),
        (_TurnProvider, "cecf_components.turn._TurnProvider"),
        (_MemberProvider, "cecf_components.member_ready._MemberProvider"),
    ],
)
def test_the_state_names_each_provider_by_a_place_that_must_not_move(provider: type, place: str) -> None:
    assert f"{provider.__module__}.{provider.__qualname__}" == place
