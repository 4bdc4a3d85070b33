"""The members of a cluster's etcd, and the volumes that hold its data."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import pulumi
from pulumi_openstack import blockstorage, compute

from cecf.cloud.owned import OWNER_KEY
from cecf.plan import NodePlan, VolumePlan
from cecf_components.base import CecfComponent
from cecf_components.guard import Guard
from cecf_components.node import Node


class EtcdClusterArgs(TypedDict):
    """What `EtcdCluster` is made from."""

    members: Sequence[NodePlan]
    """The nodes that run a member; stacked: the control plane's."""
    nodes: Mapping[str, Node]
    """Their servers, by node name."""
    guard: Guard
    """The stack's mark and hooks."""


class EtcdCluster(CecfComponent):
    """A volume for each member, attached to its server: it outlives the server and never shares its root disk."""

    volume_ids: Mapping[str, pulumi.Output[str]]
    """The data volume's id, by node name."""

    def __init__(self, name: str, args: EtcdClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args["guard"], opts)
        self.volume_ids = {
            member.name: self._attached(member.etcd_volume, args["nodes"][member.name])
            for member in args["members"]
            if member.etcd_volume
        }
        self.register_outputs({"volume_ids": self.volume_ids})

    def _attached(self, plan: VolumePlan, node: Node) -> pulumi.Output[str]:
        volume = blockstorage.Volume(
            plan.name,
            name=plan.name,
            size=plan.size_gib,
            volume_type=plan.type,
            enable_online_resize=True,
            metadata={OWNER_KEY: self._guard.owner},
            opts=self._object(),
        )
        attachment = compute.VolumeAttach(
            f"{plan.name}-attachment", instance_id=node.server_id, volume_id=volume.id, opts=self._object()
        )
        return attachment.volume_id
