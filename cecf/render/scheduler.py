"""The scheduler's configuration, which its flags have no room for."""

from typing import Any

from cecf.plan import ClusterPlan
from cecf.render.cloud_init import File
from cecf.render.documents import yaml_text
from cecf.tuning.model import Component
from cecf.tuning.resolve import document

CONFIG = "/etc/cecf/kube-scheduler.yaml"


def scheduler_files(plan: ClusterPlan) -> list[File]:
    """Return the file that every scheduler of the cluster reads."""
    return [File(path=CONFIG, content=yaml_text(scheduler_config(plan)))]


def scheduler_config(plan: ClusterPlan) -> dict[str, Any]:
    """Return its document."""
    tuned = document(plan.tuning.cluster, Component.SCHEDULER)
    return {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        **tuned,
        "clientConnection": {"kubeconfig": "/etc/kubernetes/scheduler.conf", **tuned["clientConnection"]},
        "leaderElection": {"leaderElect": True, **tuned["leaderElection"]},
    }
