"""Another authority in three runs, and leaf certificates made anew on the nodes, while somebody writes all the time."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from cecf.kubernetes.api import ApiUnreachableError, KubernetesApi
from tests.cluster.booted import Booted, Figure
from tests.cluster.booting import booting
from tests.cluster.writer import writing
from tests.helpers import clusters

CLUSTER: dict[str, Any] = {
    "name": "trust",
    "network": {"nodes": {"kind": "create", "cidr": "10.81.0.0/24"}},
    "control_plane": {
        "count": 3,
        "flavor": "m1.medium",
        "endpoint": {"access": "floating_ip", "allowed_cidrs": ["198.18.0.0/20"]},
    },
    "worker_pools": {"general": {"count": 1}},
}
STEPS = ((1, [1, 2]), (2, [1, 2]), (2, [2]))
NAMESPACE = "trust"
PATIENCE = 400
"""Seconds that a control plane may take to make its certificates anew."""
LIMIT = 20
"""Seconds that the API may be away at once while servers are replaced one by one."""

PUBLISHED = ("configmap", "kube-root-ca.crt", "--namespace", "default")
KUBELET = "/var/lib/kubelet/pki/kubelet-client-current.pem"
API_SERVER = "/etc/kubernetes/pki/apiserver.crt"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booted]:
    """Boot three control planes and a worker."""
    with booting(CLUSTER, tmp_path_factory.mktemp("trust")) as booted:
        yield booted


def issuer(booted: Booted, node: str, certificate: str) -> str:
    """Return who signed a node's certificate: the common name, which has the generation."""
    said = booted.on_node(node, "openssl", "x509", "-noout", "-issuer", "-in", certificate)
    found = re.search(r"CN ?= ?(\S+)", said)
    assert found, said
    return found[1]


def serial(booted: Booted, node: str) -> str:
    """Return which certificate an API server shows to who asks, by its serial number on the disk."""
    return booted.on_node(node, "openssl", "x509", "-noout", "-serial", "-in", API_SERVER)


def renewed(booted: Booted, node: str) -> None:
    """Run what the timer runs, on a day on which everything is due: one in a window of ten years is today."""
    unit = "/etc/systemd/system/cecf-certificates.service"
    booted.on_node(node, "sed", "-i", "s/certificates 90$/certificates 3650/", unit)
    booted.on_node(node, "systemctl", "daemon-reload")
    booted.on_node(node, "systemctl", "start", "--no-block", "cecf-certificates")
    end = time.monotonic() + PATIENCE
    state = "activating"
    while state == "activating" and time.monotonic() < end:
        time.sleep(1)
        state = booted.on_node(
            node, "systemctl", "show", "--property=ActiveState", "--value", "cecf-certificates"
        ).strip()
    assert state == "inactive", booted.on_node(node, "journalctl", "--unit", "cecf-certificates", "--no-pager")


def refreshed(booted: Booted) -> None:
    """Fetch the kubeconfig anew, as the page says after each run."""
    booted.kubeconfig.write_text(booted.program.open().secret("kubeconfig"))


def test_the_timers_work_makes_certificates_anew_in_turns_and_nobody_notices(cluster: Booted, figure: Figure) -> None:
    planned = [node.name for node in cluster.plan.control_plane.nodes]
    before = {node: serial(cluster, node) for node in planned}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "renewal"}}
    with cluster.applied(namespace):
        with writing(cluster.api, "renewal") as writer:
            for node in planned:
                renewed(cluster, node)
        missing = writer.missing(cluster.get("configmaps", "--namespace", "renewal"))
    figure(
        f"certificates of {len(planned)} control planes made anew: at most {writer.longest_gap:.1f} s without service, "
        f"{len(writer.acknowledged)} writes acknowledged, {len(missing)} lost"
    )
    assert missing == []
    assert {node for node in planned if serial(cluster, node) != before[node]} == set(planned)
    assert writer.longest_gap < LIMIT


def test_another_authority_takes_three_runs_and_no_write_is_lost(cluster: Booted, figure: Figure) -> None:
    old = cluster.kubeconfig.read_text()
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    with cluster.applied(namespace):
        for generation, trust in STEPS:
            authority = {"generation": generation, "trust": trust}
            change = {"certificates": {"authority": authority}}
            cluster.program.configure(clusters.changed(cluster.program.configured(), change))
            with writing(cluster.api, NAMESPACE) as writer:
                cluster.program.up()
            refreshed(cluster)
            missing = writer.missing(cluster.get("configmaps", "--namespace", NAMESPACE))
            figure(
                f"authority {authority}: at most {writer.longest_gap:.1f} s without service, "
                f"{len(writer.acknowledged)} writes acknowledged, {len(missing)} lost"
            )
            assert missing == []
            assert writer.longest_gap < LIMIT
            assert not cluster.program.up().changed
            cluster.kubectl("--namespace", "kube-flannel", "rollout", "restart", "daemonset")
            cluster.kubectl("--namespace", "kube-system", "rollout", "restart", "daemonset,deployment")
            assert cluster.get(*PUBLISHED)["data"]["ca.crt"].count("BEGIN") == len(trust)
    for node in cluster.plan.nodes:
        assert issuer(cluster, node.name, KUBELET) == "kubernetes-2"
    for node in cluster.plan.control_plane.nodes:
        assert issuer(cluster, node.name, API_SERVER) == "kubernetes-2"
    assert cluster.healthy_members() == len(cluster.plan.etcd.members)
    # Who trusts the old authority alone is told so by nobody that it believes.
    with pytest.raises(ApiUnreachableError, match="certificate"):
        KubernetesApi(old).get("/version")
