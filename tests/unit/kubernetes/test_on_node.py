"""A command on a server, run as a pod of its cluster: what it is, what it says, and that it goes."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from cecf.kubernetes import on_node
from cecf.kubernetes.api import ApiRefusedError
from cecf.kubernetes.on_node import PODS, CommandFailedError, run_on_node
from tests.helpers.tls_server import Answer, Request
from tests.unit.kubernetes.conftest import Api, refusal


class Kubelet:
    """Has the pods that are made end, one look after the other, and keeps what was seen of them."""

    def __init__(self, api: Api, said: str, *phases: str) -> None:
        self.api, self.said, self.phases = api, said, list(phases)
        self.made: list[dict[str, Any]] = []
        self._answer, api.answer = api.answer, self.answer  # type: ignore[method-assign]

    def answer(self, request: Request) -> Answer:
        """Do what an API server with a kubelet does."""
        path = urlsplit(request.path).path
        if path.endswith("/log"):
            return 200, self.said.encode()
        if request.method == "PATCH":
            self.made.append(json.loads(request.body))
        if request.method == "GET" and path in self.api.objects and self.phases:
            phase = self.phases.pop(0)
            if phase == "away":
                return refusal(500, "etcd has no leader")
            self.api.objects[path]["status"] = {"phase": phase}
        return self._answer(request)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_node, "_POLL", 0)


def run(api: Api, *command: str, seconds: float = 30) -> str:
    """Run a command on a control plane."""
    return run_on_node(api.client, "dev-control-plane-1", "cecf.local/kube-proxy:v1", list(command), seconds)


def test_what_the_command_says_is_returned_and_its_pod_is_gone(api: Api) -> None:
    kubelet = Kubelet(api, "one\ntwo\n", "Pending", "Running", "Succeeded")
    assert run(api, "/bin/echo", "one") == "one\ntwo\n"
    assert api.objects == {}
    (pod,) = kubelet.made
    assert pod["spec"]["nodeName"] == "dev-control-plane-1"
    (container,) = pod["spec"]["containers"]
    assert (container["command"], container["image"]) == (["/bin/echo", "one"], "cecf.local/kube-proxy:v1")


def test_the_pod_sees_the_server_s_own_files_and_no_credential_of_kubernetes(api: Api) -> None:
    kubelet = Kubelet(api, "", "Succeeded")
    run(api, "true")
    spec = kubelet.made[0]["spec"]
    (container,) = spec["containers"]
    paths = {volume["name"]: volume["hostPath"]["path"] for volume in spec["volumes"]}
    assert {mount["mountPath"]: paths[mount["name"]] for mount in container["volumeMounts"]} == {
        path: path for path in ("/usr", "/etc", "/var", "/run", "/lib", "/lib64", "/bin", "/sbin")
    }
    assert (spec["automountServiceAccountToken"], spec["restartPolicy"]) == (False, "Never")
    # A control plane is tainted, and so is a node that is cordoned or short of something.
    assert spec["tolerations"] == [{"operator": "Exists"}]


def test_two_commands_at_a_time_are_two_pods(api: Api) -> None:
    kubelet = Kubelet(api, "", "Succeeded", "Succeeded")
    run(api, "true")
    run(api, "true")
    assert len({pod["metadata"]["name"] for pod in kubelet.made}) == 2


@pytest.mark.parametrize(
    ("said", "last"), [("a\ncecf-boot: backup: failed: no store\n\n", "failed: no store"), ("", "Failed")]
)
def test_a_command_that_fails_is_told_with_its_last_words(api: Api, said: str, last: str) -> None:
    Kubelet(api, said, "Failed")
    with pytest.raises(CommandFailedError, match=rf"^on dev-control-plane-1, /bin/false x: .*{last}$"):
        run(api, "/bin/false", "x")
    assert api.objects == {}


def test_of_a_command_that_holds_a_program_only_the_begin_is_told(api: Api) -> None:
    Kubelet(api, "Traceback\nOSError: no", "Failed")
    with pytest.raises(CommandFailedError) as failed:
        run(api, "python3", "-c", "import os\n" * 1000)
    assert str(failed.value).startswith("on dev-control-plane-1, python3 -c import os")
    assert str(failed.value).endswith("...: OSError: no")
    assert len(str(failed.value)) < 300


def test_a_command_that_does_not_end_is_told_with_what_keeps_it_and_ended(api: Api) -> None:
    Kubelet(api, "", "Pending")
    with pytest.raises(CommandFailedError, match=r'did not end within 0 s: \{"phase": "Pending"\}'):
        run(api, "true", seconds=0)
    assert api.objects == {}


def test_an_api_that_is_away_for_a_moment_does_not_end_the_wait(api: Api) -> None:
    Kubelet(api, "done\n", "away", "Running", "away", "Succeeded")
    assert run(api, "true") == "done\n"


def test_a_pod_that_may_not_be_made_is_told_in_kubernetes_words(api: Api) -> None:
    api.instead = [refusal(403, "pods is forbidden")]
    with pytest.raises(ApiRefusedError, match="pods is forbidden"):
        run(api, "true")
    assert [request.method for request in api.requests] == ["PATCH"]


def test_the_pod_is_deleted_at_once_and_not_after_its_grace(api: Api) -> None:
    Kubelet(api, "", "Succeeded")
    run(api, "true")
    (deleted,) = [request.path for request in api.requests if request.method == "DELETE"]
    assert deleted.startswith(f"{PODS}/cecf-command-")
    assert deleted.endswith("?gracePeriodSeconds=0")


def test_a_log_that_may_not_be_read_is_told(api: Api) -> None:
    api.instead = [(404, b"pods not found")]
    with pytest.raises(ApiRefusedError, match="the API says 404: pods not found"):
        api.client.text(f"{PODS}/x/log")


def test_a_log_with_bytes_that_are_no_text_is_read_all_the_same(api: Api) -> None:
    api.instead = [(200, b"a\xffb")]
    assert api.client.text(f"{PODS}/x/log") == "a\ufffdb"
