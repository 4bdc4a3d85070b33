"""One Kubernetes cluster."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from cecf import versions
from cecf.problems import Problem, config_remove, config_set
from cecf.settings.base import Model
from cecf.settings.control_plane import ControlPlaneSettings
from cecf.settings.etcd import EtcdSettings
from cecf.settings.network import NetworkSettings
from cecf.settings.types import DnsLabel, Name
from cecf.settings.worker_pool import WorkerPoolSettings

RESERVED_POOLS = frozenset({"control-plane", "etcd"})
"""Names that the plan gives to the cluster's own groups of servers."""


class ClusterSettings(Model):
    """Everything that decides the shape of a cluster."""

    name: DnsLabel
    """The cluster's name: the first part of every object's name, so it cannot be changed later."""
    kubernetes_version: Annotated[str, Field(pattern=r"^1\.\d+\.\d+$")] = versions.KUBERNETES
    """The Kubernetes release."""
    image: Name = versions.NODE_IMAGE
    """The Glance image of the nodes; a new name replaces every node."""
    zones: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Availability zones, in the order in which nodes are dealt out to them."""
    network: NetworkSettings = NetworkSettings()
    """Address ranges."""
    control_plane: ControlPlaneSettings = ControlPlaneSettings()
    """API servers and endpoint."""
    etcd: EtcdSettings = EtcdSettings()
    """The cluster's store."""
    worker_pools: dict[DnsLabel, WorkerPoolSettings] = Field(default_factory=dict)
    """Worker nodes by pool name."""

    def problems(self) -> Iterable[Problem]:
        """Refuse an etcd that does not fit its servers, and pool names that are taken."""
        members = self.etcd.members
        if members not in (None, self.control_plane.count):
            yield Problem(
                path="etcd.members",
                what=f"{members} members on {self.control_plane.count} control-plane servers",
                why="a stacked etcd has one member on each",
                mend=config_set("cluster.etcd.members", self.control_plane.count),
            )
        for name in sorted(RESERVED_POOLS & self.worker_pools.keys()):
            yield Problem(
                path=f"worker_pools.{name}",
                what=f"'{name}' is no name for a worker pool",
                why="the cluster's own servers have it",
                mend=config_remove(f"cluster.worker_pools.{name}"),
            )
        if len(set(self.zones)) < len(self.zones):
            yield Problem(
                path="zones",
                what="a zone is named twice",
                why="the spread over zones would be uneven",
                mend="name each zone once",
            )
