"""The add-ons' objects: what they name exists, what they need is open, and their pods run where they must."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from cecf.plan import ClusterPlan
from cecf.plan.nodes import CONTROL_PLANE_TAINT
from cecf.plan.rules import VXLAN_PORT
from cecf.render import addons
from lab.kubernetes import images
from tests.helpers import clusters
from tests.helpers.strategies import CLUSTERS, Cluster, plan_of

Manifest = addons.Manifest

BUILT_IN = {
    ("Role", "extension-apiserver-authentication-reader"),
    ("ClusterRole", "system:auth-delegator"),
    ("ClusterRole", "system:node-proxier"),
}
"""Roles that every cluster has."""


@pytest.fixture(scope="module")
def plan() -> ClusterPlan:
    """Return the plan of dev."""
    return clusters.plan("dev")


def by_addon(plan: ClusterPlan) -> dict[str, list[Manifest]]:
    """Return the objects of every add-on that has pods."""
    return {"flannel": addons.flannel(plan), "kube-proxy": addons.kube_proxy(plan), **addons.addons(plan)}


def everything(plan: ClusterPlan) -> list[Manifest]:
    """Return every object of every add-on."""
    return [item for objects in by_addon(plan).values() for item in objects]


def of(objects: list[Manifest], *kinds: str) -> list[Manifest]:
    """Return the objects of some kinds."""
    return [item for item in objects if item["kind"] in kinds]


def one(objects: list[Manifest], kind: str) -> Manifest:
    """Return the one object of a kind."""
    (found,) = of(objects, kind)
    return found


def pods(objects: list[Manifest]) -> Iterator[tuple[Manifest, dict[str, Any]]]:
    """Yield each workload with what its pods are."""
    for workload in of(objects, "Deployment", "DaemonSet"):
        yield workload, workload["spec"]["template"]["spec"]


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all containers of a pod."""
    return [*pod.get("initContainers", []), *pod["containers"]]


def tolerated(pod: dict[str, Any], key: str, effect: str) -> bool:
    """Tell whether a pod bears a taint."""
    return any(
        t.get("key", key) == key and t.get("effect", effect) == effect and t["operator"] == "Exists"
        for t in pod["tolerations"]
    )


@settings(max_examples=20)
@given(CLUSTERS)
def test_no_two_objects_are_the_same(cluster: Cluster) -> None:
    identities = [
        (item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"])
        for item in everything(plan_of(cluster))
    ]
    assert [identity for identity, times in Counter(identities).items() if times > 1] == []


def test_every_value_of_the_templates_is_filled_in(plan: ClusterPlan) -> None:
    # What the kubelet fills in stays.
    assert "$" not in json.dumps(everything(plan)).replace("$(NODE_NAME)", "")


def test_every_image_is_one_that_the_node_image_holds(plan: ClusterPlan) -> None:
    held = set(images.references().values())
    used = {container["image"] for _, pod in pods(everything(plan)) for container in containers(pod)}
    assert used <= held
    assert len(used) == 4


def test_another_repository_is_that_of_every_image() -> None:
    plan = clusters.plan("dev", {"image_repository": "registry.example/k8s"})
    used = {container["image"] for _, pod in pods(everything(plan)) for container in containers(pod)}
    assert {image.rpartition("/")[0] for image in used} == {"registry.example/k8s"}


def test_nothing_is_pulled_that_is_there(plan: ClusterPlan) -> None:
    policies = {c.get("imagePullPolicy", "IfNotPresent") for _, pod in pods(everything(plan)) for c in containers(pod)}
    assert policies == {"IfNotPresent"}


def test_a_pod_s_account_and_the_roles_that_are_bound_to_it_exist(plan: ClusterPlan) -> None:
    for objects in by_addon(plan).values():
        accounts = {(a["metadata"]["namespace"], a["metadata"]["name"]) for a in of(objects, "ServiceAccount")}
        roles = {(r["kind"], r["metadata"]["name"]) for r in of(objects, "ClusterRole", "Role")} | BUILT_IN
        for workload, pod in pods(objects):
            assert (workload["metadata"]["namespace"], pod["serviceAccountName"]) in accounts
        for binding in of(objects, "ClusterRoleBinding", "RoleBinding"):
            assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) in roles
            assert {(s["namespace"], s["name"]) for s in binding["subjects"]} <= accounts


def test_a_pod_s_configuration_exists(plan: ClusterPlan) -> None:
    for objects in by_addon(plan).values():
        maps = {(m["metadata"]["namespace"], m["metadata"]["name"]) for m in of(objects, "ConfigMap")}
        for workload, pod in pods(objects):
            used = {v["configMap"]["name"] for v in pod.get("volumes", []) if "configMap" in v}
            assert {(workload["metadata"]["namespace"], name) for name in used} <= maps
            named = {volume["name"] for volume in pod.get("volumes", [])}
            assert {m["name"] for c in containers(pod) for m in c.get("volumeMounts", [])} == named


def test_whatever_selects_pods_selects_those_of_its_add_on(plan: ClusterPlan) -> None:
    for objects in by_addon(plan).values():
        (labels,) = [w["spec"]["template"]["metadata"]["labels"] for w in of(objects, "Deployment", "DaemonSet")]
        selectors = [w["spec"]["selector"]["matchLabels"] for w in of(objects, "Deployment", "DaemonSet")]
        selectors += [b["spec"]["selector"]["matchLabels"] for b in of(objects, "PodDisruptionBudget")]
        selectors += [s["spec"]["selector"] for s in of(objects, "Service")]
        assert [s for s in selectors if not (s and s.items() <= labels.items())] == []


def test_a_service_leads_to_ports_that_its_pods_have(plan: ClusterPlan) -> None:
    for objects in by_addon(plan).values():
        ports = {p for _, pod in pods(objects) for c in containers(pod) for p in _named_and_numbered(c)}
        wanted = {port["targetPort"] for service in of(objects, "Service") for port in service["spec"]["ports"]}
        assert wanted <= ports


def _named_and_numbered(container: dict[str, Any]) -> set[object]:
    return {value for port in container.get("ports", []) for value in (port["name"], port["containerPort"])}


def test_what_the_cluster_cannot_do_without_is_evicted_last(plan: ClusterPlan) -> None:
    classes = {workload["metadata"]["name"]: pod["priorityClassName"] for workload, pod in pods(everything(plan))}
    assert classes == {
        "kube-flannel": "system-node-critical",
        "kube-proxy": "system-node-critical",
        "coredns": "system-cluster-critical",
        "metrics-server": "system-cluster-critical",
    }


def test_every_add_on_bears_the_control_plane_s_taint(plan: ClusterPlan) -> None:
    taint = CONTROL_PLANE_TAINT
    assert [
        w["metadata"]["name"] for w, pod in pods(everything(plan)) if not tolerated(pod, taint.key, taint.effect)
    ] == []


@pytest.mark.parametrize("effect", ["NoSchedule", "NoExecute"])
@pytest.mark.parametrize("name", ["flannel", "kube-proxy"])
def test_what_makes_a_node_s_network_runs_on_every_node_and_before_there_is_one(
    plan: ClusterPlan, name: str, effect: str
) -> None:
    ((workload, pod),) = pods(by_addon(plan)[name])
    assert workload["kind"] == "DaemonSet"
    assert tolerated(pod, "node.kubernetes.io/not-ready", effect)
    assert tolerated(pod, "example.org/any", effect)
    assert pod["hostNetwork"] is True


def test_the_pod_network_is_the_plan_s_and_on_the_port_that_the_rules_open(plan: ClusterPlan) -> None:
    data = one(addons.flannel(plan), "ConfigMap")["data"]
    network = json.loads(data["net-conf.json"])
    assert network["Network"] == str(plan.pod_cidr)
    assert network["Backend"] == {"Type": "vxlan", "Port": VXLAN_PORT}
    # As kube-proxy: two ways to filter packets on one node are one too many.
    assert network["EnableNFTables"] is True
    assert [plugin["type"] for plugin in json.loads(data["cni-conf.json"])["plugins"]] == ["flannel", "portmap"]


def test_dns_answers_at_the_address_that_kubelets_are_told() -> None:
    plan = clusters.plan("dev", {"network": {"service_cidr": "10.112.0.0/20"}})
    service = one(addons.coredns(plan), "Service")
    assert service["metadata"]["name"] == "kube-dns"
    assert service["spec"]["clusterIP"] == "10.112.0.10"


def test_dns_listens_to_udp_and_tcp(plan: ClusterPlan) -> None:
    ports = {(p["port"], p["protocol"]) for p in one(addons.coredns(plan), "Service")["spec"]["ports"]}
    assert {(53, "UDP"), (53, "TCP")} <= ports


@pytest.mark.parametrize(
    ("business", "change", "replicas"),
    [
        ("dev", {}, 2),
        ("smartcity", {}, 1),
        ("dev", {"addons": {"coredns": {"replicas": 4}}}, 4),
        # 3 and 46 nodes, a pod for each 16; 3 x 2 and 130 x 4 cores, a pod for each 256.
        ("dev", {"worker_pools": {"general": {"count": 46}}}, 4),
        ("dev", {"worker_pools": {"general": {"count": 130, "flavor": "m1.large"}}}, 9),
        ("smartcity", {"worker_pools": {"general": {"count": 1}}}, 2),
    ],
)
def test_dns_survives_a_node_wherever_there_are_two(business: str, change: dict[str, Any], replicas: int) -> None:
    deployment = one(addons.coredns(clusters.plan(business, change)), "Deployment")
    assert deployment["spec"]["replicas"] == replicas


@pytest.mark.parametrize("name", ["coredns", "metrics-server"])
def test_pods_of_one_kind_never_share_a_node_and_are_never_all_away(plan: ClusterPlan, name: str) -> None:
    objects = by_addon(plan)[name]
    ((workload, pod),) = pods(objects)
    hard = [c["topologyKey"] for c in pod["topologySpreadConstraints"] if c["whenUnsatisfiable"] == "DoNotSchedule"]
    assert hard == ["kubernetes.io/hostname"]
    # Without it a rollout could find no node: the old pods are everywhere.
    assert {tuple(c["matchLabelKeys"]) for c in pod["topologySpreadConstraints"]} == {("pod-template-hash",)}
    assert one(objects, "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
    assert workload["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 1


@pytest.mark.parametrize(("business", "replicas"), [("dev", 2), ("bigdata", 1), ("finance", 2)])
def test_metrics_run_on_the_control_plane_from_where_alone_kubelets_can_be_asked(business: str, replicas: int) -> None:
    ((workload, pod),) = pods(addons.metrics_server(clusters.plan(business)))
    assert "node-role.kubernetes.io/control-plane" in pod["nodeSelector"]
    assert workload["spec"]["replicas"] == replicas


def test_metrics_can_be_left_out() -> None:
    plan = clusters.plan("dev", {"addons": {"metrics_server": {"enabled": False}}})
    assert set(addons.addons(plan)) == {"coredns"}


def test_no_add_on_reaches_into_its_node_but_what_makes_the_node_s_network(plan: ClusterPlan) -> None:
    for name, objects in addons.addons(plan).items():
        for _, pod in pods(objects):
            assert not pod.get("hostNetwork"), name
            assert [v for v in pod.get("volumes", []) if "hostPath" in v] == []
            for container in pod["containers"]:
                context = container["securityContext"]
                assert context["allowPrivilegeEscalation"] is False
                assert context["readOnlyRootFilesystem"] is True
                assert context["capabilities"]["drop"] == ["ALL"]


def test_dns_counts_only_nodes_that_it_may_run_on() -> None:
    tainted = {"count": 1, "taints": [{"key": "example.org/only", "effect": "NoSchedule"}]}
    deployment = one(addons.coredns(clusters.plan("smartcity", {"worker_pools": {"general": tainted}})), "Deployment")
    assert deployment["spec"]["replicas"] == 1
