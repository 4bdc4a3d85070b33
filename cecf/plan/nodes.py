"""Nodes: which ordinals a pool has, in which zone each lives, which must not share a host."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address
from itertools import count, islice
from typing import Literal

from cecf.plan import names
from cecf.plan.catalog import Catalog, Flavor
from cecf.plan.network import control_plane_address, etcd_address
from cecf.settings import ClusterSettings, WorkerPoolSettings
from cecf.settings.etcd import DEFAULT_FLAVOR, EtcdVolume

SERVER_GROUP_MEMBERS = 10
"""Nodes. Nova's default quota of members in a server group; a larger pool is split over several groups."""

Policy = Literal["anti-affinity", "soft-anti-affinity"]


class Role(StrEnum):
    """What a node is for."""

    CONTROL_PLANE = "control-plane"
    ETCD = "etcd"
    WORKER = "worker"


ETCD_DATA = "/var/lib/etcd"
"""Where the volume of a member's data is mounted."""

ETCD_WAL = "/var/lib/etcd-wal"
"""Where the volume of its write-ahead log is mounted, if that has one."""


BACKUP = "/var/lib/cecf-backup"
"""Where the volume of its snapshots is mounted, if that is where they go."""


@dataclass(frozen=True, kw_only=True)
class VolumePlan:
    """A volume of a node's own."""

    name: str
    type: str | None
    """None: the cloud's default."""
    size_gib: int
    mount: str
    """Where it is mounted."""


@dataclass(frozen=True, kw_only=True)
class TaintPlan:
    """What keeps pods off a node unless they tolerate it."""

    key: str
    value: str
    effect: str


CONTROL_PLANE_TAINT = TaintPlan(key="node-role.kubernetes.io/control-plane", value="", effect="NoSchedule")
"""Keeps workloads off the servers of the control plane."""


@dataclass(frozen=True, kw_only=True)
class NodePlan:
    """One server."""

    name: str
    role: Role
    pool: str
    ordinal: int
    zone: str
    server_group: str
    flavor: Flavor
    image_id: str
    kubernetes_version: str
    labels: Mapping[str, str]
    """Labels that it registers with."""
    taints: tuple[TaintPlan, ...]
    """Taints that it registers with."""
    address: IPv4Address | None = None
    """Fixed, or none when Neutron allocates it."""
    volumes: tuple[VolumePlan, ...] = ()
    """Volumes that outlive the server: those of its etcd member, if it has one."""

    @property
    def is_member(self) -> bool:
        """Whether a member of an etcd runs on it."""
        return bool(self.volumes)


@dataclass(frozen=True, kw_only=True)
class ServerGroupPlan:
    """Nodes that must not (or had better not) share a host."""

    name: str
    policy: Policy
    nodes: tuple[NodePlan, ...]


@dataclass(frozen=True, kw_only=True)
class PoolPlan:
    """Nodes of one kind, in server groups."""

    name: str
    role: Role
    groups: tuple[ServerGroupPlan, ...]
    at_once: int = 1
    """Nodes of each server group that may be replaced at the same time."""

    @property
    def nodes(self) -> tuple[NodePlan, ...]:
        """The nodes of all groups, by ordinal."""
        return tuple(node for group in self.groups for node in group.nodes)


def plan_control_plane(settings: ClusterSettings, catalog: Catalog) -> PoolPlan:
    """Return the control plane: one server group, hard anti-affinity, fixed addresses, an etcd volume each."""
    spec = settings.control_plane

    def node(ordinal: int) -> NodePlan:
        name = names.node(settings.name, names.CONTROL_PLANE, ordinal)
        return NodePlan(
            name=name,
            role=Role.CONTROL_PLANE,
            pool=names.CONTROL_PLANE,
            ordinal=ordinal,
            zone=_zone(settings.zones, ordinal),
            server_group=names.server_group(settings.name, names.CONTROL_PLANE, 1),
            flavor=catalog.flavors[spec.flavor],
            image_id=catalog.image_id,
            kubernetes_version=settings.kubernetes_version,
            labels=_labels(names.CONTROL_PLANE, _zone(settings.zones, ordinal)),
            taints=() if spec.workloads else (CONTROL_PLANE_TAINT,),
            address=control_plane_address(settings.network.nodes, ordinal),
            volumes=_etcd_volumes(settings, name) if settings.etcd.topology == "stacked" else (),
        )

    nodes = [node(ordinal) for ordinal in range(1, spec.count + 1)]
    return PoolPlan(name=names.CONTROL_PLANE, role=Role.CONTROL_PLANE, groups=_grouped(nodes, "anti-affinity"))


def plan_etcd_pools(settings: ClusterSettings, catalog: Catalog) -> tuple[PoolPlan, ...]:
    """Return the servers that run nothing but etcd: of the cluster's data, of Events, as far as they have any."""
    spec = settings.etcd
    pools = []
    if spec.topology == "external":
        flavor = catalog.flavors[spec.flavor or DEFAULT_FLAVOR]
        size = spec.size(settings.control_plane.count)
        pools.append(_etcd_pool(settings, catalog, names.ETCD, size, flavor))
    if spec.events:
        flavor = catalog.flavors[spec.events.flavor]
        pools.append(_etcd_pool(settings, catalog, names.ETCD_EVENTS, spec.events.members, flavor))
    return tuple(pools)


def _etcd_pool(settings: ClusterSettings, catalog: Catalog, pool: str, size: int, flavor: Flavor) -> PoolPlan:
    def node(ordinal: int) -> NodePlan:
        name = names.node(settings.name, pool, ordinal)
        return NodePlan(
            name=name,
            role=Role.ETCD,
            pool=pool,
            ordinal=ordinal,
            zone=_zone(settings.zones, ordinal),
            server_group=names.server_group(settings.name, pool, 1),
            flavor=flavor,
            image_id=catalog.image_id,
            kubernetes_version=settings.kubernetes_version,
            labels={},
            taints=(),
            address=etcd_address(settings.network.nodes, pool, ordinal),
            volumes=_etcd_volumes(settings, name, events=pool == names.ETCD_EVENTS),
        )

    nodes = [node(ordinal) for ordinal in range(1, size + 1)]
    return PoolPlan(name=pool, role=Role.ETCD, groups=_grouped(nodes, "anti-affinity"))


def _etcd_volumes(settings: ClusterSettings, node: str, *, events: bool = False) -> tuple[VolumePlan, ...]:
    spec = settings.etcd
    data: EtcdVolume = spec.events.volume if events and spec.events else spec.volume
    volumes = [VolumePlan(name=f"{node}-etcd", type=data.type, size_gib=data.size_gib, mount=ETCD_DATA)]
    if spec.wal_volume and not events:
        wal = spec.wal_volume
        volumes.append(VolumePlan(name=f"{node}-wal", type=wal.type, size_gib=wal.size_gib, mount=ETCD_WAL))
    if spec.backup and spec.backup.store == "volume" and not events:
        store = spec.backup.volume
        volumes.append(VolumePlan(name=f"{node}-backup", type=store.type, size_gib=store.size_gib, mount=BACKUP))
    return tuple(volumes)


def plan_workers(settings: ClusterSettings, catalog: Catalog) -> tuple[PoolPlan, ...]:
    """Return the worker pools, by name."""
    return tuple(_plan_pool(settings, catalog, name, pool) for name, pool in sorted(settings.worker_pools.items()))


def _plan_pool(settings: ClusterSettings, catalog: Catalog, name: str, pool: WorkerPoolSettings) -> PoolPlan:
    def node(ordinal: int) -> NodePlan:
        return NodePlan(
            name=names.node(settings.name, name, ordinal),
            role=Role.WORKER,
            pool=name,
            ordinal=ordinal,
            zone=_zone(pool.zones or settings.zones, ordinal),
            server_group=names.server_group(settings.name, name, _group_number(ordinal)),
            flavor=catalog.flavors[pool.flavor],
            image_id=catalog.image_id,
            kubernetes_version=settings.kubernetes_version,
            labels={**pool.labels, **_labels(name, _zone(pool.zones or settings.zones, ordinal))},
            taints=tuple(TaintPlan(key=t.key, value=t.value, effect=t.effect) for t in pool.taints),
        )

    policy: Policy = "anti-affinity" if pool.anti_affinity == "required" else "soft-anti-affinity"
    nodes = [node(ordinal) for ordinal in _ordinals(pool)]
    return PoolPlan(name=name, role=Role.WORKER, groups=_grouped(nodes, policy), at_once=pool.at_once)


def _ordinals(pool: WorkerPoolSettings) -> Iterator[int]:
    return islice((ordinal for ordinal in count(1) if ordinal not in pool.retired), pool.count)


def _zone(zones: tuple[str, ...], ordinal: int) -> str:
    """Deal nodes out to zones by ordinal, so that no other node's coming or going moves one."""
    return zones[(ordinal - 1) % len(zones)]


def _labels(pool: str, zone: str) -> dict[str, str]:
    """Return what every node says of itself: pods are spread by zone and chosen by pool."""
    return {"topology.kubernetes.io/zone": zone, names.POOL_LABEL: pool}


def _group_number(ordinal: int) -> int:
    return (ordinal - 1) // SERVER_GROUP_MEMBERS + 1


def _grouped(nodes: list[NodePlan], policy: Policy) -> tuple[ServerGroupPlan, ...]:
    members: dict[str, list[NodePlan]] = {}
    for node in nodes:
        members.setdefault(node.server_group, []).append(node)
    return tuple(ServerGroupPlan(name=name, policy=policy, nodes=tuple(group)) for name, group in members.items())
