"""When an object is ready, by its kind: pure judgements on what the API server says of it."""

from collections.abc import Callable

from lab.engine.kubernetes.kinds import Kind
from lab.engine.kubernetes.values import Object
from lab.engine.kubernetes.verdicts import batch, cluster, network, pods, storage, workloads
from lab.engine.kubernetes.verdicts.model import READY, Verdict

__all__ = ["Verdict", "judge"]

_JUDGES: dict[tuple[str, str], Callable[[Object], Verdict]] = {
    ("", "Namespace"): cluster.namespace,
    ("", "PersistentVolume"): storage.volume,
    ("", "PersistentVolumeClaim"): storage.claim,
    ("", "Pod"): pods.pod,
    ("", "ReplicationController"): workloads.replicas,
    ("", "ResourceQuota"): cluster.resource_quota,
    ("", "Secret"): cluster.secret,
    ("", "Service"): network.service,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): cluster.definition,
    ("apps", "DaemonSet"): workloads.daemon_set,
    ("apps", "Deployment"): workloads.deployment,
    ("apps", "ReplicaSet"): workloads.replicas,
    ("apps", "StatefulSet"): workloads.stateful_set,
    ("batch", "Job"): batch.job,
    ("networking.k8s.io", "Ingress"): network.ingress,
}


def judge(kind: Kind, live: Object) -> Verdict:
    """Judge an object by itself; one of a kind that needs no time is ready as soon as it is there."""
    known = _JUDGES.get((kind.group, kind.name))
    return known(live) if known else READY
