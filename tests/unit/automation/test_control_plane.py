"""A command finds its way to a control plane that is well, or it is told why there is none."""

from typing import Any

import pytest

from cecf.automation import control_plane
from cecf.automation.control_plane import ControlPlane, control_plane_of, last_json
from cecf.automation.stack import OperationFailedError
from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError, KubernetesApi
from cecf.kubernetes.on_node import CommandFailedError
from tests.helpers.fake_stack import NODES, FakeStack

IMAGE = "cecf.local/kube-proxy:v1.34.4"
PROXY = {"spec": {"template": {"spec": {"containers": [{"image": IMAGE}]}}}}


class Api(KubernetesApi):
    """An API with nodes in it, some of them Ready."""

    def __init__(self, *ready: str, fails: Exception | None = None, proxy: dict[str, Any] | None = PROXY) -> None:
        super().__init__("")
        for name, value in {"nodes": ready, "fails": fails, "proxy": proxy}.items():
            object.__setattr__(self, name, value)

    def get(self, path: str) -> dict[str, Any] | None:
        """Return what there is."""
        known: Any = self
        if known.fails:
            raise known.fails
        name = path.rsplit("/", 1)[-1]
        if name == "kube-proxy":
            proxy: dict[str, Any] | None = known.proxy
            return proxy
        status = "True" if name in known.nodes else "False"
        return {"status": {"conditions": [{"type": "MemoryPressure", "status": "True"}, _ready(status)]}}


def _ready(status: str) -> dict[str, str]:
    return {"type": "Ready", "status": status}


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, list[str]]]:
    """Return what is run: on which node, with which image, which command."""
    log: list[tuple[str, str, list[str]]] = []

    def run(_api: KubernetesApi, node: str, image: str, command: list[str], _seconds: float = 0) -> str:
        if node == "dev-general-2":
            raise CommandFailedError("on dev-general-2, true: OOMKilled")
        log.append((node, image, command))
        return "said"

    monkeypatch.setattr(control_plane, "run_on_node", run)
    return log


def test_a_stack_s_control_planes_are_those_of_its_nodes_that_are_one() -> None:
    found = control_plane_of(FakeStack().stack)
    assert (found.stack, found.nodes, found.api) == ("dev", NODES, KubernetesApi("the kubeconfig"))


def test_a_command_runs_on_the_first_that_is_ready(ran: list[tuple[str, str, list[str]]]) -> None:
    api = Api("dev-control-plane-2", "dev-control-plane-3")
    assert ControlPlane("dev", api, NODES).run("cecf.node.backup", "now") == "said"
    ((node, image, command),) = ran
    assert (node, image) == ("dev-control-plane-2", IMAGE)
    assert command[-4:] == ["/usr/bin/python3", "-m", "cecf.node.backup", "now"]
    assert "PYTHONPATH=/usr/local/lib/cecf" in command


def test_a_command_runs_where_it_is_to(ran: list[tuple[str, str, list[str]]]) -> None:
    ControlPlane("dev", Api(*NODES), NODES).run("cecf.node.backup", "now", node="dev-control-plane-3")
    assert [node for node, _, _ in ran] == ["dev-control-plane-3"]


def test_any_node_can_be_asked_a_command_of_its_own(ran: list[tuple[str, str, list[str]]]) -> None:
    assert ControlPlane("dev", Api(*NODES), NODES).command("dev-general-1", "sysctl", "-n", "x") == "said"
    ((node, _, command),) = ran
    assert (node, command[-3:]) == ("dev-general-1", ["sysctl", "-n", "x"])
    assert command[:4] == ["/usr/bin/nsenter", "--target", "1", "--mount"]


@pytest.mark.usefixtures("ran")
@pytest.mark.parametrize("api", [Api(*NODES), Api(*NODES, fails=ApiUnreachableError("OOMKilled on the way"))])
def test_a_node_that_cannot_be_asked_is_an_error_of_its_answer_only(api: Api) -> None:
    with pytest.raises(OSError, match="OOMKilled"):
        ControlPlane("dev", api, NODES).command("dev-general-2", "true")


WRONG = [
    pytest.param(Api(), "none of its control planes is Ready", id="none is well"),
    pytest.param(Api(*NODES, fails=ApiUnreachableError("no API at x")), "no API at x", id="away"),
    pytest.param(Api(*NODES, fails=ApiRefusedError(500, "no leader")), "no leader", id="refused"),
    pytest.param(Api(*NODES, proxy=None), "kube-proxy is not installed yet", id="without add-ons"),
]


@pytest.mark.parametrize(("api", "why"), WRONG)
def test_what_keeps_a_command_from_running_is_told_with_the_stack(
    ran: list[tuple[str, str, list[str]]], api: Api, why: str
) -> None:
    with pytest.raises(OperationFailedError, match=rf"^stack 'dev': .*{why}"):
        ControlPlane("dev", api, NODES).run("cecf.node.backup", "now")
    assert ran == []


@pytest.mark.parametrize("error", [ApiUnreachableError("no API at x"), ApiRefusedError(500, "no leader")])
def test_an_api_that_goes_away_is_told_when_the_nodes_are_asked_for(error: Exception) -> None:
    with pytest.raises(OperationFailedError, match="stack 'dev'"):
        ControlPlane("dev", Api(*NODES, fails=error), NODES).ready_nodes()


def test_a_command_that_fails_is_told_with_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise CommandFailedError("on dev-control-plane-1, x: no store")

    monkeypatch.setattr(control_plane, "run_on_node", fail)
    with pytest.raises(OperationFailedError, match="stack 'dev': on dev-control-plane-1, x: no store"):
        ControlPlane("dev", Api(*NODES), NODES).run("x")


@pytest.mark.parametrize("text", ['[1]\n{"a": 1}\n', 'noise\n{"a": 1}\n\n  \n', '{"a": 1}'])
def test_the_last_line_is_what_a_module_tells(text: str) -> None:
    assert last_json(text) == {"a": 1}
