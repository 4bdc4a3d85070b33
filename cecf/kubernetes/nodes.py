"""Lets a node in, tells how it is, and forgets it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cecf.kubernetes.api import KubernetesApi

TOKEN_LIFE = timedelta(hours=3)
"""How long a node may take to join once it is let in, longer than any wait; its token goes as soon as it is Ready."""

_PAGE = 500
"""Nodes in one answer."""

_JOINER = "system:bootstrappers:kubeadm:default-node-token"
"""The group that kubeadm lets ask for a node's certificate."""


@dataclass(frozen=True, kw_only=True)
class NodeHealth:
    """What Kubernetes says of a node: whether it is there, whether it is ready, and why not."""

    registered: bool
    ready: bool
    reason: str


def admit(api: KubernetesApi, node: str, token: str, now: datetime | None = None) -> None:
    """Let a node join with its token, for a while. A control plane's may do what any node's may, and no more."""
    identifier, secret = token.split(".")
    expiration = (now or datetime.now(UTC)) + TOKEN_LIFE
    values = {
        "description": f"lets {node} join; made by cecf",
        "token-id": identifier,
        "token-secret": secret,
        "expiration": expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "usage-bootstrap-authentication": "true",
        "auth-extra-groups": _JOINER,
    }
    document = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": _secret_name(token), "namespace": "kube-system"},
        "type": "bootstrap.kubernetes.io/token",
        "stringData": values,
    }
    api.apply(_secret_path(token), document)


def dismiss(api: KubernetesApi, token: str) -> None:
    """Take a node's token away; one that is away already is fine."""
    api.delete(_secret_path(token))


def health(api: KubernetesApi, node: str) -> NodeHealth:
    """Return how a node is."""
    found = api.get(f"/api/v1/nodes/{node}")
    if not found:
        return NodeHealth(registered=False, ready=False, reason="it has not joined")
    return NodeHealth(registered=True, ready=_is_ready(found), reason=str(_readiness(found).get("message", "")))


def registered(api: KubernetesApi) -> dict[str, bool]:
    """Return the nodes that Kubernetes has, and whether each is Ready."""
    nodes: dict[str, bool] = {}
    more = ""
    while True:
        page = api.get(f"/api/v1/nodes?limit={_PAGE}{more}") or {}
        nodes |= {node["metadata"]["name"]: _is_ready(node) for node in page.get("items", ())}
        if not (token := page.get("metadata", {}).get("continue")):
            return nodes
        more = f"&continue={token}"


def mark(api: KubernetesApi, node: str, labels: Mapping[str, str]) -> None:
    """Give a node labels that it may not give itself."""
    metadata = {"name": node, "labels": dict(labels)}
    api.apply(f"/api/v1/nodes/{node}", {"apiVersion": "v1", "kind": "Node", "metadata": metadata})


def forget(api: KubernetesApi, node: str) -> None:
    """Remove a node whose server goes, so that nothing waits for it and its name is free."""
    api.delete(f"/api/v1/nodes/{node}")


def forget_older(api: KubernetesApi, node: str, server_made: str) -> None:
    """Remove a node that was there before its server was made (an RFC 3339 time in UTC): it is another server's."""
    found = api.get(f"/api/v1/nodes/{node}")
    if found and found["metadata"]["creationTimestamp"] < server_made:
        forget(api, node)


def _readiness(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a node's kubelet says of it."""
    conditions = {condition["type"]: condition for condition in node.get("status", {}).get("conditions", [])}
    unknown = {"status": "Unknown", "message": "its kubelet has said nothing yet"}
    found: Mapping[str, Any] = conditions.get("Ready", unknown)
    return found


def _is_ready(node: Mapping[str, Any]) -> bool:
    return bool(_readiness(node)["status"] == "True")


def _secret_name(token: str) -> str:
    return f"bootstrap-token-{token.partition('.')[0]}"


def _secret_path(token: str) -> str:
    return f"/api/v1/namespaces/kube-system/secrets/{_secret_name(token)}"
