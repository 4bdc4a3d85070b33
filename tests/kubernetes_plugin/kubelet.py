"""A kubelet that only pretends: it says of pods what their annotation `test/fate` wants to hear."""

import threading
from contextlib import suppress
from typing import Any

from lab.engine.kubernetes import kubeconfig
from lab.engine.kubernetes.client import Client
from lab.engine.kubernetes.faults import KubernetesError

FATE = "test/fate"
_PAUSE_SECONDS = 0.2
_MERGE = "application/merge-patch+json"


class PretendedKubelet(threading.Thread):
    """Looks after every pod that the scheduler has given a node."""

    def __init__(self, credentials: str) -> None:
        super().__init__(daemon=True)
        self._client = Client(kubeconfig.connection(kubeconfig.parse(credentials)))
        self._stopped = threading.Event()

    def run(self) -> None:
        """Look at the pods until stopped."""
        while not self._stopped.wait(_PAUSE_SECONDS):
            with suppress(KubernetesError):
                pods = self._client.request("GET", "/api/v1/pods", {"fieldSelector": "spec.nodeName!="})["items"]
                for pod in pods:
                    with suppress(KubernetesError):
                        self._look_after(pod)

    def stop(self) -> None:
        """End at the next pause."""
        self._stopped.set()
        self.join()
        self._client.close()

    def _look_after(self, pod: dict[str, Any]) -> None:
        metadata = pod["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        if "deletionTimestamp" in metadata:
            self._client.request("DELETE", path, None, {"gracePeriodSeconds": 0})
        elif (status := _status(pod)) and pod["status"].get("message") != status["message"]:
            self._client.request("PATCH", f"{path}/status", None, {"status": status}, _MERGE)


def _status(pod: dict[str, Any]) -> dict[str, Any]:
    fate = (pod["metadata"].get("annotations") or {}).get(FATE, "")
    ends = pod["spec"].get("restartPolicy") != "Always"
    phase = {"": "Succeeded" if ends else "Running", "fail": "Failed"}.get(fate, "Pending")
    ready = "True" if phase == "Running" else "False"
    return {
        "phase": phase,
        "message": f"fate: {fate}",
        "podIP": "10.244.0.7",
        "podIPs": [{"ip": "10.244.0.7"}],
        "conditions": [
            {"type": "PodScheduled", "status": "True"},
            {"type": "Ready", "status": ready},
            {"type": "ContainersReady", "status": ready},
        ],
        "containerStatuses": [_container(each, fate, phase) for each in pod["spec"]["containers"]],
    }


def _container(container: dict[str, Any], fate: str, phase: str) -> dict[str, Any]:
    image = container["image"]
    state: dict[str, Any] = {"running": {}}
    last: dict[str, Any] = {}
    if fate == "image":
        state = {"waiting": {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "{image}"'}}
    elif fate == "crash":
        state = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}}
        last = {"terminated": {"exitCode": 7, "reason": "Error", "message": "cannot open the data base"}}
    elif phase in {"Succeeded", "Failed"}:
        failed = phase == "Failed"
        state = {"terminated": {"exitCode": 3 if failed else 0, "reason": "Error" if failed else "Completed"}}
    return {
        "name": container["name"],
        "image": image,
        "imageID": "",
        "ready": phase == "Running",
        "restartCount": 0,
        "started": phase == "Running",
        "state": state,
        "lastState": last,
    }
