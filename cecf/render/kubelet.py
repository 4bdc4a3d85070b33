"""The kubelet's own values on a node: a drop-in beside what kubeadm gives to all."""

from cecf.plan import ClusterPlan, NodePlan
from cecf.render.cloud_init import File
from cecf.render.documents import yaml_text
from cecf.tuning.model import Component
from cecf.tuning.resolve import document

API_VERSION = "kubelet.config.k8s.io/v1beta1"

DROP_INS = "/etc/cecf/kubelet.conf.d"
"""What the kubelet's `--config-dir` is. A pool's change touches its own nodes: what kubeadm keeps is the cluster's."""


def kubelet_files(plan: ClusterPlan, node: NodePlan) -> list[File]:
    """Return the node's drop-in."""
    values = document(plan.tuning_of(node), Component.KUBELET)
    # kubeadm would taint a control plane once, after its registration: one that registers anew has to do it itself.
    taints = [{"key": t.key, "value": t.value, "effect": t.effect} for t in node.taints]
    own = {"registerWithTaints": taints} if taints else {}
    content = yaml_text({"apiVersion": API_VERSION, "kind": "KubeletConfiguration", **own, **values})
    return [File(path=f"{DROP_INS}/90-cecf.conf", content=content)]
