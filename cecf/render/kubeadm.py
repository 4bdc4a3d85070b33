"""kubeadm's configuration: how a cluster begins and how a node joins it."""

from collections.abc import Mapping
from typing import Any

from cecf import versions
from cecf.pki.keys import join_token
from cecf.plan import ClusterPlan, NodePlan, Role
from cecf.problems import as_written
from cecf.render import api_server, etcd, kubelet, scheduler
from cecf.render.documents import mounted, yaml_text
from cecf.render.facts import NodeFacts
from cecf.tuning.model import Component
from cecf.tuning.resolve import document

API_VERSION = "kubeadm.k8s.io/v1beta4"
API_SERVER_PORT = 6443
_CGROUP_V1 = "kubelet.failCgroupV1"
CRI_SOCKET = "unix:///run/containerd/containerd.sock"
JOIN_CONF = "/etc/cecf/join.conf"

SIGNING = {"cluster-signing-cert-file": "/etc/kubernetes/pki/ca-signing.crt"}
"""Kubelets' certificates are signed by it; kubeadm's own choice is ca.crt, which may be a bundle."""


def init_config(plan: ClusterPlan, node: NodePlan, facts: NodeFacts) -> str:
    """Return the configuration with which a control plane begins the cluster, or changes that of the one it joins."""
    init = {
        "apiVersion": API_VERSION,
        "kind": "InitConfiguration",
        # Else kubeadm makes a token of its own, which lets anybody join for a day. This one goes with the others.
        "bootstrapTokens": [{"token": join_token(facts.pki, node.name), "ttl": "1h0m0s"}],
        "localAPIEndpoint": _local_endpoint(node),
        "nodeRegistration": _registration(node),
        # Both are add-ons of the stack: what kubeadm installs is never changed any more.
        "skipPhases": ["addon/coredns", "addon/kube-proxy"],
    }
    return yaml_text(init, _cluster(plan), _kubelet(plan))


def join_config(node: NodePlan) -> str:
    """Return the configuration with which a node joins."""
    join: dict[str, Any] = {
        "apiVersion": API_VERSION,
        "kind": "JoinConfiguration",
        # The authority to trust comes with the user data, so nothing is asked for anonymously.
        "discovery": {"file": {"kubeConfigPath": JOIN_CONF}},
        "nodeRegistration": _registration(node),
    }
    if node.role is Role.CONTROL_PLANE:
        join["controlPlane"] = {"localAPIEndpoint": _local_endpoint(node)}
    return yaml_text(join)


def _cluster(plan: ClusterPlan) -> dict[str, Any]:
    return {
        "apiVersion": API_VERSION,
        "kind": "ClusterConfiguration",
        "clusterName": plan.name,
        "kubernetesVersion": f"v{plan.kubernetes_version}",
        "imageRepository": plan.image_repository,
        # Of CoreDNS, which kubeadm does not install, its checks would want the image of a version of its own.
        "dns": {"imageTag": f"v{versions.COREDNS}"},
        "controlPlaneEndpoint": plan.endpoint.host_port,
        "encryptionAlgorithm": "ECDSA-P256",
        # Of what kubeadm signs. It makes no authority, so how long those are valid is nothing to it.
        "certificateValidityPeriod": f"{24 * plan.certificates.life_days}h0m0s",
        "networking": {"podSubnet": str(plan.pod_cidr), "serviceSubnet": str(plan.service_cidr)},
        "apiServer": {
            "certSANs": [str(plan.endpoint.address)],
            "extraArgs": _arguments(
                {**document(plan.tuning.cluster, Component.API_SERVER), **_events(plan), **api_server.flags(plan)}
            ),
            "extraVolumes": api_server.volumes(plan),
        },
        "controllerManager": {
            "extraArgs": _arguments({**document(plan.tuning.cluster, Component.CONTROLLER_MANAGER), **SIGNING})
        },
        "scheduler": {
            "extraArgs": _arguments({"config": scheduler.CONFIG}),
            "extraVolumes": [mounted("config", scheduler.CONFIG)],
        },
        # External to kubeadm, wherever it runs: its members are services of their servers, joined by our own program.
        "etcd": {
            "external": {
                "endpoints": list(plan.etcd.client_urls),
                "caFile": f"{etcd.KEYS}/ca.crt",
                "certFile": f"{etcd.KEYS}/client.crt",
                "keyFile": f"{etcd.KEYS}/client.key",
            }
        },
    }


def _events(plan: ClusterPlan) -> dict[str, str]:
    """Return where the API server keeps Events, if they have an etcd of their own."""
    return {"etcd-servers-overrides": f"/events#{';'.join(plan.events.client_urls)}"} if plan.events else {}


def _flags(plan: ClusterPlan, component: Component) -> list[dict[str, str]]:
    """Return a component's tuned values as kubeadm passes them on: all text."""
    return _arguments(document(plan.tuning.cluster, component))


def _arguments(values: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"name": name, "value": as_written(value)} for name, value in sorted(values.items())]


def _kubelet(plan: ClusterPlan) -> dict[str, Any]:
    # kubeadm asks its own copy, not a node's, whether nodes with cgroups of version 1 are to be refused.
    allowed = plan.tuning.control_plane.get(_CGROUP_V1)
    return {
        "apiVersion": kubelet.API_VERSION,
        "kind": "KubeletConfiguration",
        "cgroupDriver": "systemd",
        # Values that differ from the kubelet's wishes are an error, never silently changed.
        "protectKernelDefaults": True,
        "rotateCertificates": True,
        **({"failCgroupV1": allowed.value} if allowed else {}),
    }


def _local_endpoint(node: NodePlan) -> dict[str, Any]:
    return {"advertiseAddress": str(node.address), "bindPort": API_SERVER_PORT}


def _registration(node: NodePlan) -> dict[str, Any]:
    arguments = {
        "config-dir": kubelet.DROP_INS,
        "node-labels": ",".join(f"{key}={value}" for key, value in sorted(node.labels.items())),
    }
    if node.address:
        arguments["node-ip"] = str(node.address)
    return {
        "name": node.name,
        "criSocket": CRI_SOCKET,
        "imagePullPolicy": "IfNotPresent",
        "kubeletExtraArgs": _arguments(arguments),
        "taints": [{"key": t.key, "value": t.value, "effect": t.effect} for t in node.taints],
    }
