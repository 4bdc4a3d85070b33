"""The Kubernetes objects of each add-on: a template beside this file, filled in from the plan. Pure."""

import hashlib
import json
from collections.abc import Mapping
from math import ceil
from pathlib import Path
from string import Template
from typing import Any

import yaml

from cecf import versions
from cecf.pki.keys import GROUPS, VIEWER
from cecf.plan import ClusterPlan
from cecf.plan.nodes import CONTROL_PLANE_TAINT
from cecf.render.kube_proxy import FOLDER, kube_proxy_files

Manifest = dict[str, Any]
"""One Kubernetes object."""

DNS_ADDRESS = 10
"""Of the service range: the tenth, which kubeadm tells every kubelet."""


NODES_OF_A_DNS_POD = 16
"""Nodes that one pod of the DNS serves: the linear mode of Kubernetes' own autoscaler of DNS."""

CORES_OF_A_DNS_POD = 256
"""Cores that one serves: pods ask, and larger nodes have more of them."""


def flannel(plan: ClusterPlan) -> list[Manifest]:
    """Return the pod network: VXLAN between the nodes, on the port that the security groups open."""
    return _filled(
        "flannel",
        image=_image(plan, "flannel", versions.FLANNEL),
        pods=plan.pod_cidr,
        api_address=plan.endpoint.address,
        api_port=plan.endpoint.port,
    )


def kube_proxy(plan: ClusterPlan) -> list[Manifest]:
    """Return what leads a Service's address to its pods, on every node. Another configuration replaces its pods."""
    files = json.dumps(kube_proxy_files(plan))
    return _filled(
        "kube_proxy",
        image=_image(plan, "kube-proxy", plan.kubernetes_version),
        folder=FOLDER,
        files=files,
        checksum=hashlib.sha256(files.encode()).hexdigest(),
    )


def viewers() -> list[Manifest]:
    """Return what the group of the viewers may do: read what people work with, but no Secrets."""
    return _filled("viewers", group=GROUPS[VIEWER])


def coredns(plan: ClusterPlan) -> list[Manifest]:
    """Return the cluster's DNS."""
    replicas = plan.addons.coredns.replicas or _dns_replicas(plan)
    return _filled(
        "coredns",
        image=_image(plan, "coredns", versions.COREDNS),
        replicas=replicas,
        address=plan.service_cidr[DNS_ADDRESS],
    )


def metrics_server(plan: ClusterPlan) -> list[Manifest]:
    """Return resource metrics; on the control plane, from where alone a kubelet's port is open."""
    return _filled(
        "metrics_server",
        image=_image(plan, "metrics-server", versions.METRICS_SERVER),
        replicas=min(2, len(plan.control_plane.nodes)),
    )


def _dns_replicas(plan: ClusterPlan) -> int:
    """Return as many as the cluster's size asks for, each on a node of its own."""
    cores = sum(node.flavor.vcpus for node in plan.nodes)
    by_size = max(ceil(len(plan.nodes) / NODES_OF_A_DNS_POD), ceil(cores / CORES_OF_A_DNS_POD))
    return min(max(2, by_size), len(_open_nodes(plan)))


def _open_nodes(plan: ClusterPlan) -> list[str]:
    """Return the nodes that DNS may run on: of the taints that keep pods off it tolerates the control plane's only."""
    return [
        node.name
        for node in plan.nodes
        if all(taint.effect == "PreferNoSchedule" or taint == CONTROL_PLANE_TAINT for taint in node.taints)
    ]


def _filled(name: str, **values: object) -> list[Manifest]:
    template = Template((Path(__file__).parent / f"{name}.yaml").read_text())
    text = template.substitute({key: str(value) for key, value in values.items()})
    return [document for document in yaml.safe_load_all(text) if document]


def _image(plan: ClusterPlan, name: str, version: str) -> str:
    return f"{plan.image_repository}/{name}:v{version}"


Objects = Mapping[str, list[Manifest]]


def addons(plan: ClusterPlan) -> Objects:
    """Return what comes after the nodes are Ready, by add-on name; `flannel` and `kube_proxy` come before."""
    chosen = {"coredns": coredns(plan)}
    if plan.addons.metrics_server.enabled:
        chosen["metrics-server"] = metrics_server(plan)
    return chosen
