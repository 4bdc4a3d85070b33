"""Which changes the API refuses, so that the object has to be replaced."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from lab.engine.kubernetes.kinds import Kind
from lab.engine.kubernetes.values import dig

Path: TypeAlias = tuple[str | int, ...]

IDENTITY = ("metadata.name", "metadata.namespace")

_VOLUME_SOURCES = (
    *("awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker"),
    *("gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk", "portworxVolume"),
    *("quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"),
)

_POD_MUTABLE = ("spec.activeDeadlineSeconds", "spec.tolerations")

_FIXED: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "PersistentVolume"): tuple(f"spec.{source}" for source in _VOLUME_SOURCES),
    ("", "PersistentVolumeClaim"): (
        *("spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"),
        *("spec.volumeMode", "spec.dataSource", "spec.dataSourceRef"),
    ),
    ("", "Pod"): ("spec",),
    ("", "ResourceQuota"): ("spec.scopes", "spec.scopeSelector"),
    ("", "Service"): ("spec.clusterIP", "spec.clusterIPs"),
    ("apps", "DaemonSet"): ("spec.selector",),
    ("apps", "Deployment"): ("spec.selector",),
    ("apps", "ReplicaSet"): ("spec.selector",),
    ("apps", "StatefulSet"): (
        *("spec.podManagementPolicy", "spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"),
    ),
    ("batch", "Job"): (
        *("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
        *("spec.completionMode", "spec.backoffLimitPerIndex", "spec.podFailurePolicy", "spec.manualSelector"),
    ),
    ("certificates.k8s.io", "CertificateSigningRequest"): ("spec",),
    ("discovery.k8s.io", "EndpointSlice"): ("addressType",),
    ("networking.k8s.io", "IngressClass"): ("spec.controller",),
    ("node.k8s.io", "RuntimeClass"): ("handler",),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("scheduling.k8s.io", "PriorityClass"): ("value", "preemptionPolicy"),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"),
}

_CONFIG_MAP = ("data", "binaryData")
_SECRET = ("type", "data", "stringData")


def fixed_paths(kind: Kind, old: dict[str, Any], mutable: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the paths of an object's fields that cannot change.

    A ConfigMap's and a Secret's data count among them, as in the official plugin: pods read a new object for certain,
    and a changed one at some time. The provider's settings `enable...Mutable` make a kind `mutable`.
    """
    sealed = old.get("immutable") is True
    data: tuple[str, ...]
    if (kind.group, kind.name) == ("", "ConfigMap"):
        data = () if kind.name in mutable and not sealed else _CONFIG_MAP
    elif (kind.group, kind.name) == ("", "Secret"):
        data = ("type",) if kind.name in mutable and not sealed else _SECRET
    else:
        data = _FIXED.get((kind.group, kind.name), ())
    return (*IDENTITY, *data, *(("immutable",) if sealed else ()))


def is_fixed(kind: Kind, fixed: Iterable[str], path: Path, old: Any, new: Any) -> bool:
    """Tell whether a change at a path, from one value to another, touches a field that cannot change."""
    steps = tuple(step for step in path if isinstance(step, str))
    if kind.name == "Pod" and ".".join(steps[:2]) in _POD_MUTABLE:
        return False
    for each in fixed:
        rule = tuple(each.split("."))
        if steps[: len(rule)] == rule:
            return True
        if rule[: len(steps)] == steps:
            rest = rule[len(steps) :]
            if dig(old, *rest) != dig(new, *rest):
                return True
    return False
