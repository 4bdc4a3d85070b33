"""kubeadm's configuration: what the plan decided, in the fields that this kubeadm knows."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given, settings

from cecf.pki.keys import join_token
from cecf.plan import ClusterPlan, NodePlan
from cecf.render.kubeadm import init_config, join_config
from tests.helpers import clusters
from tests.helpers.strategies import CLUSTERS, Cluster, plan_of
from tests.helpers.user_data import documents, files

JOIN = "/etc/cecf/kubeadm-join.yaml"
INIT = "/etc/cecf/kubeadm-init.yaml"


@pytest.fixture(scope="module")
def plan() -> ClusterPlan:
    """Return the plan of dev, reached by a floating IP."""
    return clusters.plan("dev", clusters.REACHABLE)


def init(plan: ClusterPlan, ordinal: int = 1) -> dict[str, dict[str, Any]]:
    """Return the documents with which a control plane begins the cluster, by kind."""
    node = plan.control_plane.nodes[ordinal - 1]
    return documents(init_config(plan, node, clusters.facts(node)))


def join(node: NodePlan) -> dict[str, Any]:
    """Return the document with which a node joins."""
    return documents(join_config(node))["JoinConfiguration"]


def arguments(registration: dict[str, Any]) -> dict[str, str]:
    """Return the kubelet's extra arguments."""
    return {argument["name"]: argument["value"] for argument in registration["kubeletExtraArgs"]}


def test_the_cluster_is_the_plan_s(plan: ClusterPlan) -> None:
    cluster = init(plan)["ClusterConfiguration"]
    assert cluster["clusterName"] == "dev"
    assert cluster["kubernetesVersion"] == "v1.34.4"
    assert cluster["imageRepository"] == "cecf.local"
    assert cluster["controlPlaneEndpoint"] == "10.10.0.5:8443"
    assert cluster["networking"] == {"podSubnet": "10.244.0.0/16", "serviceSubnet": "10.96.0.0/16"}


def test_the_api_server_s_certificate_is_for_the_endpoint(plan: ClusterPlan) -> None:
    # Not for a floating IP: that may change, and kubeconfigs name whom they expect there.
    assert init(plan)["ClusterConfiguration"]["apiServer"]["certSANs"] == ["10.10.0.5"]


@pytest.mark.parametrize(("topology", "first"), [("stacked", 6), ("external", 11)])
def test_the_api_server_reaches_every_member_of_etcd_with_a_key_of_its_own(topology: str, first: int) -> None:
    plan = clusters.plan("dev", {"etcd": {"topology": topology}})
    etcd = init(plan)["ClusterConfiguration"]["etcd"]
    assert etcd["external"]["endpoints"] == [f"https://10.10.0.{address}:2379" for address in range(first, first + 3)]
    # kubeadm has no member of its own to make, wherever they run.
    assert etcd.keys() == {"external"}
    written = files(plan, plan.control_plane.nodes[0])
    assert {path for key, path in etcd["external"].items() if key.endswith("File")} <= written.keys()


def overrides(plan: ClusterPlan) -> str | None:
    """Return what the API server keeps elsewhere."""
    flags = init(plan)["ClusterConfiguration"]["apiServer"]["extraArgs"]
    return {flag["name"]: flag["value"] for flag in flags}.get("etcd-servers-overrides")


def test_events_are_kept_where_they_have_an_etcd_of_their_own(plan: ClusterPlan) -> None:
    assert overrides(plan) is None
    assert overrides(clusters.plan("dev", {"etcd": {"events": {"members": 3}}})) == (
        "/events#https://10.10.0.16:2379;https://10.10.0.17:2379;https://10.10.0.18:2379"
    )


def test_kubeadm_makes_keys_like_those_that_it_is_given(plan: ClusterPlan) -> None:
    assert init(plan)["ClusterConfiguration"]["encryptionAlgorithm"] == "ECDSA-P256"


def test_the_only_way_in_that_kubeadm_makes_is_the_first_node_s_own_and_ends_soon(plan: ClusterPlan) -> None:
    (token,) = init(plan)["InitConfiguration"]["bootstrapTokens"]
    assert token["token"] == join_token(clusters.FACTS.pki, "dev-control-plane-1")
    assert token["ttl"] == "1h0m0s"


def test_the_add_ons_are_left_to_the_stack(plan: ClusterPlan) -> None:
    assert init(plan)["InitConfiguration"]["skipPhases"] == ["addon/coredns", "addon/kube-proxy"]
    assert init(plan).keys() == {"InitConfiguration", "ClusterConfiguration", "KubeletConfiguration"}


def test_the_kubelet_shares_containerd_s_cgroups_and_the_sysctls_of_the_plan(plan: ClusterPlan) -> None:
    kubelet = init(plan)["KubeletConfiguration"]
    assert (kubelet["cgroupDriver"], kubelet["protectKernelDefaults"]) == ("systemd", True)
    runtime = files(plan, plan.nodes[0])["/etc/containerd/config.toml"]
    assert "SystemdCgroup = true" in runtime


def test_every_control_plane_has_the_cluster_s_configuration_so_that_a_change_of_it_replaces_each(
    plan: ClusterPlan,
) -> None:
    holding = [node for node in plan.nodes if INIT in files(plan, node)]
    assert holding == list(plan.control_plane.nodes)
    first, *others = [documents(files(plan, node)[INIT]) for node in holding]
    assert len(others) == 2
    for kind in ("ClusterConfiguration", "KubeletConfiguration"):
        assert [other[kind] for other in others] == [first[kind]] * 2


def test_every_node_is_told_how_to_join(plan: ClusterPlan) -> None:
    assert [node.name for node in plan.nodes if JOIN not in files(plan, node)] == []


@pytest.mark.parametrize("ordinal", [1, 2, 3])
def test_a_control_plane_begins_and_joins_as_the_same_node(plan: ClusterPlan, ordinal: int) -> None:
    begins, joins = init(plan, ordinal)["InitConfiguration"], join(plan.control_plane.nodes[ordinal - 1])
    assert begins["nodeRegistration"] == joins["nodeRegistration"]
    assert begins["localAPIEndpoint"] == joins["controlPlane"]["localAPIEndpoint"]
    assert begins["localAPIEndpoint"] == {"advertiseAddress": f"10.10.0.{5 + ordinal}", "bindPort": 6443}


def test_a_worker_joins_without_a_control_plane_of_its_own(plan: ClusterPlan) -> None:
    assert "controlPlane" not in join(plan.nodes[-1])
    assert "node-ip" not in arguments(join(plan.nodes[-1])["nodeRegistration"])


def test_who_is_joined_is_known_from_a_file_and_asked_for_of_nobody(plan: ClusterPlan) -> None:
    assert join(plan.nodes[-1])["discovery"] == {"file": {"kubeConfigPath": "/etc/cecf/join.conf"}}
    assert "/etc/cecf/join.conf" in files(plan, plan.nodes[-1])


def test_a_node_registers_with_the_labels_and_taints_of_its_pool() -> None:
    pool = {
        "labels": {"example.org/tier": "batch", "disk": "fast"},
        "taints": [{"key": "example.org/batch", "value": "only", "effect": "NoExecute"}],
    }
    plan = clusters.plan("dev", {"worker_pools": {"general": pool}})
    registration = join(plan.worker_pools[0].nodes[1])["nodeRegistration"]
    assert arguments(registration)["node-labels"] == (
        "cecf.local/pool=general,disk=fast,example.org/tier=batch,topology.kubernetes.io/zone=az2"
    )
    assert registration["taints"] == [{"key": "example.org/batch", "value": "only", "effect": "NoExecute"}]


def test_a_pool_without_taints_has_none_and_not_kubeadm_s_default(plan: ClusterPlan) -> None:
    # An absent list would make kubeadm taint a control plane, whatever the plan says.
    assert join(plan.nodes[-1])["nodeRegistration"]["taints"] == []


@settings(max_examples=20)
@given(CLUSTERS)
def test_every_node_registers_under_its_own_name_and_address(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    for node in (*plan.control_plane.nodes, *(node for pool in plan.worker_pools for node in pool.nodes)):
        registration = join(node)["nodeRegistration"]
        assert registration["name"] == node.name
        assert registration["criSocket"] == "unix:///run/containerd/containerd.sock"
        known = arguments(registration).get("node-ip")
        assert (ipaddress.IPv4Address(known) if known else None) == node.address
