"""kube-proxy: what it is told, what it runs as, and what a change of its configuration changes."""

from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

import pytest
import yaml

from cecf.plan import ClusterPlan
from cecf.render import addons, kube_proxy
from tests.helpers import clusters
from tests.helpers.programs import program, run

Manifest = dict[str, Any]

CONFIG = "config.conf"


@pytest.fixture(scope="module")
def plan() -> ClusterPlan:
    """Return the plan of dev."""
    return clusters.plan("dev")


def by_kind(objects: list[Manifest]) -> dict[str, Manifest]:
    """Return objects by kind, of which each has one."""
    found = {item["kind"]: item for item in objects}
    assert len(found) == len(objects)
    return found


def test_it_filters_as_the_pod_network_does_and_knows_the_pods(plan: ClusterPlan) -> None:
    config = kube_proxy.kube_proxy_config(plan)
    assert (config["mode"], config["clusterCIDR"]) == ("nftables", "10.244.0.0/16")


def test_it_asks_the_api_at_the_endpoint_since_it_makes_services_work_itself(plan: ClusterPlan) -> None:
    told = yaml.safe_load(kube_proxy.kube_proxy_files(plan)["kubeconfig.conf"])
    assert told["clusters"][0]["cluster"]["server"] == "https://10.10.0.5:8443"
    config = kube_proxy.kube_proxy_config(plan)
    assert config["clientConnection"]["kubeconfig"] == "/var/lib/kube-proxy/kubeconfig.conf"


def test_the_files_are_what_its_pods_find(plan: ClusterPlan) -> None:
    found = by_kind(addons.kube_proxy(plan))
    assert found["ConfigMap"]["data"] == kube_proxy.kube_proxy_files(plan)
    assert yaml.safe_load(found["ConfigMap"]["data"][CONFIG]) == kube_proxy.kube_proxy_config(plan)


def test_another_configuration_replaces_the_pods_since_they_read_it_once(plan: ClusterPlan) -> None:
    before = by_kind(addons.kube_proxy(plan))["DaemonSet"]
    after = by_kind(addons.kube_proxy(replace(plan, pod_cidr=IPv4Network("10.128.0.0/16"))))["DaemonSet"]
    assert before["spec"]["template"] != after["spec"]["template"]


def test_the_same_configuration_replaces_no_pod(plan: ClusterPlan) -> None:
    more = clusters.plan("dev", {"worker_pools": {"general": {"count": 3}}})
    assert addons.kube_proxy(plan) == addons.kube_proxy(more)


def test_its_pods_are_replaced_a_few_at_a_time_and_no_more_where_one_does_not_stay(plan: ClusterPlan) -> None:
    spec = by_kind(addons.kube_proxy(plan))["DaemonSet"]["spec"]
    assert spec["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%"}}
    assert spec["minReadySeconds"] > 0


def test_its_release_is_the_cluster_s(plan: ClusterPlan) -> None:
    other = by_kind(addons.kube_proxy(replace(plan, kubernetes_version="1.34.9")))["DaemonSet"]
    assert other["spec"]["template"]["spec"]["containers"][0]["image"] == "cecf.local/kube-proxy:v1.34.9"


def test_it_runs_as_kubeadm_would_run_it(plan: ClusterPlan) -> None:
    wanted, found = kubeadm_s(plan), by_kind(addons.kube_proxy(plan))
    assert found["ServiceAccount"] == wanted["ServiceAccount"]
    for part in ("metadata", "roleRef", "subjects"):
        assert found["ClusterRoleBinding"][part] == wanted["ClusterRoleBinding"][part]
    name = "kubeconfig.conf"
    assert yaml.safe_load(found["ConfigMap"]["data"][name]) == yaml.safe_load(wanted["ConfigMap"]["data"][name])
    for kind in ("ConfigMap", "DaemonSet"):
        assert found[kind]["metadata"] == wanted[kind]["metadata"]
    ours, theirs = (objects["DaemonSet"]["spec"] for objects in (found, wanted))
    assert ours["selector"] == theirs["selector"]
    # What it asks for, and when it is replaced, is ours.
    del ours["template"]["metadata"]["annotations"], ours["template"]["spec"]["containers"][0]["resources"]
    assert ours["template"] == theirs["template"]


def kubeadm_s(plan: ClusterPlan) -> dict[str, Manifest]:
    """Return the objects that kubeadm would install."""
    options = {
        "control-plane-endpoint": plan.endpoint.host_port,
        # Of a port of its own it would say that it is not used.
        "apiserver-bind-port": str(plan.endpoint.port),
        "apiserver-advertise-address": str(plan.control_plane.nodes[0].address),
        "image-repository": plan.image_repository,
        "kubernetes-version": f"v{plan.kubernetes_version}",
        "pod-network-cidr": str(plan.pod_cidr),
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    done = run(program("kubeadm"), "init", "phase", "addon", "kube-proxy", "--print-manifest", *flags)
    assert done.returncode == 0, done.stdout
    return {item["kind"]: item for item in yaml.safe_load_all(done.stdout) if item}
