"""The nodes of a pool, each server group created one node after the other."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict

import pulumi
from pulumi_openstack import compute

from cecf.cloud.owned import server_group_name
from cecf.plan import NodePlan, PoolPlan, ServerGroupPlan
from cecf_components.base import CecfComponent
from cecf_components.guard import Guard
from cecf_components.node import Node


class SpreadNodesArgs(TypedDict):
    """What a pool of nodes is made from."""

    plan: PoolPlan
    """Its server groups and their nodes."""
    user_data: Mapping[str, pulumi.Input[str]]
    """Rendered user data by node name, in base64; secret."""
    volume_ids: Mapping[str, Mapping[str, pulumi.Input[str]]]
    """Ids of volumes to attach, by where they are mounted, by node name."""
    turn: Callable[[NodePlan, Node], pulumi.Resource] | None
    """Makes what stands between a node and the replacement of what comes after it; none: nothing does."""
    followed: bool
    """Whether other servers wait for the last of these, too."""
    after: Sequence[pulumi.Resource]
    """What the first server waits for: servers that are not to be replaced at the same time."""
    network_id: pulumi.Input[str]
    """The network of the nodes."""
    subnet_id: pulumi.Input[str]
    """The subnet of the nodes."""
    security_group_id: pulumi.Input[str]
    """The group of the nodes' role."""
    guard: Guard
    """The stack's mark and hooks."""


class SpreadNodes(CecfComponent):
    """What the control plane and a worker pool have in common. Not for use by itself."""

    nodes: Mapping[str, Node]
    """The nodes by name."""
    turns: list[pulumi.Resource]
    """What stands behind each of them while it is replaced."""

    def __init__(
        self,
        name: str,
        args: SpreadNodesArgs,
        virtual_addresses: tuple[str, ...],
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        super().__init__(name, args["guard"], opts)
        self.turns = []
        self._args = args
        self.nodes = {
            plan.name: node for group in args["plan"].groups for plan, node in self._chain(group, virtual_addresses)
        }
        self.register_outputs({"server_ids": {name: node.server_id for name, node in self.nodes.items()}})

    def _chain(self, group: ServerGroupPlan, virtual_addresses: tuple[str, ...]) -> list[tuple[NodePlan, Node]]:
        args = self._args
        server_group = compute.ServerGroup(
            group.name,
            name=server_group_name(self._guard.owner, group.name),
            policies=group.policy,
            opts=self._object(),
        )
        chain: list[tuple[NodePlan, Node]] = []
        turns: list[pulumi.Resource] = []
        for plan in group.nodes:
            node = Node(
                plan.name,
                {
                    "plan": plan,
                    "user_data": args["user_data"][plan.name],
                    "volume_ids": args["volume_ids"].get(plan.name, {}),
                    "network_id": args["network_id"],
                    "subnet_id": args["subnet_id"],
                    "security_group_id": args["security_group_id"],
                    "server_group_id": server_group.id,
                    "virtual_addresses": virtual_addresses,
                    "after": [
                        *(args["after"] if not chain else [chain[-1][1].server]),
                        *_gate(turns, len(chain) - args["plan"].at_once),
                    ],
                    "guard": self._guard,
                },
                self._child(),
            )
            chain.append((plan, node))
            wanted = args["followed"] or len(chain) + args["plan"].at_once <= len(group.nodes)
            if args["turn"] and wanted:
                turns.append(args["turn"](plan, node))
        self.turns += turns
        return chain


def _gate(turns: list[pulumi.Resource], before: int) -> list[pulumi.Resource]:
    """Return what the next server's replacement waits for: the turn after the server so many places before it."""
    return turns[before : before + 1] if before >= 0 else []
