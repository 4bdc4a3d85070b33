"""Kubernetes in a cluster's servers: the API awaited, nodes let in one after the other, add-ons installed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from cecf.pki.keys import Pki, join_token
from cecf.plan import ClusterPlan, NodePlan, Role
from cecf.render import addons
from cecf_components.addon import Addon
from cecf_components.api_ready import ApiReady
from cecf_components.base import CecfComponent
from cecf_components.cluster_pki import ClusterPki
from cecf_components.guard import Guard
from cecf_components.node import Node
from cecf_components.node_ready import NodeReady

_CONTROL_PLANE_LABELS = {
    "node-role.kubernetes.io/control-plane": "",
    "node.kubernetes.io/exclude-from-external-load-balancers": "",
}
"""kubeadm's."""


@dataclass(frozen=True)
class Access:
    """How a run reaches a cluster's API, and what it needs to let nodes in."""

    cloud: str
    pki: ClusterPki
    kubeconfig: pulumi.Output[str]
    timeout_minutes: int
    drain_minutes: int

    def joining(self, name: str, node: NodePlan, server_id: pulumi.Output[str]) -> dict[str, pulumi.Input[Any]]:
        """Return what `NodeReady` and `Turn` are made from; `name` is the resource's, under which it tells news."""
        return {
            "name": name,
            "cloud": self.cloud,
            "node": node.name,
            "server": server_id,
            "kubeconfig": self.kubeconfig,
            "token": self.pki.pki.apply(lambda pki: join_token(Pki.from_data(pki), node.name)),
            "labels": _CONTROL_PLANE_LABELS if node.role is Role.CONTROL_PLANE else {},
            "timeout_minutes": self.timeout_minutes,
            "drain_minutes": self.drain_minutes,
        }


class KubernetesArgs(TypedDict):
    """What `Kubernetes` is made from."""

    plan: ClusterPlan
    """The cluster."""
    pki: ClusterPki
    """Its keys."""
    kubeconfig: pulumi.Output[str]
    """Its administrator's kubeconfig; secret."""
    url: pulumi.Input[str]
    """The API's URL, as seen from where this runs."""
    nodes: Mapping[str, Node]
    """The servers, by node name."""
    guard: Guard
    """The stack's mark and hooks."""


class Kubernetes(CecfComponent):
    """Nodes that are Ready, a pod network, Services, DNS and metrics."""

    def __init__(self, name: str, args: KubernetesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args["guard"], opts)
        self._args = args
        plan = args["plan"]
        self._kubeconfig = args["kubeconfig"]
        api = self._api_ready(plan)
        # Its address alone identifies the cluster: another certificate in the kubeconfig replaces nothing.
        provider = k8s.Provider(
            f"{plan.name}-kubernetes",
            kubeconfig=self._kubeconfig,
            cluster_identifier=plan.name,
            # Add-ons read theirs anew, or get new pods; to replace one would take it away for a moment.
            enable_config_map_mutable=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[api]),
        )
        # Nodes become Ready with the pod network, so it waits for none, and they for it.
        network = self._addon(provider, "flannel", addons.flannel(plan), [api])
        self._addon(provider, "viewers", addons.viewers(), [api])
        nodes = self._nodes_ready(plan, network)
        # After the nodes: those of an older release do not have the image of a newer one, and are Ready without it.
        services = self._addon(provider, "kube-proxy", addons.kube_proxy(plan), nodes)
        for addon, objects in addons.addons(plan).items():
            self._addon(provider, addon, objects, [services])
        self.register_outputs({})

    def _api_ready(self, plan: ClusterPlan) -> ApiReady:
        servers = [self._args["nodes"][node.name] for node in plan.control_plane.nodes]
        name = f"{plan.name}-api-ready"
        props = {
            "name": name,
            "cloud": self._guard.cloud,
            "url": self._args["url"],
            "kubeconfig": self._kubeconfig,
            "servers": {
                node.name: server.server_id for node, server in zip(plan.control_plane.nodes, servers, strict=True)
            },
            "timeout_minutes": plan.boot_timeout_minutes,
        }
        return ApiReady(name, props, self._inside(servers))

    def _nodes_ready(self, plan: ClusterPlan, network: Addon) -> list[NodeReady]:
        control_plane: list[NodeReady] = []
        for node in plan.control_plane.nodes:
            # One after the other: etcd takes in one member at a time, and each only when the last one is well.
            control_plane.append(self._node_ready(plan, node, [network, *control_plane[-1:]]))
        # Workers after them: the engine waits for four of these at a time, and no bad worker may keep a quorum waiting.
        after = control_plane[-1:]
        workers = [self._node_ready(plan, node, after) for pool in plan.worker_pools for node in pool.nodes]
        return [*control_plane, *workers]

    def _node_ready(self, plan: ClusterPlan, node: NodePlan, after: Sequence[pulumi.Resource]) -> NodeReady:
        server = self._args["nodes"][node.name]
        name = f"{node.name}-ready"
        access = Access(
            self._guard.cloud,
            self._args["pki"],
            self._kubeconfig,
            plan.boot_timeout_minutes,
            plan.drain_timeout_minutes,
        )
        props = access.joining(name, node, server.server_id)
        return NodeReady(name, props, self._inside([server, *after]))

    def _addon(
        self, provider: k8s.Provider, addon: str, objects: list[addons.Manifest], after: Sequence[pulumi.Resource]
    ) -> Addon:
        return Addon(
            f"{self._args['plan'].name}-{addon}",
            {"objects": objects, "provider": provider, "cluster": self._args["pki"], "guard": self._guard},
            self._child(depends_on=after),
        )

    def _inside(self, after: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        """Return the options of what lives in the cluster: when all of it goes, it just ends with it."""
        return pulumi.ResourceOptions(parent=self, depends_on=after, deleted_with=self._args["pki"])
