"""Letting nodes in, asking how they are, forgetting them."""

import json
from datetime import UTC, datetime

import pytest

from cecf.kubernetes.nodes import TOKEN_LIFE, NodeHealth, admit, dismiss, forget, health, registered
from tests.unit.kubernetes.conftest import Api

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
TOKEN = "abcdef.0123456789abcdef"  # noqa: S105
SECRET = "/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef"  # noqa: S105
NODE = "/api/v1/nodes/dev-general-1"


def put(api: Api, **status: object) -> None:
    """Have the node be there in some state."""
    api.objects[NODE] = {"kind": "Node", "metadata": {"name": "dev-general-1"}, "status": status}


def condition(kind: str, status: str, message: str = "") -> dict[str, str]:
    """Return one of a node's conditions."""
    return {"type": kind, "status": status, "message": message}


def test_a_node_is_let_in_by_a_secret_that_kubernetes_knows_as_a_bootstrap_token(api: Api) -> None:
    admit(api.client, "dev-general-1", TOKEN, NOW)
    secret = api.objects[SECRET]
    assert (secret["kind"], secret["type"]) == ("Secret", "bootstrap.kubernetes.io/token")
    assert secret["metadata"] == {"name": "bootstrap-token-abcdef", "namespace": "kube-system"}
    assert secret["stringData"] == {
        "description": "lets dev-general-1 join; made by cecf",
        "token-id": "abcdef",
        "token-secret": "0123456789abcdef",
        "expiration": "2026-11-21T15:30:00Z",
        "usage-bootstrap-authentication": "true",
        "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
    }


def test_a_forgotten_token_ends_by_itself_within_hours(api: Api) -> None:
    admit(api.client, "dev-general-1", TOKEN)
    ends = datetime.fromisoformat(api.objects[SECRET]["stringData"]["expiration"])
    assert (ends - datetime.now(UTC)).total_seconds() == pytest.approx(TOKEN_LIFE.total_seconds(), abs=60)
    assert TOKEN_LIFE.total_seconds() <= 3 * 3600


def test_a_token_lets_a_node_join_and_nobody_sign_anything(api: Api) -> None:
    admit(api.client, "dev-general-1", TOKEN)
    assert "usage-bootstrap-signing" not in api.objects[SECRET]["stringData"]


def test_letting_a_node_in_twice_is_letting_it_in_for_longer(api: Api) -> None:
    admit(api.client, "dev-general-1", TOKEN, NOW)
    admit(api.client, "dev-general-1", TOKEN, NOW + TOKEN_LIFE)
    assert api.objects[SECRET]["stringData"]["expiration"] == "2026-11-21T18:30:00Z"


def test_a_token_is_taken_away_and_one_that_is_away_is_fine(api: Api) -> None:
    admit(api.client, "dev-general-1", TOKEN)
    dismiss(api.client, TOKEN)
    assert api.objects == {}
    dismiss(api.client, TOKEN)


def test_a_node_that_has_not_joined_is_neither_there_nor_ready(api: Api) -> None:
    assert health(api.client, "dev-general-1") == NodeHealth(registered=False, ready=False, reason="it has not joined")


def test_a_ready_node_is_ready(api: Api) -> None:
    put(api, conditions=[condition("MemoryPressure", "False"), condition("Ready", "True", "kubelet is posting")])
    assert health(api.client, "dev-general-1") == NodeHealth(registered=True, ready=True, reason="kubelet is posting")


@pytest.mark.parametrize("status", ["False", "Unknown"])
def test_a_node_that_is_not_ready_says_why(api: Api, status: str) -> None:
    put(api, conditions=[condition("Ready", status, "cni plugin not initialized")])
    found = health(api.client, "dev-general-1")
    assert found == NodeHealth(registered=True, ready=False, reason="cni plugin not initialized")


@pytest.mark.parametrize("status", [{}, {"conditions": []}, {"conditions": [condition("DiskPressure", "False")]}])
def test_a_node_whose_kubelet_has_said_nothing_is_there_but_not_ready(api: Api, status: dict[str, object]) -> None:
    put(api, **status)
    found = health(api.client, "dev-general-1")
    assert (found.registered, found.ready) == (True, False)
    assert "kubelet" in found.reason


def test_a_node_that_goes_is_forgotten_and_one_that_is_gone_is_fine(api: Api) -> None:
    put(api)
    api.objects["/api/v1/nodes/dev-general-11"] = {"kind": "Node"}
    forget(api.client, "dev-general-1")
    forget(api.client, "dev-general-1")
    assert list(api.objects) == ["/api/v1/nodes/dev-general-11"]


def test_every_node_is_listed_a_page_at_a_time_with_whether_it_is_ready(api: Api) -> None:
    def page(nodes: dict[str, str], **metadata: str) -> tuple[int, bytes]:
        items = [
            {"metadata": {"name": name}, "status": {"conditions": [condition("Ready", status)]}}
            for name, status in nodes.items()
        ]
        return 200, json.dumps({"metadata": metadata, "items": items}).encode()

    api.instead = [page({"a": "True", "b": "Unknown"}, **{"continue": "next"}), page({"c": "True"})]
    assert registered(api.client) == {"a": True, "b": False, "c": True}
    assert [request.path for request in api.requests] == [
        "/api/v1/nodes?limit=500",
        "/api/v1/nodes?limit=500&continue=next",
    ]
