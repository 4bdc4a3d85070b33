"""A whole cluster: the root component of a business's stack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypedDict

import pulumi

from cecf.pki.keys import Pki
from cecf.plan import ClusterPlan, NodePlan, PoolPlan, Role
from cecf.render import NodeFacts
from cecf.render.facts import StoreKey
from cecf_components.api_endpoint import ApiEndpoint
from cecf_components.base import CecfComponent
from cecf_components.cluster_network import ClusterNetwork
from cecf_components.cluster_pki import ClusterPki
from cecf_components.control_plane import ControlPlane
from cecf_components.etcd_cluster import EtcdCluster, etcd_keys
from cecf_components.etcd_servers import EtcdServers
from cecf_components.guard import Guard
from cecf_components.kubeconfigs import Kubeconfigs
from cecf_components.kubernetes import Access, Kubernetes
from cecf_components.member_ready import MemberReady
from cecf_components.node import Node
from cecf_components.security_groups import SecurityGroups
from cecf_components.spread_check import SpreadCheck
from cecf_components.spread_nodes import SpreadNodesArgs
from cecf_components.turn import Turn
from cecf_components.worker_pool import WorkerPool

UserData = Callable[[NodePlan, NodeFacts], str]
"""Renders a node's user data, in base64."""


class ElasticClusterArgs(TypedDict):
    """What `ElasticCluster` is made from."""

    plan: ClusterPlan
    """Every name, address, zone, group and rule."""
    user_data: UserData
    """What a node is told at its first boot."""
    guard: Guard
    """The stack's mark and hooks."""


class ElasticCluster(CecfComponent):
    """One cluster: network, security, keys, API endpoint, etcd, control plane, worker pools, and Kubernetes in them."""

    api_endpoint: pulumi.Output[str]
    """The API's URL."""
    kubeconfig: pulumi.Output[str]
    """The administrator's kubeconfig; secret."""
    kubeconfig_viewer: pulumi.Output[str]
    """The kubeconfig of who may read; secret."""
    certificates: pulumi.Output[dict[str, str]]
    """Until when each certificate that is in the state is valid: RFC 3339, UTC."""
    network_id: pulumi.Output[str]
    """The network that the nodes live in."""
    nodes: pulumi.Output[list[dict[str, Any]]]
    """name, role, pool, zone, host and address of each node; zone and host as Nova says."""
    spread_verified: pulumi.Output[bool]
    """Whether Nova says that no two servers of a server group share a host, and each is in its zone."""
    spread_faults: pulumi.Output[list[str]]
    """What is wrong with the spread, for people."""

    def __init__(self, name: str, args: ElasticClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args["guard"], opts)
        plan = args["plan"]
        network = ClusterNetwork(f"{name}-network", {"plan": plan.network, "guard": self._guard}, self._child())
        # The network first and alone: with a lost state it is refused, and nothing else has been touched.
        groups = SecurityGroups(
            f"{name}-security",
            {"plan": plan.security_groups, "guard": self._guard},
            self._child(depends_on=[network]),
        )
        kept = pulumi.ResourceOptions(parent=self, protect=plan.protect)
        pki = ClusterPki(f"{name}-pki", name, plan.birth, plan.certificates, kept)
        endpoint = self._endpoint(plan, network, groups)
        kubeconfigs = Kubeconfigs(plan, pki, endpoint.url, self._child())
        etcd = EtcdCluster(
            f"{name}-etcd",
            {
                "etcds": plan.etcds,
                "clients": plan.control_plane.nodes,
                "pki": pki,
                "lives": plan.certificates,
                "protect": plan.protect,
                "guard": self._guard,
            },
            self._child(depends_on=[network, groups]),
        )
        nodes = self._nodes(args, _Ground(network, groups, pki, kubeconfigs, endpoint, etcd))
        spread = self._spread(plan, nodes)
        self.kubeconfig, self.kubeconfig_viewer = kubeconfigs.admin, kubeconfigs.viewer
        self.certificates = pulumi.Output.all(pki.expires, kubeconfigs.expires, etcd.expires).apply(
            lambda known: {name: end for part in known for name, end in part.items()}
        )
        if plan.endpoint.access != "none":
            Kubernetes(
                f"{name}-kubernetes",
                {
                    "plan": plan,
                    "pki": pki,
                    "kubeconfig": kubeconfigs.admin,
                    "url": endpoint.url,
                    "nodes": nodes,
                    "guard": self._guard,
                },
                self._child(depends_on=[endpoint]),
            )
        self.api_endpoint = endpoint.url
        self.network_id = network.network_id
        self.spread_verified = spread.verified
        self.spread_faults = spread.faults
        self.nodes = pulumi.Output.all(spread.placements, {name: node.address for name, node in nodes.items()}).apply(
            lambda known: [_row(node, *known) for node in plan.nodes]
        )
        self.register_outputs(
            {
                "api_endpoint": self.api_endpoint,
                "kubeconfig": self.kubeconfig,
                "kubeconfig_viewer": self.kubeconfig_viewer,
                "certificates": self.certificates,
                "network_id": self.network_id,
                "nodes": self.nodes,
                "spread_verified": self.spread_verified,
                "spread_faults": self.spread_faults,
            }
        )

    def _endpoint(self, plan: ClusterPlan, network: ClusterNetwork, groups: SecurityGroups) -> ApiEndpoint:
        return ApiEndpoint(
            f"{plan.name}-endpoint",
            {
                "plan": plan.endpoint,
                "network_id": network.network_id,
                "subnet_id": network.subnet_id,
                "security_group_id": groups.ids[Role.CONTROL_PLANE],
                "guard": self._guard,
            },
            self._child(depends_on=[network, groups]),
        )

    def _nodes(self, args: ElasticClusterArgs, ground: "_Ground") -> dict[str, Node]:
        plan = args["plan"]

        def of(pool: PoolPlan) -> SpreadNodesArgs:
            return {
                "plan": pool,
                "user_data": {node.name: ground.user_data(args["user_data"], node) for node in pool.nodes},
                "volume_ids": ground.etcd.volume_ids,
                "turn": None,
                "followed": pool.role is not Role.WORKER,
                "after": [],
                "network_id": ground.network.network_id,
                "subnet_id": ground.network.subnet_id,
                "security_group_id": ground.groups.ids[pool.role],
                "guard": self._guard,
            }

        def ready() -> pulumi.ResourceOptions:
            # No node boots before its way out, its rules and what leads to the API exist, nor outlives them.
            return self._child(depends_on=[ground.network, ground.groups, *ground.ways_in(plan)])

        turns = self._turns(plan, ground)
        etcds = [
            EtcdServers(
                f"{plan.name}-{pool.name}",
                {**of(pool), "turn": partial(self._turn_of_server, plan)},
                ready(),
            )
            for pool in plan.etcd_pools
        ]
        control_plane = ControlPlane(
            f"{plan.name}-{plan.control_plane.name}",
            {
                **of(plan.control_plane),
                "endpoint": plan.endpoint,
                "turn": turns,
                # Never a member of etcd and one of its clients' servers at the same time.
                "after": [turn for etcd in etcds for turn in etcd.turns[-1:]],
            },
            ready(),
        )
        # After the control plane: a kubelet must never be newer than the API server that it speaks to.
        pools = [
            WorkerPool(
                f"{plan.name}-{pool.name}",
                {**of(pool), "turn": turns, "after": control_plane.turns[-1:]},
                ready(),
            )
            for pool in plan.worker_pools
        ]
        for etcd in etcds:
            self._members_ready(plan, etcd.nodes)
        return {name: node for pool in (*etcds, control_plane, *pools) for name, node in pool.nodes.items()}

    def _members_ready(self, plan: ClusterPlan, nodes: Mapping[str, Node]) -> None:
        for name, node in nodes.items():
            options = self._child(depends_on=[node])
            MemberReady(f"{name}-ready", self._booting(plan, f"{name}-ready", name, node), options)

    def _turn_of_server(self, plan: ClusterPlan, node: NodePlan, made: Node) -> Turn:
        name = f"{node.name}-turn"
        options = pulumi.ResourceOptions(parent=self, depends_on=[made], hooks=self._guard.turns)
        return Turn(name, self._booting(plan, name, node.name, made), options)

    def _booting(self, plan: ClusterPlan, name: str, node: str, made: Node) -> dict[str, pulumi.Input[Any]]:
        return {
            "name": name,
            "cloud": self._guard.cloud,
            "node": node,
            "server": made.server_id,
            "timeout_minutes": plan.boot_timeout_minutes,
        }

    def _turns(self, plan: ClusterPlan, ground: "_Ground") -> Callable[[NodePlan, Node], Turn] | None:
        """Return how control planes wait for each other; without a way to the API, nobody can tell that one is well."""
        if plan.endpoint.access == "none":
            return None
        minutes = (plan.boot_timeout_minutes, plan.drain_timeout_minutes)
        access = Access(self._guard.cloud, ground.pki, ground.kubeconfigs.admin, *minutes)

        def turn(node: NodePlan, made: Node) -> Turn:
            name = f"{node.name}-turn"
            options = pulumi.ResourceOptions(
                parent=self, depends_on=[made], deleted_with=ground.pki, hooks=self._guard.turns
            )
            return Turn(name, access.joining(name, node, made.server_id), options)

        return turn

    def _spread(self, plan: ClusterPlan, nodes: Mapping[str, Node]) -> SpreadCheck:
        groups: dict[str, dict[str, dict[str, pulumi.Input[str]]]] = {
            group.name: {node.name: {"id": nodes[node.name].server_id, "zone": node.zone} for node in group.nodes}
            for pool in plan.pools
            for group in pool.groups
        }
        return SpreadCheck(f"{plan.name}-spread", self._guard.cloud, groups, self._child())


@dataclass(frozen=True)
class _Ground:
    """What nodes stand on."""

    network: ClusterNetwork
    groups: SecurityGroups
    pki: ClusterPki
    kubeconfigs: Kubeconfigs
    endpoint: ApiEndpoint
    etcd: EtcdCluster

    def ways_in(self, plan: ClusterPlan) -> list[pulumi.Resource]:
        """Return what has to work before a node boots: Octavia may take minutes, and kubeadm does not wait for it."""
        return [self.endpoint] if plan.endpoint.load_balancer else []

    def user_data(self, render: UserData, node: NodePlan) -> pulumi.Output[str]:
        """Return a node's user data, secret as its keys are."""
        known = pulumi.Output.all(
            pki=self.pki.pki,
            volumes=self.etcd.volume_ids.get(node.name, {}),
            etcd=self.etcd.keys(node),
            store_key=self.etcd.store_key if node.role is not Role.WORKER else None,
        )
        return known.apply(lambda data: render(node, _facts(data)))


def _facts(data: Mapping[str, Any]) -> NodeFacts:
    return NodeFacts(
        pki=Pki.from_data(data["pki"]),
        volumes=data["volumes"],
        etcd=etcd_keys(data["etcd"]),
        store_key=StoreKey(**data["store_key"]) if data["store_key"] else None,
    )


def _row(node: NodePlan, placements: Mapping[str, Mapping[str, str]], addresses: Mapping[str, str]) -> dict[str, Any]:
    """Return what people want to know of a node."""
    return {
        "name": node.name,
        "role": str(node.role),
        "pool": node.pool,
        "zone": placements[node.name]["zone"],
        "host": placements[node.name]["host"],
        "address": addresses[node.name],
    }
