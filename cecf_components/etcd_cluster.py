"""The members of a cluster's etcd, and the volumes that hold its data."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import pulumi
from pulumi_openstack import blockstorage

from cecf.cloud.owned import OWNER_KEY
from cecf.plan import NodePlan, VolumePlan
from cecf_components.base import CecfComponent
from cecf_components.guard import Guard


class EtcdClusterArgs(TypedDict):
    """What `EtcdCluster` is made from."""

    members: Sequence[NodePlan]
    """The nodes that run a member; stacked: the control plane's."""
    guard: Guard
    """The stack's mark and hooks."""


class EtcdCluster(CecfComponent):
    """A volume for each member: it outlives the server, never shares its root disk, and the node is told its id."""

    volume_ids: Mapping[str, pulumi.Output[str]]
    """The data volume's id, by node name."""

    def __init__(self, name: str, args: EtcdClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args["guard"], opts)
        self.volume_ids = {
            member.name: self._volume(member.etcd_volume) for member in args["members"] if member.etcd_volume
        }
        self.register_outputs({"volume_ids": self.volume_ids})

    def _volume(self, plan: VolumePlan) -> pulumi.Output[str]:
        volume = blockstorage.Volume(
            plan.name,
            name=plan.name,
            size=plan.size_gib,
            volume_type=plan.type,
            enable_online_resize=True,
            metadata={OWNER_KEY: self._guard.owner},
            opts=self._object(),
        )
        return volume.id
