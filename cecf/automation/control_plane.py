"""A stack's control plane, as far as a command can be run on it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cecf.automation.stack import OperationFailedError, Stack
from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError, KubernetesApi
from cecf.kubernetes.nodes import health
from cecf.kubernetes.on_node import CommandFailedError, forget_commands, run_on_node

_ENVIRONMENT = ("/usr/bin/env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
_PYTHON = (*_ENVIRONMENT, "PYTHONPATH=/usr/local/lib/cecf", "/usr/bin/python3")
_INSIDE = ("/usr/bin/nsenter", "--target", "1", "--mount", "--")
"""As a process of the node's own: in a pod's root, systemctl takes itself to be in a chroot and says nothing."""
_PATIENCE = 120
"""Seconds for a command that only looks."""
_KUBE_PROXY = "/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy"


@dataclass(frozen=True)
class ControlPlane:
    """The servers of a stack's API."""

    stack: str
    api: KubernetesApi
    nodes: tuple[str, ...]

    def alive(self) -> bool:
        """Tell whether the API answers."""
        return self.api.ready()

    def run(self, module: str, *arguments: str, node: str | None = None) -> str:
        """Run a module of the nodes' program on a control plane, on the first that is Ready if none is named.

        Raises `OperationFailedError`.
        """
        chosen = node or self.ready_nodes()[0]
        with self._asking():
            return run_on_node(self.api, chosen, self._image(), [*_PYTHON, "-m", module, *arguments])

    def command(self, node: str, *command: str) -> str:
        """Run a command on any node of the cluster. Raises `OSError`."""
        try:
            return run_on_node(self.api, node, self._image(), [*_INSIDE, *_ENVIRONMENT, *command], _PATIENCE)
        except (CommandFailedError, ApiUnreachableError, ApiRefusedError) as error:
            raise OSError(str(error)) from None

    def ready_nodes(self) -> list[str]:
        """Return the control planes that are Ready, one at least. Raises `OperationFailedError`."""
        with self._asking():
            ready = [node for node in self.nodes if health(self.api, node).ready]
        if not ready:
            raise OperationFailedError([f"stack '{self.stack}': none of its control planes is Ready"])
        return ready

    def forget_commands(self) -> None:
        """Remove what is left of commands whose run was lost. Raises `OperationFailedError`."""
        with self._asking():
            forget_commands(self.api)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except (CommandFailedError, ApiUnreachableError, ApiRefusedError) as error:
            raise OperationFailedError([f"stack '{self.stack}': {error}"]) from None

    def _image(self) -> str:
        """Return an image that every node has."""
        found = self.api.get(_KUBE_PROXY)
        if not found:
            raise CommandFailedError("kube-proxy is not installed yet, whose image every node has")
        return str(found["spec"]["template"]["spec"]["containers"][0]["image"])


def control_plane_of(stack: Stack) -> ControlPlane:
    """Return the control plane of a stack that is up. Raises `OperationFailedError` for one that is not."""
    outputs = stack.outputs()
    names = tuple(node["name"] for node in outputs.get("nodes", ()) if node["role"] == "control-plane")
    return ControlPlane(stack.name, KubernetesApi(stack.secret("kubeconfig")), names)


def last_json(text: str) -> Any:
    """Return the JSON that is the last line of what a command said."""
    return json.loads([line for line in text.splitlines() if line.strip()][-1])
