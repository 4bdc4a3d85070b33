"""What a node is told: who it is, what its kernel needs, in words that cloud-init knows."""

import base64
from email import message_from_bytes
from typing import Any

import pytest
import yaml
from hypothesis import given

from cecf import render
from cecf.plan import ClusterPlan, NodePlan
from cecf.render.node import document
from stacks import BUSINESSES
from tests.helpers import clusters
from tests.helpers.strategies import CLUSTERS, Cluster, plan_of


def config(plan: ClusterPlan, node: NodePlan) -> dict[str, Any]:
    """Return the node's cloud-config, taken from the user data that Nova gets."""
    whole = message_from_bytes(base64.b64decode(render.user_data(plan, node)))
    (part,) = [part for part in whole.walk() if part.get_content_type() == "text/cloud-config"]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    loaded: dict[str, Any] = yaml.safe_load(payload)
    return loaded


def file(plan: ClusterPlan, node: NodePlan, path: str) -> str:
    """Return the content of a file on a node."""
    (content,) = [item["content"] for item in config(plan, node)["write_files"] if item["path"] == path]
    return str(content)


@pytest.fixture
def dev() -> ClusterPlan:
    """Return the plan of the dev cluster."""
    return clusters.plan("dev")


def test_a_node_reads_in_one_file_who_it_is(dev: ClusterPlan) -> None:
    assert yaml.safe_load(file(dev, dev.control_plane.nodes[1], "/etc/cecf/node.yaml")) == {
        "cluster": "dev",
        "node": "dev-control-plane-2",
        "role": "control-plane",
        "pool": "control-plane",
        "zone": "az2",
        "kubernetes_version": "1.34.4",
        "api_endpoint": "https://10.10.0.5:8443",
        "pod_cidr": "10.244.0.0/16",
        "service_cidr": "10.96.0.0/16",
    }


def test_the_document_in_the_user_data_is_the_one_that_people_review(dev: ClusterPlan) -> None:
    node = dev.nodes[0]
    assert config(dev, node) == yaml.safe_load(document(dev, node))


def test_kubernetes_finds_the_modules_and_settings_that_it_needs_at_each_boot(dev: ClusterPlan) -> None:
    node = dev.nodes[0]
    assert file(dev, node, "/etc/modules-load.d/cecf.conf").split() == ["overlay", "br_netfilter"]
    sysctls = file(dev, node, "/etc/sysctl.d/90-cecf.conf").splitlines()
    assert {"net.ipv4.ip_forward = 1", "net.bridge.bridge-nf-call-iptables = 1"} <= set(sysctls)


def test_they_hold_from_the_first_boot_on(dev: ClusterPlan) -> None:
    commands = config(dev, dev.nodes[0])["runcmd"]
    assert commands == [["modprobe", "overlay"], ["modprobe", "br_netfilter"], ["sysctl", "--system"]]


@given(CLUSTERS)
def test_no_node_lets_anybody_log_in(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    for node in plan.nodes[:3]:
        told = config(plan, node)
        assert (told["ssh_pwauth"], told["disable_root"]) == (False, True)
        assert not {"users", "ssh_authorized_keys", "password", "chpasswd"} & told.keys()


@given(CLUSTERS)
def test_two_nodes_differ_in_what_they_are_told_in_nothing_but_themselves(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    stripped = set()
    for node in plan.nodes[:5]:
        identity = yaml.safe_load(file(plan, node, "/etc/cecf/node.yaml"))
        assert (identity["node"], config(plan, node)["hostname"]) == (node.name, node.name)
        shared = {key: identity[key] for key in identity.keys() - {"node", "pool", "role", "zone"}}
        stripped.add(str(sorted(shared.items())))
    assert len(stripped) == 1


@given(CLUSTERS)
def test_the_same_plan_is_told_in_the_same_words(cluster: Cluster) -> None:
    first, second = plan_of(cluster), plan_of(cluster)
    assert [render.user_data(first, node) for node in first.nodes[:3]] == [
        render.user_data(second, node) for node in second.nodes[:3]
    ]


@pytest.mark.parametrize("business", sorted(BUSINESSES))
def test_one_more_pool_changes_no_word_of_what_a_node_is_told(business: str) -> None:
    before = clusters.plan(business)
    after = clusters.plan(business, {"worker_pools": {"extra": {"count": 3}}})
    told = {node.name: render.user_data(after, node) for node in after.nodes}
    assert {node.name: render.user_data(before, node) for node in before.nodes}.items() <= told.items()
