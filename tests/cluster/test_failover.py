"""A control plane loses power: the API is back within seconds, and nothing that was acknowledged is lost."""

import subprocess
import time
from collections.abc import Callable

from tests.cluster.booted import Booted, Figure, lab_command
from tests.cluster.writer import writing

LIMIT = 15
"""Seconds that the API may be away."""

NAMESPACE = "failover"


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


def serves(booted: Booted, node: str) -> bool:
    """Tell whether a control plane's own API server and kubelet answer."""
    api_server, kubelet = "https://127.0.0.1:6443/readyz", "http://127.0.0.1:10248/healthz"
    asked = f"curl -sk -m 5 {api_server}; curl -s -m 5 {kubelet}; true"
    return booted.on_node(node, "sh", "-c", asked) == "okok"


def test_the_loss_of_the_endpoints_holder_costs_seconds_and_no_write(booted: Booted, figure: Figure) -> None:
    lost = holder(booted)
    server = booted.server_id(lost)
    with booted.applied({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}):
        with writing(booted.api, NAMESPACE) as writer:
            time.sleep(5)
            subprocess.run(lab_command("kill", server), check=True, timeout=60)
            time.sleep(3 * LIMIT)
        missing = writer.missing(booted.get("configmaps", "--namespace", NAMESPACE))
    figure(
        f"power-off of {lost}, which held the endpoint: {writer.longest_gap:.1f} s without service, "
        f"{len(writer.acknowledged)} writes acknowledged, {len(missing)} lost, {writer.failures} refused"
    )
    assert len(writer.acknowledged) > LIMIT  # it did write, before and after
    assert missing == []
    assert writer.longest_gap < LIMIT
    heir = holder(booted, but=lost)

    _power_on(booted, server)
    # What Kubernetes knows of a lost node is good for a while: it is asked itself, too.
    until(lambda: serves(booted, lost), 240, f"API server and kubelet of {lost} at work again")
    until(lambda: ready(booted, lost), 240, f"{lost} Ready again")
    until(lambda: booted.healthy_members() == len(booted.plan.control_plane.nodes), 120, "every etcd member healthy")
    assert holder(booted) == heir  # a return breaks no connection


def _power_on(booted: Booted, server_id: str) -> None:
    """Switch the server on as an operator would: Nova may or may not have noticed that it is off."""
    compute = booted.project.connect().compute
    until(lambda: compute.get_server(server_id).status in ("ACTIVE", "SHUTOFF"), 60, "Nova at rest")
    if compute.get_server(server_id).status == "SHUTOFF":
        compute.start_server(server_id)
    else:
        compute.reboot_server(server_id, "HARD")
    until(lambda: compute.get_server(server_id).status == "ACTIVE", 120, "the server ACTIVE")
