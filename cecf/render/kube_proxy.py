"""kube-proxy's configuration, the same on every node."""

from typing import Any

from cecf.plan import ClusterPlan
from cecf.render.documents import yaml_text
from cecf.tuning.model import Component
from cecf.tuning.resolve import document

FOLDER = "/var/lib/kube-proxy"
"""Where its pods find the files, as kubeadm has it."""

_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def kube_proxy_files(plan: ClusterPlan) -> dict[str, str]:
    """Return the text of each file by its name."""
    documents = {"config.conf": kube_proxy_config(plan), "kubeconfig.conf": _kubeconfig(plan)}
    return {name: yaml_text(each) for name, each in documents.items()}


def kube_proxy_config(plan: ClusterPlan) -> dict[str, Any]:
    """Return the KubeProxyConfiguration."""
    tuned = document(plan.tuning.cluster, Component.KUBE_PROXY)
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        **tuned,
        "clientConnection": {"kubeconfig": f"{FOLDER}/kubeconfig.conf", **tuned["clientConnection"]},
        "clusterCIDR": str(plan.pod_cidr),
    }


def _kubeconfig(plan: ClusterPlan) -> dict[str, Any]:
    """Return how it reaches the API: at the endpoint, since it is what makes the Service of the API work."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "default",
                "cluster": {"certificate-authority": f"{_ACCOUNT}/ca.crt", "server": plan.endpoint.url},
            }
        ],
        "users": [{"name": "default", "user": {"tokenFile": f"{_ACCOUNT}/token"}}],
        "contexts": [{"name": "default", "context": {"cluster": "default", "namespace": "default", "user": "default"}}],
        "current-context": "default",
    }
