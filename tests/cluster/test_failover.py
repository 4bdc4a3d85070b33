"""A control plane loses power: the API is back within seconds, and nothing that was acknowledged is lost."""

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError, KubernetesApi
from tests.cluster.booted import Booted, lab_command

LIMIT = 15
"""Seconds that the API may be away."""

NAMESPACE = "failover"


@dataclass
class Writer:
    """Writes numbered ConfigMaps as fast as it gets answers, and remembers which were acknowledged and when."""

    api: KubernetesApi
    acknowledged: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    failures: int = 0
    ended: float = 0.0

    def run(self, stop: threading.Event) -> None:
        """Write until told to stop."""
        number = 0
        while not stop.is_set():
            number += 1
            document = {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": f"write-{number}", "namespace": NAMESPACE},
                "data": {"number": str(number)},
            }
            try:
                self.api.apply(f"/api/v1/namespaces/{NAMESPACE}/configmaps/write-{number}", document)
            except (ApiUnreachableError, ApiRefusedError):
                self.failures += 1
                time.sleep(0.1)
            else:
                self.acknowledged.append(number)
                self.times.append(time.monotonic())
        self.ended = time.monotonic()

    @property
    def longest_gap(self) -> float:
        """Return the longest time without an acknowledged write, in seconds; one that never ended counts to the end."""
        return max(later - earlier for earlier, later in pairwise([*self.times, self.ended]))


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for a condition; fail when it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(1)


def holder(booted: Booted, but: str = "") -> str:
    """Return the control plane that has the endpoint's address; `but` is off, and is not asked."""
    wanted = f" {booted.plan.endpoint.address}/"
    (found,) = [
        node.name
        for node in booted.plan.control_plane.nodes
        if node.name != but and wanted in booted.on_node(node.name, "ip", "-o", "-4", "address", "show")
    ]
    return found


def ready(booted: Booted, node: str) -> bool:
    """Tell whether Kubernetes finds a node Ready."""
    status = booted.kubectl(
        "get", "node", node, "-o", 'jsonpath={.status.conditions[?(@.type=="Ready")].status}', check=False
    )
    return status == "True"


def test_the_loss_of_the_endpoints_holder_costs_seconds_and_no_write(
    booted: Booted, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = holder(booted)
    server = booted.server_id(lost)
    with booted.applied({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}):
        writer = _written_while(booted.api, lambda: subprocess.run(lab_command("kill", server), check=True, timeout=60))
        found = booted.get("configmaps", "--namespace", NAMESPACE)["items"]
    kept = {int(item["data"]["number"]) for item in found if "number" in item["data"]}
    missing = sorted(set(writer.acknowledged) - kept)
    with capsys.disabled():
        print(  # noqa: T201 (issue 4 wants the figures printed)
            f"\npower-off of {lost}, which held the endpoint: {writer.longest_gap:.1f} s without service, "
            f"{len(writer.acknowledged)} writes acknowledged, {len(missing)} lost, {writer.failures} refused"
        )
    assert len(writer.acknowledged) > LIMIT  # it did write, before and after
    assert missing == []
    assert writer.longest_gap < LIMIT
    heir = holder(booted, but=lost)

    _power_on(booted, server)
    until(lambda: ready(booted, lost), 240, f"{lost} Ready again")
    until(lambda: _members_healthy(booted) == len(booted.plan.control_plane.nodes), 120, "every etcd member healthy")
    assert holder(booted) == heir  # a return breaks no connection


def _written_while(api: KubernetesApi, act: Callable[[], object]) -> Writer:
    """Write before, during and long after something happens."""
    writer, stop = Writer(api), threading.Event()
    thread = threading.Thread(target=writer.run, args=(stop,))
    thread.start()
    try:
        time.sleep(5)
        act()
        time.sleep(3 * LIMIT)
    finally:
        stop.set()
        thread.join()
    return writer


def _power_on(booted: Booted, server_id: str) -> None:
    """Switch the server on as an operator would: Nova may or may not have noticed that it is off."""
    compute = booted.project.connect().compute
    until(lambda: compute.get_server(server_id).status in ("ACTIVE", "SHUTOFF"), 60, "Nova at rest")
    if compute.get_server(server_id).status == "SHUTOFF":
        compute.start_server(server_id)
    else:
        compute.reboot_server(server_id, "HARD")
    until(lambda: compute.get_server(server_id).status == "ACTIVE", 120, "the server ACTIVE")


def _members_healthy(booted: Booted) -> int:
    keys = "/etc/kubernetes/pki/etcd"
    credential = [f"--cacert={keys}/ca.crt", f"--cert={keys}/server.crt", f"--key={keys}/server.key"]
    first = booted.plan.control_plane.nodes[0].name
    command = [
        "exec",
        "-n",
        "kube-system",
        f"etcd-{first}",
        "--",
        "etcdctl",
        *credential,
        "endpoint",
        "health",
        "--cluster",
    ]
    return booted.kubectl(*command, check=False).count("is healthy")
