"""Pods, Services and DNS across nodes, and what pods must not reach."""

from collections.abc import Iterator

import pytest

from tests.cluster.booted import Booted, pod

FETCH = ("timeout", "5", "wget", "-q", "-O", "-")
"""This busybox's `wget -T` ends with a segmentation fault."""


@pytest.fixture(scope="module")
def pods(booted: Booted) -> Iterator[list[str]]:
    """Have a pod that serves its name on every node; return their names by the nodes' order."""
    nodes = [node.name for node in booted.plan.nodes]
    documents = [pod(f"on-{node}", node) for node in nodes]
    with booted.applied(*documents):
        names = [document["metadata"]["name"] for document in documents]
        booted.kubectl("wait", "pod", *names, "--for=condition=Ready", "--timeout=120s")
        yield names


def address(booted: Booted, name: str) -> str:
    """Return a pod's address."""
    return str(booted.get("pod", name)["status"]["podIP"])


def fetched(booted: Booted, source: str, url: str) -> str:
    """Return what a pod gets from a URL."""
    return booted.in_pod(source, *FETCH, url).strip()


def test_a_pod_reaches_a_pod_on_every_other_node(booted: Booted, pods: list[str]) -> None:
    for source in (pods[0], pods[-1]):
        for target in pods:
            assert fetched(booted, source, f"http://{address(booted, target)}:8080/") == target


def test_a_service_is_found_by_name_and_leads_to_its_pod_on_another_node(booted: Booted, pods: list[str]) -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "proof"},
        "spec": {"selector": {"app": pods[-1]}, "ports": [{"port": 80, "targetPort": 8080}]},
    }
    with booted.applied(service):
        booted.kubectl(
            "wait",
            "endpointslice",
            "-l",
            "kubernetes.io/service-name=proof",
            "--for=jsonpath={.endpoints[0].conditions.ready}=true",
            "--timeout=30s",
        )
        for source in (pods[0], pods[-2]):
            assert fetched(booted, source, "http://proof.default.svc.cluster.local/") == pods[-1]


def test_dns_runs_on_two_nodes(booted: Booted) -> None:
    found = booted.get("pods", "--namespace", "kube-system", "-l", "k8s-app=kube-dns")["items"]
    assert len(found) == 2
    assert len({item["spec"]["nodeName"] for item in found}) == 2


def test_metrics_are_served_for_every_node(booted: Booted) -> None:
    booted.kubectl("wait", "apiservice", "v1beta1.metrics.k8s.io", "--for=condition=Available", "--timeout=90s")
    lines = booted.kubectl("top", "nodes", "--no-headers").splitlines()
    assert {line.split()[0] for line in lines} == {node.name for node in booted.plan.nodes}


@pytest.mark.parametrize("host_network", [False, True])
def test_a_pod_does_not_reach_the_metadata_service(booted: Booted, *, host_network: bool) -> None:
    worker = booted.plan.worker_pools[0].nodes[0].name
    before = dropped(booted, worker)
    curious = pod("curious", worker, hostNetwork=host_network)
    # Elsewhere no pod is let into the host's network.
    namespace = curious["metadata"]["namespace"] = "kube-system" if host_network else "default"
    with booted.applied(curious):
        here = ("--namespace", namespace)
        booted.kubectl("wait", "pod", "curious", *here, "--for=condition=Ready", "--timeout=120s")
        asked = f"{' '.join(FETCH)} http://169.254.169.254/openstack || echo without an answer"
        assert booted.in_pod("curious", "sh", "-c", asked, namespace=namespace).strip() == "without an answer"
        booted.kubectl("delete", "pod", "curious", *here)
    assert dropped(booted, worker) > before


@pytest.mark.usefixtures("pods")
def test_a_pod_does_not_see_the_config_drive(booted: Booted) -> None:
    worker = booted.plan.worker_pools[0].nodes[0].name
    source = f"on-{worker}"
    assert "openstack" in booted.on_node(worker, "ls", "/var/lib/cloud/seed/config_drive")
    seen = "for path in /var/lib/cloud /dev/disk /dev/vda /etc/cecf; do test -e $path && echo $path; done; echo looked"
    assert booted.in_pod(source, "sh", "-c", seen).split() == ["looked"]
    modes = booted.on_node(worker, "find", "/var/lib/cloud/seed", "/etc/cecf/join.conf", "-type", "f", "-perm", "/077")
    assert modes == ""


def dropped(booted: Booted, node: str) -> int:
    """Return how many packets to the metadata service a node's filter has dropped."""
    rules = booted.on_node(node, "nft", "list", "table", "inet", "cecf-metadata-guard")
    return sum(int(rest.split()[0]) for rest in rules.split("packets ")[1:])


def test_a_worker_was_never_given_a_key_of_the_cluster(booted: Booted) -> None:
    worker = booted.plan.worker_pools[0].nodes[0].name
    found = booted.on_node(worker, "grep", "-rlE", "PRIVATE KEY", "/etc", "/var/lib/cloud").split()
    assert [path for path in found if "/ssl/" not in path and "/ssh/" not in path] == []
