"""Every node is what the plan says, asked of the components that run there."""

import json

import pytest
import yaml

from cecf.render import etcd
from cecf.render.kube_proxy import kube_proxy_files
from cecf.render.kubeadm import init_config
from cecf.tuning.model import Component
from cecf.tuning.resolve import document
from tests.cluster.booted import Booted
from tests.helpers import clusters

IGNORED_TAINTS = ("node.kubernetes.io/",)


def test_every_node_is_ready_with_the_labels_taints_and_release_of_the_plan(booted: Booted) -> None:
    found = {node["metadata"]["name"]: node for node in booted.get("nodes")["items"]}
    assert found.keys() == {node.name for node in booted.plan.nodes}
    for planned in booted.plan.nodes:
        node = found[planned.name]
        conditions = {condition["type"]: condition["status"] for condition in node["status"]["conditions"]}
        assert conditions["Ready"] == "True"
        assert node["status"]["nodeInfo"]["kubeletVersion"] == f"v{booted.plan.kubernetes_version}"
        assert planned.labels.items() <= node["metadata"]["labels"].items()
        own = [t for t in node["spec"].get("taints", []) if not t["key"].startswith(IGNORED_TAINTS)]
        assert [(t["key"], t.get("value", ""), t["effect"]) for t in own] == [
            (t.key, t.value, t.effect) for t in planned.taints
        ]


def declared(booted: Booted, kind: str) -> dict[str, object]:
    """Return the document of a kind that the first control plane was begun with."""
    first = booted.plan.control_plane.nodes[0]
    documents = yaml.safe_load_all(init_config(booted.plan, first, clusters.FACTS))
    (document,) = [document for document in documents if document["kind"] == kind]
    return {key: value for key, value in document.items() if key not in ("apiVersion", "kind")}


@pytest.mark.parametrize("role", ["control-plane", "worker"])
def test_the_kubelet_runs_with_the_declared_configuration(booted: Booted, role: str) -> None:
    node = next(node for node in booted.plan.nodes if node.role == role)
    running = json.loads(booted.kubectl("get", "--raw", f"/api/v1/nodes/{node.name}/proxy/configz"))["kubeletconfig"]
    wanted = declared(booted, "KubeletConfiguration")
    assert wanted.items() <= running.items()
    assert running["clusterDNS"] == [str(booted.plan.service_cidr[10])]


def test_kube_proxy_runs_with_the_declared_configuration(booted: Booted) -> None:
    stored = booted.get("configmap", "kube-proxy", "--namespace", "kube-system")["data"]
    assert stored == kube_proxy_files(booted.plan)
    status = booted.get("daemonset", "kube-proxy", "--namespace", "kube-system")["status"]
    assert status["updatedNumberScheduled"] == status["numberAvailable"] == len(booted.plan.nodes)
    for node in booted.plan.nodes:
        # What it does, not only what it was told: the table that this mode keeps in the kernel.
        assert "table ip kube-proxy" in booted.on_node(node.name, "nft", "list", "tables")


def test_each_api_server_has_the_flags_of_the_plan(booted: Booted) -> None:
    for node in booted.plan.control_plane.nodes:
        flags = booted.flags("kube-apiserver", node.name)
        assert flags["advertise-address"] == str(node.address)
        assert flags["service-cluster-ip-range"] == str(booted.plan.service_cidr)
        assert flags["etcd-servers"] == ",".join(booted.plan.etcd.client_urls)
        assert "NodeRestriction" in flags["enable-admission-plugins"]
        manager = booted.flags("kube-controller-manager", node.name)
        assert manager["cluster-cidr"] == str(booted.plan.pod_cidr)


def test_etcd_has_its_planned_members_and_their_data_is_on_volumes_of_their_own(booted: Booted) -> None:
    nodes = booted.plan.etcd.members
    members = json.loads(booted.etcdctl("member", "list", "--write-out=json"))["members"]
    assert {member["name"]: member["peerURLs"] for member in members} == {
        node.name: [f"https://{node.address}:2380"] for node in nodes
    }
    assert not any(member.get("isLearner") for member in members)
    assert booted.etcdctl("endpoint", "health", "--cluster").count("is healthy") == len(nodes)
    for node in nodes:
        assert booted.flags("etcd", node.name) == etcd.flags(booted.plan, booted.plan.etcd, node)
        volume = next(v for v in booted.project.connect().block_storage.volumes() if v.name == f"{node.name}-etcd")
        disk = booted.on_node(node.name, "readlink", "-f", f"/dev/disk/by-id/virtio-{volume.id[:20]}").strip()
        source, kind = booted.on_node(node.name, "findmnt", "-no", "SOURCE,FSTYPE", "/var/lib/etcd").split()
        assert (source, kind) == (disk, "ext4") or booted.on_node(node.name, "readlink", "-f", source).strip() == disk


def test_a_member_of_etcd_is_a_service_of_its_server_with_the_declared_priorities(booted: Booted) -> None:
    declared = document(booted.plan.tuning.cluster, Component.ETCD_UNIT)
    for node in booted.plan.etcd.members:
        shown = booted.on_node(
            node.name, "systemctl", "show", "etcd", "--property=User,ActiveState,Nice,OOMScoreAdjust"
        )
        found = dict(line.split("=", 1) for line in shown.split())
        assert (found["User"], found["ActiveState"]) == ("etcd", "active")
        assert {key: found[key] for key in ("Nice", "OOMScoreAdjust")} == {
            key: str(declared[key]) for key in ("Nice", "OOMScoreAdjust")
        }
        # What it began with is told to nobody later.
        assert booted.on_node(node.name, "sh", "-c", "ls /var/lib/cecf/etcd.env || true") == ""


def test_a_token_is_gone_once_its_node_is_ready(booted: Booted) -> None:
    secrets = booted.get("secrets", "--namespace", "kube-system")["items"]
    assert [secret["metadata"]["name"] for secret in secrets if secret["type"] == "bootstrap.kubernetes.io/token"] == []


def test_every_pod_of_the_system_runs(booted: Booted) -> None:
    for pod in booted.get("pods", "--all-namespaces")["items"]:
        assert pod["status"]["phase"] == "Running", pod["metadata"]["name"]
