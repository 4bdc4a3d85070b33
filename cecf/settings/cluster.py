"""One Kubernetes cluster."""

from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address
from typing import Annotated

from pydantic import Field

from cecf import versions
from cecf.problems import Problem, config_remove, config_set
from cecf.settings.addons import AddonSettings
from cecf.settings.base import Model, repeated
from cecf.settings.certificates import CertificateSettings
from cecf.settings.control_plane import ControlPlaneSettings
from cecf.settings.etcd import EtcdSettings
from cecf.settings.network import RESERVED_WITH_EVENTS, NetworkSettings
from cecf.settings.tuning import PoolTuningSettings, TuningSettings
from cecf.settings.types import DnsLabel, Name
from cecf.settings.worker_pool import WorkerPoolSettings
from cecf.tuning.cluster import Wish, Wishes, tune
from cecf.tuning.tuned import Tuned

RESERVED_POOLS = frozenset({"control-plane", "etcd", "etcd-events"})
"""Names that the plan gives to the cluster's own groups of servers."""


class ClusterSettings(Model):
    """Everything that decides the shape of a cluster."""

    name: DnsLabel
    """The cluster's name: the first part of every object's name, so it cannot be changed later."""
    kubernetes_version: Annotated[str, Field(pattern=r"^1\.\d+\.\d+$")] = versions.KUBERNETES
    """The Kubernetes release."""
    image: Name | None = None
    """The Glance image of the nodes, by default `cecf-node-` and the minor of the release; a new name replaces every
    node."""
    image_repository: Name = versions.IMAGE_REPOSITORY
    """Where container images come from. The default names those that the node image brings along, so that nodes pull
    nothing; a registry's address and path makes them pull."""
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
    addons: AddonSettings = AddonSettings()
    """What runs in every cluster."""
    certificates: CertificateSettings = CertificateSettings()
    """How long certificates are valid, and which authorities sign them."""
    tuning: TuningSettings = TuningSettings()
    """How the components are tuned."""
    protect: bool = False
    """Whether etcd's volumes and the cluster's keys are protected: no run deletes them until this is `false` again."""
    drain_timeout_minutes: Annotated[int, Field(ge=0, le=120)] = 5
    """Minutes that the pods of a node which goes have to leave it, as their disruption budgets allow; then it goes."""
    boot_timeout_minutes: Annotated[int, Field(ge=1, le=120)] = 15
    """Minutes that a run waits for the API, and then for each node, before it says what they are stuck at."""

    def problems(self) -> Iterable[Problem]:
        """Refuse an etcd that does not fit its servers, and pool names that are taken."""
        yield from self._etcd()
        for name in sorted(RESERVED_POOLS & self.worker_pools.keys()):
            yield Problem(
                path=f"worker_pools.{name}",
                what=f"'{name}' is no name for a worker pool",
                why="the cluster's own servers have it",
                mend=config_remove(f"cluster.worker_pools.{name}"),
            )
        endpoint = self.control_plane.endpoint
        if endpoint.access == "floating_ip" and self.network.nodes.kind == "existing" and not endpoint.external_network:
            yield Problem(
                path="control_plane.endpoint.external_network",
                what="is required for a floating IP",
                why="where an existing network's router leads to is not known",
                mend=config_set("cluster.control_plane.endpoint.external_network", "<external-network>"),
                rests_on=("network.nodes.kind", "control_plane.endpoint.access"),
            )
        yield from self._outside_of_pods(endpoint.address)
        soft = {"PreferNoSchedule"}
        pools = [pool for pool in self.worker_pools.values() if {taint.effect for taint in pool.taints} <= soft]
        nodes = self.control_plane.count + sum(pool.count for pool in pools)
        if (self.addons.coredns.replicas or 0) > nodes:
            yield Problem(
                path="addons.coredns.replicas",
                what=f"{self.addons.coredns.replicas} replicas on {nodes} nodes without taints",
                why="each runs on a node of its own",
                mend=config_set("cluster.addons.coredns.replicas", nodes),
                rests_on=("worker_pools", "control_plane.count"),
            )
        uneven = "the spread over zones would be uneven"
        yield from repeated("zones", self.zones, uneven, "cluster")
        for name, pool in sorted(self.worker_pools.items()):
            yield from repeated(f"worker_pools.{name}.zones", pool.zones, uneven, "cluster")
        tuning, problems = tune(self.wishes)
        yield from problems
        yield from self._events_volume(tuning.cluster.get("etcd.quota-backend-bytes"))
        yield from self._capacity(tuning.pod_addresses)

    def _etcd(self) -> Iterable[Problem]:
        """Refuse members that have no servers, or no addresses."""
        members, servers = self.etcd.members, self.control_plane.count
        if self.etcd.topology == "stacked" and members not in (None, servers):
            yield Problem(
                path="etcd.members",
                what=f"{members} members on {servers} control-plane servers",
                why="a stacked etcd has one member on each",
                mend=config_set("cluster.etcd.members", servers),
                rests_on=("etcd.topology", "control_plane.count"),
            )
        reserved = self.network.nodes.reserved
        if self.etcd.events and reserved.num_addresses < RESERVED_WITH_EVENTS:
            yield Problem(
                path="etcd.events",
                what=f"{reserved} has no addresses for servers of their own",
                why=f"with them {RESERVED_WITH_EVENTS} are reserved for fixed ones",
                mend=config_remove("cluster.etcd.events"),
                rests_on=("network.nodes",),
            )

    def _outside_of_pods(self, address: str | None) -> Iterable[Problem]:
        """Refuse an endpoint whose packets a node would take for those of pods or Services."""
        try:
            where = IPv4Address(address or "")
        except AddressValueError:
            return  # none, or a name, of which only a resolver knows more
        for name in ("pod_cidr", "service_cidr"):
            cidr = getattr(self.network, name)
            if where in cidr:
                yield Problem(
                    path="control_plane.endpoint.address",
                    what=f"{where} is in network.{name} {cidr}",
                    why="nodes would look for it among their own pods and Services",
                    mend=config_set("cluster.control_plane.endpoint.address", "<an-address-outside-of-it>"),
                    rests_on=(f"network.{name}",),
                )

    @property
    def node_image(self) -> str:
        """The name of the image that nodes boot from."""
        return self.image or versions.release_of(self.kubernetes_version).node_image

    def _events_volume(self, tuned: Tuned | None) -> Iterable[Problem]:
        """Refuse a volume of Events that is too small for what both etcds are tuned to."""
        quota = tuned.value if tuned else None
        needed = 1 - (-2 * quota // (1 << 30)) if isinstance(quota, int) else 0
        if self.etcd.events and self.etcd.events.volume.size_gib < needed:
            path = "etcd.events.volume.size_gib"
            yield Problem(
                path=path,
                what=f"{self.etcd.events.volume.size_gib} GiB, and etcd.quota-backend-bytes is {quota}",
                why=f"defragmentation writes a copy: twice the quota and 1 GiB for log and snapshots are {needed} GiB",
                mend=config_set(f"cluster.{path}", needed),
                rests_on=("tuning",),
            )

    @property
    def wishes(self) -> Wishes:
        """What is said about tuning."""
        return Wishes(
            release=self.kubernetes_version,
            cluster=_wish(self.tuning),
            pools={name: _wish(pool.tuning) for name, pool in sorted(self.worker_pools.items())},
            volume_gib=self.etcd.volume.size_gib,
        )

    def _capacity(self, pod_addresses: int) -> Iterable[Problem]:
        """Refuse more nodes than the address ranges have room for."""
        workers = sum(pool.count for pool in self.worker_pools.values())
        nodes = self.network.nodes
        # The reserved range and the broadcast address are nobody's; the router's is in the reserved range.
        room = nodes.cidr.num_addresses - nodes.reserved.num_addresses - 1
        if workers > room:
            yield Problem(
                path="network.nodes.cidr",
                what=f"{nodes.cidr} has addresses for {room} workers, the pools have {workers}",
                why="ports could not get addresses from it",
                mend=config_set("cluster.network.nodes.cidr", "<a-larger-range>"),
                rests_on=("worker_pools",),
            )
        pods = self.network.pod_cidr
        room = pods.num_addresses // pod_addresses
        if workers + self.control_plane.count > room:
            yield Problem(
                path="network.pod_cidr",
                what=f"{pods} is enough for {room} nodes, the cluster has {workers + self.control_plane.count}",
                why=f"each node takes {pod_addresses} addresses for its pods",
                mend=config_set("cluster.network.pod_cidr", "<a-larger-range>"),
                rests_on=("worker_pools", "control_plane.count"),
            )


def _wish(tuning: TuningSettings | PoolTuningSettings) -> Wish:
    return Wish(profile=tuning.profile, values=tuning.values)
