"""Runs a command on a node, by way of its Kubernetes: no SSH, and nothing installed for it.

A pod on that server whose files are the server's own, so that any image will do. It is there for the time of the
command, in kube-system, where only the cluster's administrators may make one.
"""

import json
import secrets
import time
from textwrap import shorten
from typing import Any

from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError, KubernetesApi

PODS = "/api/v1/namespaces/kube-system/pods"
_MOUNTS = ("/usr", "/etc", "/var", "/run", "/lib", "/lib64", "/bin", "/sbin")
_LABEL = "cecf.local/command"
_POLL = 1
"""Seconds between two looks."""
_TOLD = 200
"""Characters of a command that are told when it fails: it may hold a whole program."""


class CommandFailedError(Exception):
    """The command did not run, did not end in time, or ended with another code than 0; its last words."""


def run_on_node(api: KubernetesApi, node: str, image: str, command: list[str], seconds: float = 300) -> str:
    """Run a command as root on a node and return its standard output and errors, mixed.

    `image` is any that the node has. Raises `CommandFailedError`, `ApiUnreachableError`, `ApiRefusedError`.
    """
    name = f"cecf-command-{secrets.token_hex(4)}"
    path = f"{PODS}/{name}"
    api.apply(path, _pod(name, node, image, command))
    try:
        phase = _ended(api, path, seconds)
        said = api.text(f"{path}/log")
    finally:
        api.delete(f"{path}?gracePeriodSeconds=0")
    if phase != "Succeeded":
        words = [line for line in said.splitlines() if line.strip()]
        told = shorten(" ".join(command), _TOLD, placeholder=" ...")
        raise CommandFailedError(f"on {node}, {told}: {words[-1] if words else phase}")
    return said


def forget_commands(api: KubernetesApi) -> None:
    """Remove the pods of commands that nobody waits for: one is in every snapshot that a command has taken."""
    api.delete(f"{PODS}?labelSelector={_LABEL}")


def _ended(api: KubernetesApi, path: str, seconds: float) -> str:
    end = time.monotonic() + seconds
    while True:
        try:
            status = (api.get(path) or {}).get("status", {})
        except (ApiUnreachableError, ApiRefusedError):
            status = {}
        if (phase := status.get("phase", "")) in ("Succeeded", "Failed"):
            return str(phase)
        if time.monotonic() > end:
            raise CommandFailedError(f"the command did not end within {seconds:.0f} s: {json.dumps(status)[:300]}")
        time.sleep(_POLL)


def _pod(name: str, node: str, image: str, command: list[str]) -> dict[str, Any]:
    mounts = [{"name": path.strip("/"), "mountPath": path} for path in _MOUNTS]
    volumes: list[dict[str, Any]] = [{"name": path.strip("/"), "hostPath": {"path": path}} for path in _MOUNTS]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "kube-system", "labels": {_LABEL: ""}},
        "spec": {
            "nodeName": node,
            "restartPolicy": "Never",
            "hostNetwork": True,
            "hostPID": True,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "tolerations": [{"operator": "Exists"}],
            "containers": [
                {
                    "name": "command",
                    "image": image,
                    "imagePullPolicy": "IfNotPresent",
                    "command": command,
                    "securityContext": {"privileged": True, "runAsUser": 0},
                    "volumeMounts": mounts,
                }
            ],
            "volumes": volumes,
        },
    }
