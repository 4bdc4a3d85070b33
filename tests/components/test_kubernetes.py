"""Kubernetes in the servers: what is awaited, in which order, what is installed, and how all of it ends."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cecf.pki.keys import ADMIN, Api, KeyPair, client_kubeconfig, join_token
from cecf.render import addons
from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import Recording, Registration

CONTROL_PLANES = [f"dev-control-plane-{ordinal}" for ordinal in (1, 2, 3)]
WORKERS = ["dev-general-1", "dev-general-2"]
ADDONS = ["flannel", "kube-proxy", "viewers", "coredns", "metrics-server"]

ENDPOINT = f"https://{clusters.FLOATING_IP}:8443"


def below(recording: Recording, root: Registration) -> set[tuple[str, str, str]]:
    """Return (parent's name, kind, name) of everything below `root`."""
    children = [r for r in recording.registrations if r.parent == root.urn]
    found = {(root.name, child.type.split(":")[-1], child.name) for child in children}
    return found.union(*(below(recording, child) for child in children))


def inside(recording: Recording) -> list[Registration]:
    """Return the objects in Kubernetes."""
    return [r for r in recording.registrations if r.type.startswith("kubernetes:")]


def within(recording: Recording) -> list[Registration]:
    """Return everything that is about a running cluster's inside: awaited or installed."""
    return [*inside(recording), *recording.of("ApiReady"), *recording.of("NodeReady")]


def dependencies(recording: Recording, item: Registration) -> set[str]:
    """Return the names of what an object depends on."""
    return {r.name for r in recording.registrations if r.urn in item.dependencies}


def before(recording: Recording, item: Registration) -> set[str]:
    """Return the names of everything that is there before an object."""
    by_urn = {r.urn: r for r in recording.registrations}
    found: set[str] = set()
    left = [item.urn]
    while left:
        needed = recording.all_dependencies(by_urn[left.pop()]) - found
        found |= needed
        left += needed
    return {by_urn[urn].name for urn in found}


def test_without_a_way_to_the_api_nobody_waits_and_nothing_is_installed(dev: Recording) -> None:
    assert within(dev) == []
    assert dev.of("Kubernetes") == dev.of("FloatingIp") == []
    assert [r for r in dev.registrations if r.type == "pulumi:providers:kubernetes"] == []


def admin_kubeconfig(url: str) -> str:
    """Return what the administrator gets, with the certificate that the stand-in for the engine makes."""
    made = KeyPair(certificate="certificate of dev-admin", key="key of dev-admin")
    trusted = clusters.FACTS.pki.kubernetes.certificate
    return client_kubeconfig(Api(cluster="dev", url=url, server_name="10.10.0.5", authorities=trusted), ADMIN, made)


def test_the_keys_are_made_whether_anybody_waits_or_not(dev: Recording) -> None:
    assert [r.name for r in dev.of("ClusterPki")] == ["dev-pki"]
    assert dev.exports["kubeconfig"] == admin_kubeconfig("https://10.10.0.5:8443")


def test_kubernetes_is_exactly_this_tree(reachable: Recording) -> None:
    (root,) = reachable.of("Kubernetes")
    expected = {
        ("dev-kubernetes", "kubernetes", "dev-kubernetes"),  # the provider
        ("dev-kubernetes", "ApiReady", "dev-api-ready"),
        *(("dev-kubernetes", "Addon", f"dev-{addon}") for addon in ADDONS),
        *(("dev-kubernetes", "NodeReady", f"{node}-ready") for node in [*CONTROL_PLANES, *WORKERS]),
    }
    assert {found for found in below(reachable, root) if found[0] == "dev-kubernetes"} == expected
    assert reachable.parent(root).name == "dev"


def test_nothing_waits_before_its_servers_stand(reachable: Recording) -> None:
    for node in [*CONTROL_PLANES, *WORKERS]:
        assert {f"{node}-server", f"{node}-port"} <= dependencies(
            reachable, reachable.one("NodeReady", f"{node}-ready")
        )
    api = dependencies(reachable, reachable.one("ApiReady", "dev-api-ready"))
    assert {f"{node}-server" for node in CONTROL_PLANES} <= api
    assert not {f"{node}-server" for node in WORKERS} & api


def test_an_etcd_volume_is_attached_before_its_node_is_awaited(reachable: Recording) -> None:
    for node in CONTROL_PLANES:
        ready = reachable.one("NodeReady", f"{node}-ready")
        assert f"{node}-etcd-attachment" in dependencies(reachable, ready)


def test_control_planes_are_let_in_one_after_the_other_and_workers_after_them_at_once(reachable: Recording) -> None:
    ready = {f"{node}-ready" for node in [*CONTROL_PLANES, *WORKERS]}
    waited = {r.name: dependencies(reachable, r) & ready for r in reachable.of("NodeReady")}
    one, two, three = (f"{node}-ready" for node in CONTROL_PLANES)
    workers = {f"{node}-ready": {three} for node in WORKERS}
    assert waited == {one: set(), two: {one}, three: {two}, **workers}


def test_no_node_is_let_in_before_the_api_answers_and_has_the_pod_network(reachable: Recording) -> None:
    for r in reachable.of("NodeReady"):
        assert {"dev-api-ready", "dev-flannel-daemonset-kube-flannel"} <= before(reachable, r)


def test_the_node_s_network_comes_before_the_nodes_are_ready_and_the_rest_after(reachable: Recording) -> None:
    ready = {f"{node}-ready" for node in [*CONTROL_PLANES, *WORKERS]}
    waits = {r.name: dependencies(reachable, r) for r in reachable.of("Addon")}
    # Without a pod network no node becomes Ready: to wait for one would be to wait for ever.
    assert waits.pop("dev-flannel") == waits.pop("dev-viewers") == {"dev-api-ready"}
    # Nodes of an older release do not have the image of a newer kube-proxy, and are Ready without it.
    assert waits.pop("dev-kube-proxy") == ready
    assert waits.keys() == {"dev-coredns", "dev-metrics-server"}
    daemon = "dev-kube-proxy-daemonset-kube-proxy"
    assert [name for name, waited in waits.items() if daemon not in waited] == []
    assert [r.name for r in reachable.of("Deployment") if not ready <= before(reachable, r)] == []


def test_what_speaks_to_services_comes_after_what_makes_them_work_and_no_node_waits_for_it(
    reachable: Recording,
) -> None:
    daemon = "dev-kube-proxy-daemonset-kube-proxy"
    assert [r.name for r in reachable.of("Deployment") if daemon not in before(reachable, r)] == []
    assert [r.name for r in reachable.of("NodeReady") if daemon in before(reachable, r)] == []


def test_every_node_s_network_is_seen_to_work_before_the_run_ends(reachable: Recording) -> None:
    # The pod network's pods are not waited for: nodes are let in after it, and their being Ready shows that it works.
    # A node is Ready without kube-proxy, so that is waited for, after a change of its configuration, too.
    skipped = {
        r.inputs["metadata"]["name"]
        for r in inside(reachable)
        if "pulumi.com/skipAwait" in r.inputs["metadata"].get("annotations", {})
    }
    assert skipped == {"kube-flannel"}


def test_the_provider_waits_for_the_api_and_knows_the_cluster_by_its_name(reachable: Recording) -> None:
    provider = reachable.one("kubernetes", "dev-kubernetes")
    assert "dev-api-ready" in dependencies(reachable, provider)
    assert provider.inputs["clusterIdentifier"] == "dev"
    assert provider.inputs["kubeconfig"] == admin_kubeconfig(ENDPOINT)


def test_every_object_is_installed_by_this_cluster_s_provider_and_no_other(reachable: Recording) -> None:
    provider = reachable.one("kubernetes", "dev-kubernetes")
    assert {r.provider for r in inside(reachable)} == {f"{provider.urn}::{provider.name}-id"}


def test_what_ends_with_the_cluster_is_not_deleted_in_it_first(reachable: Recording) -> None:
    (keys,) = reachable.of("ClusterPki")
    assert {r.deleted_with for r in within(reachable)} == {keys.urn}
    # Everything else is deleted for good.
    assert [r.name for r in reachable.objects if r.deleted_with] == []


def by_identity(objects: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return objects by kind and name."""
    return {(o["kind"], o["metadata"]["name"]): o for o in objects}


def test_nothing_waits_for_itself(reachable: Recording) -> None:
    waits = [*within(reachable), *reachable.of("Turn"), *reachable.of("Instance")]
    assert [r.name for r in waits if r.name in before(reachable, r)] == []


@pytest.mark.parametrize("business", ["dev", "finance", "bigdata"])
def test_the_objects_are_told_as_they_were_rendered(build: Build, business: str) -> None:
    plan = clusters.plan(business, clusters.REACHABLE)
    early = [*addons.flannel(plan), *addons.kube_proxy(plan), *addons.viewers()]
    rendered = [*early, *(o for objects in addons.addons(plan).values() for o in objects)]
    told = [r.inputs for r in inside(build(business, clusters.REACHABLE))]
    assert by_identity(told) == by_identity(rendered)


def test_an_object_s_type_is_of_its_manifest_s_version(reachable: Recording) -> None:
    for r in inside(reachable):
        version = r.inputs["apiVersion"]
        group = version if "/" in version else f"core/{version}"
        assert r.type == f"kubernetes:{group}:{r.inputs['kind']}"


def test_a_workload_comes_after_everything_that_it_needs(reachable: Recording) -> None:
    for workload in [*reachable.of("Deployment"), *reachable.of("DaemonSet")]:
        siblings = {r.name: r.type for r in inside(reachable) if r.parent == workload.parent and r != workload}
        # What leads to a workload is there once the workload is, not the other way.
        needed = {name for name, kind in siblings.items() if kind.split(":")[-1] not in ("APIService", "Service")}
        assert dependencies(reachable, workload) == needed


def test_a_namespace_comes_before_what_is_in_it(reachable: Recording) -> None:
    for namespace in reachable.of("Namespace"):
        members = [
            r
            for r in inside(reachable)
            if r.inputs["metadata"].get("namespace") == namespace.inputs["metadata"]["name"]
        ]
        assert members
        assert [r.name for r in members if namespace.urn not in r.dependencies] == []


def test_metrics_can_be_left_out(build: Build) -> None:
    change = {**clusters.REACHABLE, "addons": {"metrics_server": {"enabled": False}}}
    assert {r.name for r in build("dev", change).of("Addon")} == {f"dev-{addon}" for addon in ADDONS[:-1]}


def test_the_endpoint_has_a_floating_ip_of_the_network_that_the_router_leads_to(reachable: Recording) -> None:
    (floating,) = reachable.of("FloatingIp")
    assert (floating.inputs["pool"], floating.inputs["portId"]) == ("public", "dev-api-id")
    assert reachable.exports["api_endpoint"] == ENDPOINT


def test_a_floating_ip_in_an_existing_network_is_of_the_network_that_was_named(build: Build) -> None:
    endpoint = {**clusters.REACHABLE["control_plane"]["endpoint"], "external_network": "internet"}
    (floating,) = build("smartcity", {"control_plane": {"endpoint": endpoint}}).of("FloatingIp")
    assert floating.inputs["pool"] == "internet"


def test_with_a_route_of_one_s_own_the_api_is_awaited_without_a_floating_ip(build: Build) -> None:
    endpoint = {"access": "internal", "allowed_cidrs": ["192.0.2.0/24"]}
    made = build("dev", {"control_plane": {"endpoint": endpoint}})
    assert made.of("FloatingIp") == []
    assert made.one("ApiReady", "dev-api-ready").inputs["url"] == "https://10.10.0.5:8443"


def test_each_node_is_let_in_with_its_own_token(reachable: Recording) -> None:
    tokens = {r.inputs["node"]: r.inputs["token"] for r in reachable.of("NodeReady")}
    assert tokens == {node: join_token(clusters.FACTS.pki, node) for node in [*CONTROL_PLANES, *WORKERS]}
    servers = {r.inputs["node"]: r.inputs["server"] for r in reachable.of("NodeReady")}
    assert servers == {node: f"{node}-server-id" for node in [*CONTROL_PLANES, *WORKERS]}


def test_waiting_knows_where_the_consoles_are_and_when_to_end(build: Build) -> None:
    made = build("dev", {**clusters.REACHABLE, "boot_timeout_minutes": 7})
    waits = [*made.of("ApiReady"), *made.of("NodeReady")]
    assert {(r.inputs["cloud"], r.inputs["timeout_minutes"]) for r in waits} == {("dev", 7)}
    (api,) = made.of("ApiReady")
    assert api.inputs["servers"] == {node: f"{node}-server-id" for node in CONTROL_PLANES}


def test_what_a_wait_says_can_be_shown_beside_its_resource(reachable: Recording) -> None:
    waits = [*reachable.of("ApiReady"), *reachable.of("NodeReady")]
    assert [r.name for r in waits if r.inputs["name"] != r.name] == []
