"""The booted cluster is closed: what tests/api_server shows of one server alone, asked of all of them here."""

import base64
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from cecf.render.api_server import AUDIT_LOGS, OPEN_PATHS
from tests.cluster.booted import Booted, pod

SECRET = "correct-horse-battery-staple"  # noqa: S105 (it is looked for where it must not be)


@pytest.fixture(scope="module")
def kept(booted: Booted) -> Iterator[str]:
    """Have a Secret that no pod uses; return its name."""
    document = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "kept"}, "stringData": {"password": SECRET}}
    with booted.applied(document):
        yield "kept"


def stored(booted: Booted, key: str) -> bytes:
    """Return what etcd holds under a key, which is no text."""
    (found,) = json.loads(booted.etcdctl("get", key, "--write-out=json"))["kvs"]
    return base64.b64decode(found["value"])


def test_a_secret_is_encrypted_in_etcd_and_every_api_server_reads_it(booted: Booted, kept: str) -> None:
    value = stored(booted, f"/registry/secrets/default/{kept}")
    assert value.startswith(b"k8s:enc:secretbox:v1:key-")
    assert SECRET.encode() not in value
    for node in booted.plan.control_plane.nodes:
        own = ("--server", f"https://{node.address}:6443", "--kubeconfig", "/etc/kubernetes/admin.conf")
        read = booted.on_node(node.name, "kubectl", *own, "get", "secret", kept, "--output=jsonpath={.data.password}")
        assert base64.b64decode(read).decode() == SECRET


def test_no_secret_of_the_cluster_is_in_etcd_in_plain(booted: Booted) -> None:
    listed = json.loads(booted.etcdctl("get", "--prefix", "/registry/secrets/", "--write-out=json")).get("kvs", [])
    names = {
        base64.b64decode(each["key"]).decode()
        for each in listed
        if not base64.b64decode(each["value"]).startswith(b"k8s:enc:secretbox:")
    }
    assert names == set()


def status_of_nobody(booted: Booted, path: str) -> int:
    """Return the HTTP status that the endpoint answers to somebody without a credential."""
    # Whose certificate it is, is asked wherever the kubeconfig is used.
    context = ssl._create_unverified_context()  # noqa: S323
    server = booted.kubectl("config", "view", "--output=jsonpath={.clusters[0].cluster.server}")
    try:
        with urllib.request.urlopen(f"{server}{path}", timeout=10, context=context) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_without_a_credential_there_is_health_and_nothing_else(booted: Booted) -> None:
    assert {path: status_of_nobody(booted, path) for path in OPEN_PATHS} == dict.fromkeys(OPEN_PATHS, 200)
    closed = ("/api", "/version", "/api/v1/namespaces/kube-public/configmaps/cluster-info")
    assert {path: status_of_nobody(booted, path) for path in closed} == dict.fromkeys(closed, 401)


@pytest.mark.parametrize("role", ["control-plane", "worker"])
def test_a_kubelet_answers_nobody_without_a_credential_and_has_no_open_port(booted: Booted, role: str) -> None:
    node = next(node for node in booted.plan.nodes if node.role == role).name
    running = json.loads(booted.kubectl("get", "--raw", f"/api/v1/nodes/{node}/proxy/configz"))["kubeletconfig"]
    assert running["authentication"]["anonymous"]["enabled"] is False
    assert running["authorization"]["mode"] == "Webhook"
    assert running.get("readOnlyPort", 0) == 0
    ask = "curl --silent --insecure --output /dev/null --write-out '%{http_code}' https://127.0.0.1:10250/pods"
    assert booted.on_node(node, "sh", "-c", ask) == "401"


def let_in(booted: Booted, document: dict[str, Any]) -> None:
    """Have the API judge a pod without making it; fail with its words."""
    booted.kubectl("create", "--dry-run=server", "--filename", "-", stdin=json.dumps(document))


def test_a_pod_that_could_take_its_node_over_is_refused(booted: Booted) -> None:
    privileged = pod("privileged")
    privileged["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    files = pod("host-files", volumes=[{"name": "root", "hostPath": {"path": "/"}}])
    for refused in (privileged, files, pod("host-network", hostNetwork=True)):
        with pytest.raises(AssertionError, match='violates PodSecurity "baseline:latest"'):
            let_in(booted, refused)
    privileged["metadata"]["namespace"] = "kube-system"
    for allowed in (privileged, pod("ordinary")):
        let_in(booted, allowed)


def test_a_node_s_credential_reads_no_secret_of_others_and_changes_no_other_node(booted: Booted, kept: str) -> None:
    one, other = (node.name for node in booted.plan.worker_pools[0].nodes[:2])
    path = f"https://{booted.plan.endpoint.host_port}/api/v1"
    certificate = "/var/lib/kubelet/pki/kubelet-client-current.pem"

    def status(*request: str) -> str:
        tell = ("--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--cacert", "/etc/cecf/pki/ca.crt")
        return booted.on_node(one, "curl", *tell, "--cert", certificate, "--key", certificate, *request)

    assert status(f"{path}/nodes/{one}") == "200"
    assert status(f"{path}/namespaces/default/secrets/{kept}") == "403"
    assert status(f"{path}/namespaces/kube-system/secrets") == "403"
    change = ["--request", "PATCH", "--header", "Content-Type: application/merge-patch+json"]
    change += ["--data", '{"metadata": {"labels": {"example.org/taken": "over"}}}']
    assert status(*change, f"{path}/nodes/{other}") == "403"


def test_each_control_plane_keeps_a_record_that_root_alone_reads(booted: Booted, kept: str) -> None:
    log = f"{AUDIT_LOGS}/audit.log"
    for node in booted.plan.control_plane.nodes:
        assert booted.on_node(node.name, "stat", "--format=%a %U", log).split() == ["600", "root"]
        assert SECRET not in booted.on_node(node.name, "cat", log)
    written = [
        booted.on_node(node.name, "sh", "-c", f"grep -c secrets.*{kept} {log} || true")
        for node in booted.plan.control_plane.nodes
    ]
    assert any(int(count) for count in written)
