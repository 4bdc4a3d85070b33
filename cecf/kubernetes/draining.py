"""Takes the pods off a node that goes, as far as their disruption budgets allow."""

from collections.abc import Iterator
from typing import Any

from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError, KubernetesApi
from cecf.kubernetes.nodes import health
from cecf.kubernetes.waiting import POLL, Wait

_GONE, _NOT_NOW = 404, 429


def drain(api: KubernetesApi, node: str, wait: Wait) -> list[str]:
    """Cordon a node and evict its pods; return those that are left when the wait is over, none if it worked.

    A node that is not Ready is left alone: nobody is there to end a pod. Pods of DaemonSets and static ones stay, as
    with `kubectl drain`; what is in an emptyDir goes, as it does with the server.

    Raises `ApiUnreachableError` or `ApiRefusedError` when the API does not even say how the node is.
    """
    if not health(api, node).ready:
        return []
    api.apply(f"/api/v1/nodes/{node}", _cordoned(node))
    end, told = wait.clock() + wait.minutes * 60, 0
    while True:
        left = [_evict(api, pod) for pod in _pods(api, node)]
        if not left or wait.clock() >= end or _is_lost(api, node):
            return left
        if len(left) != told:
            told = len(left)
            wait.tell(f"{told} pods are to leave {node}: {', '.join(left[:3])}{' ...' if told > 3 else ''}")  # noqa: PLR2004
        wait.sleep(POLL)


def _is_lost(api: KubernetesApi, node: str) -> bool:
    """Tell whether the node has gone meanwhile: what Kubernetes knows of a lost one is good for another minute."""
    try:
        return not health(api, node).ready
    except (ApiUnreachableError, ApiRefusedError):
        return False


def _cordoned(node: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": node}, "spec": {"unschedulable": True}}


def _pods(api: KubernetesApi, node: str) -> Iterator[dict[str, Any]]:
    try:
        found = api.get(f"/api/v1/pods?fieldSelector=spec.nodeName%3D{node}") or {}
    except (ApiUnreachableError, ApiRefusedError):
        # Away for seconds, as when the endpoint moves: one that cannot be named is left.
        yield {"metadata": {"namespace": "", "name": "(the API does not answer)"}}
        return
    for pod in found.get("items", ()):
        owners = {owner["kind"] for owner in pod["metadata"].get("ownerReferences", ())}
        if not owners & {"DaemonSet", "Node"} and pod["status"].get("phase") not in ("Succeeded", "Failed"):
            yield pod


def _evict(api: KubernetesApi, pod: dict[str, Any]) -> str:
    """Ask for a pod to go, if it is not going yet; return its name."""
    namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
    if namespace and not pod["metadata"].get("deletionTimestamp"):
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}}
        try:
            api.create(f"/api/v1/namespaces/{namespace}/pods/{name}/eviction", eviction)
        except ApiUnreachableError:
            pass
        except ApiRefusedError as error:
            if error.status not in (_GONE, _NOT_NOW):
                raise
    return f"{namespace}/{name}"
