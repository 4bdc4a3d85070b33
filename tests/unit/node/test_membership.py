"""How a node becomes part of the cluster: one begins it, once; all others join it when they are let in."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cecf.pki.keys import join_token
from tests.helpers import clusters
from tests.helpers.node_program import Machine, machine

INIT = ("kubeadm", "init")
JOIN = ("kubeadm", "join")
RESET = ("kubeadm", "reset")


def answering(node: Machine, *answers: int | None) -> None:
    """Have the API answer in turn with each status; the last one stays. None: nobody is there."""
    turns: Iterator[int | None] = iter(answers[:-1])
    node.program.kubernetes._status = lambda _facts, _path: next(turns, answers[-1])


def alone(node: Machine) -> None:
    """Have nobody else be there."""
    answering(node, None)
    node.program.kubernetes._listens = lambda _address, _port: False


def tolerated(command: tuple[str, ...]) -> set[str]:
    """Return which of kubeadm's checks a command passes over."""
    return set(command[command.index("--ignore-preflight-errors") + 1].split(","))


def verbs(node: Machine) -> list[str]:
    """Return what kubeadm was told to do as a whole, in order."""
    return [command[1] for command in node.commands.of("kubeadm") if command[2] != "phase"]


def test_the_first_server_begins_the_cluster_where_there_is_none(first: Machine) -> None:
    alone(first)
    first.program.kubernetes.membership(first.facts)
    ((*command,),) = first.commands.of("kubeadm")
    assert command[:4] == [*INIT, "--config", "/etc/cecf/kubeadm-init.yaml"]
    assert first.said("membership") == ["beginning the cluster: kubeadm init"]


@pytest.mark.parametrize("status", [200, 401, 403, 500])
def test_a_first_server_that_was_replaced_joins_the_cluster_that_is_there(first: Machine, status: int) -> None:
    answering(first, status, 200)
    first.program.kubernetes.membership(first.facts)
    assert verbs(first) == ["join"]


@pytest.mark.parametrize("silent", [1, 2])
def test_a_first_server_looks_more_than_once_whether_the_cluster_is_there(first: Machine, silent: int) -> None:
    # A network that has just come up may swallow the first look.
    answering(first, *[None] * silent, 200)
    first.program.kubernetes._listens = lambda *_: False
    first.program.kubernetes.membership(first.facts)
    assert verbs(first) == ["join"]


@pytest.mark.parametrize("peer", ["10.10.0.7", "10.10.0.8"])
def test_a_first_server_never_begins_a_second_cluster_beside_another_s(first: Machine, peer: str) -> None:
    # The endpoint is silent, but a control plane lives: as after the loss of the one that held the address.
    answering(first, None, None, 200)
    first.program.kubernetes._listens = lambda *found: found == (peer, 6443)
    first.program.kubernetes.membership(first.facts)
    assert verbs(first) == ["join"]


@pytest.mark.parametrize("others", ["second", "worker"])
def test_no_other_server_ever_begins_a_cluster(others: str, request: pytest.FixtureRequest) -> None:
    node: Machine = request.getfixturevalue(others)
    answering(node, None, None, 503, 200)
    node.program.kubernetes.membership(node.facts)
    assert verbs(node) == ["join"]


def test_an_interrupted_beginning_is_gone_on_with_even_if_the_api_answers_already(first: Machine) -> None:
    alone(first)
    first.commands.end(*INIT, of=[(1, "", "error: timed out waiting for the condition\n")])
    with pytest.raises(first.program.tools.NotYetError, match="timed out"):
        first.program.kubernetes.membership(first.facts)
    answering(first, 200)
    first.program.kubernetes.membership(first.facts)
    assert verbs(first) == ["init", "init"]


def test_what_an_interrupted_beginning_left_does_not_stand_against_another_go(first: Machine) -> None:
    alone(first)
    first.program.kubernetes.membership(first.facts)
    (command,) = first.commands.of(*INIT)
    manifests = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    # kubeadm compares whole names: a prefix tolerates nothing.
    assert tolerated(command) == {
        *(f"FileAvailable--etc-kubernetes-manifests-{name}.yaml" for name in manifests),
        *(f"Port-{port}" for port in (6443, 10250, 10257, 10259)),
        "ExternalEtcdVersion",
    }


def test_a_control_plane_joins_though_a_member_of_etcd_is_away(second: Machine) -> None:
    # kubeadm would ask every one of them, and end where one does not answer.
    answering(second, 200)
    second.program.kubernetes.membership(second.facts)
    (command,) = second.commands.of(*JOIN)
    assert tolerated(command) == {"ExternalEtcdVersion"}


def test_no_way_in_is_printed_when_a_cluster_begins(first: Machine) -> None:
    alone(first)
    first.program.kubernetes.membership(first.facts)
    assert "--skip-token-print" in first.commands.of(*INIT)[0]


def test_a_control_plane_joins_with_its_own_configuration_of_the_cluster(second: Machine) -> None:
    # `kubeadm join` reads what is in the cluster, which is what its predecessor, or the first one, put there.
    answering(second, 200)
    second.program.kubernetes.membership(second.facts)
    credential, upload, admin, join = second.commands.of("kubeadm")
    folder = Path(credential[credential.index("--kubeconfig-dir") + 1])
    config = ("--config", "/etc/cecf/kubeadm-init.yaml")
    assert credential == (*INIT, "phase", "kubeconfig", "admin", "--kubeconfig-dir", str(folder), *config)
    assert upload == (*INIT, "phase", "upload-config", "all", "--kubeconfig", f"{folder}/admin.conf", *config)
    assert admin == (*INIT, "phase", "kubeconfig", "admin", *config)
    assert join[:2] == JOIN
    assert second.path(config[1]).exists()
    # The administrator's key is not kept.
    assert not folder.exists()


@pytest.mark.parametrize("phase", ["kubeconfig", "upload-config"])
def test_a_configuration_that_cannot_be_uploaded_keeps_a_control_plane_from_joining(
    second: Machine, phase: str
) -> None:
    answering(second, 200)
    second.commands.end(*INIT, "phase", phase, of=[(1, "", "error: the API is away\n")])
    with pytest.raises(second.program.tools.NotYetError, match="the API is away"):
        second.program.kubernetes.membership(second.facts)
    assert second.commands.of(*JOIN) == []
    second.program.kubernetes.membership(second.facts)
    assert len(second.commands.of(*JOIN)) == 1


def test_a_worker_uploads_nothing(worker: Machine) -> None:
    answering(worker, 200)
    worker.program.kubernetes.membership(worker.facts)
    (command,) = worker.commands.of("kubeadm")
    assert command[:4] == (*JOIN, "--config", "/etc/cecf/kubeadm-join.yaml")


def test_a_node_waits_for_the_api_and_then_to_be_let_in_and_says_so(worker: Machine) -> None:
    asked = []

    def status(_facts: object, path: str) -> int | None:
        asked.append(path)
        if path == "/readyz":
            return 200 if worker.clock.now > 10 else None
        return 200 if worker.clock.now > 20 else 401

    worker.program.kubernetes._status = status
    worker.program.kubernetes.membership(worker.facts)
    assert worker.said("membership") == [
        "waiting for the API at 10.10.0.5:8443",
        "waiting for being let in (the program puts this node's token)",
        "joining the cluster: kubeadm join",
    ]
    assert asked[-1] == "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"


def test_an_api_that_is_there_but_not_ready_is_waited_for(worker: Machine) -> None:
    answering(worker, 500, 500, 200)
    worker.program.kubernetes.membership(worker.facts)
    assert verbs(worker) == ["join"]
    assert len(worker.clock.slept) >= 1


def test_a_join_that_fails_is_taken_back_and_told(second: Machine) -> None:
    answering(second, 200)
    second.commands.end(*JOIN, then=(1, "", "error execution phase control-plane-join/etcd: unhealthy\n"))
    second.commands.end(*RESET, then=(1, "", "no etcd\n"))
    with pytest.raises(second.program.tools.NotYetError, match="control-plane-join/etcd"):
        second.program.kubernetes.membership(second.facts)
    assert second.commands.of(*RESET) == [(*RESET, "--force")]


def test_the_next_attempt_supplies_the_keys_that_the_reset_took(second: Machine) -> None:
    answering(second, 200)
    second.commands.end(*JOIN, of=[(1, "", "error\n")])
    with pytest.raises(second.program.tools.NotYetError):
        second.program.kubernetes.membership(second.facts)
    for key in sorted(second.path("/etc/kubernetes/pki").rglob("*.*")):
        key.unlink()
    second.program.kubernetes.membership(second.facts)
    assert second.path("/etc/kubernetes/pki/sa.key").exists()


def test_a_control_plane_s_keys_are_where_kubeadm_looks_and_as_hidden_as_they_were(second: Machine) -> None:
    answering(second, 200)
    second.program.kubernetes.membership(second.facts)
    folder = second.path("/etc/kubernetes/pki")
    found = {str(file.relative_to(folder)): file.stat().st_mode & 0o777 for file in folder.rglob("*.*")}
    assert found == {
        "ca.crt": 0o644,
        "ca-signing.crt": 0o644,
        "ca.key": 0o600,
        "front-proxy-ca.crt": 0o644,
        "front-proxy-ca.key": 0o600,
        "sa.key": 0o600,
        "sa.pub": 0o644,
    }
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_worker_s_kubeadm_finds_no_authority_that_it_would_stumble_over(worker: Machine) -> None:
    answering(worker, 200)
    worker.program.kubernetes.membership(worker.facts)
    assert not worker.path("/etc/kubernetes/pki/ca.crt").exists()


@pytest.mark.parametrize("others", ["first", "second", "worker"])
def test_the_kubelet_starts_at_every_boot(others: str, request: pytest.FixtureRequest) -> None:
    node: Machine = request.getfixturevalue(others)
    answering(node, 200)
    node.program.kubernetes.membership(node.facts)
    assert node.commands.log[0] == ("systemctl", "enable", "kubelet")


@pytest.mark.parametrize("ordinal", [0, 1, -1])
@pytest.mark.parametrize("fails", [True, False])
def test_nothing_secret_is_ever_printed(
    *, ordinal: int, fails: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = clusters.plan("dev")
    node = machine(tmp_path, plan.nodes[ordinal], real_keys=True)
    answering(node, None, 200)
    node.program.kubernetes._listens = lambda *_: False
    if fails:
        node.commands.end("kubeadm", then=(1, "", "error: it does not work\n"))
        with pytest.raises(node.program.tools.NotYetError):
            node.program.kubernetes.membership(node.facts)
    else:
        node.program.kubernetes.membership(node.facts)
    told = capsys.readouterr().out + node.path("/dev/console").read_text() + json.dumps(node.commands.log)
    pki = clusters.pki()
    pairs = (pki.kubernetes, pki.front_proxy, pki.etcd, pki.service_account)
    secrets = [line for pair in pairs for line in pair.key.splitlines()[1:-1]]
    secrets += [join_token(pki, name.name) for name in plan.nodes]
    assert "kubeadm" in told
    assert [secret for secret in secrets if secret in told] == []


def test_a_kubelet_that_is_not_well_is_seen(worker: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(url: str, timeout: float) -> None:
        raise OSError(f"no answer from {url} in {timeout} s")

    monkeypatch.setattr(worker.program.kubernetes.urllib.request, "urlopen", refuse)
    with pytest.raises(worker.program.tools.NotYetError, match="waited 60 s for the kubelet to be well"):
        worker.program.kubernetes.kubelet(worker.facts)
