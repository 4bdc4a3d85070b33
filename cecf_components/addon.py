"""An add-on: Kubernetes objects, rendered elsewhere, as resources of the stack."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from cecf_components.base import CecfComponent
from cecf_components.guard import Guard

_CLASSES: Mapping[str, Any] = {
    "Namespace": k8s.core.v1.Namespace,
    "ServiceAccount": k8s.core.v1.ServiceAccount,
    "ConfigMap": k8s.core.v1.ConfigMap,
    "Service": k8s.core.v1.Service,
    "ClusterRole": k8s.rbac.v1.ClusterRole,
    "ClusterRoleBinding": k8s.rbac.v1.ClusterRoleBinding,
    "RoleBinding": k8s.rbac.v1.RoleBinding,
    "PodDisruptionBudget": k8s.policy.v1.PodDisruptionBudget,
    "Deployment": k8s.apps.v1.Deployment,
    "DaemonSet": k8s.apps.v1.DaemonSet,
    "APIService": k8s.apiregistration.v1.APIService,
}
"""The kinds that the add-ons use; each in the one version that a cluster of today serves."""


_WORKLOADS = ("Deployment", "DaemonSet")

_AWAITED = (*_WORKLOADS, "Service")
"""What is there only once pods are ready: a Service without one would wait for a workload that waits for it."""


class AddonArgs(TypedDict):
    """What `Addon` is made from."""

    objects: Sequence[Mapping[str, Any]]
    """Its Kubernetes objects, in the order in which each needs those before it."""
    provider: k8s.Provider
    """The cluster that it runs in."""
    cluster: pulumi.Resource
    """What goes only when the whole cluster does: then nothing is deleted inside of it first."""
    guard: Guard
    """The stack's mark and hooks."""


class Addon(CecfComponent):
    """An add-on. It is there once its workloads are ready."""

    def __init__(self, name: str, args: AddonArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args["guard"], opts)
        before: list[pulumi.Resource] = []
        for manifest in args["objects"]:
            made = self._made(name, manifest, args, before)
            if manifest["kind"] not in _AWAITED:
                before.append(made)
        self.register_outputs({})

    def _made(
        self, name: str, manifest: Mapping[str, Any], args: AddonArgs, before: Sequence[pulumi.Resource]
    ) -> pulumi.Resource:
        kind = manifest["kind"]
        content = {key: value for key, value in manifest.items() if key not in ("apiVersion", "kind")}
        resource: pulumi.Resource = _CLASSES[kind](
            f"{name}-{kind}-{manifest['metadata']['name'].replace(':', '-')}".lower(),
            **{_SNAKE.get(key, key): value for key, value in content.items()},
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=args["provider"],
                # All that a workload needs stands before it; the rest needs the namespace, where there is one.
                depends_on=list(before) if kind in _WORKLOADS else before[:1],
                deleted_with=args["cluster"],
            ),
        )
        return resource


_SNAKE = {"roleRef": "role_ref"}
"""Where the SDK's names of an object's parts are not those of Kubernetes."""
