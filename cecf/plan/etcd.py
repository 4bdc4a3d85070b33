"""etcd: which servers are its members, on what disks, and how quick those have to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Literal

from cecf.plan import names
from cecf.plan.catalog import Catalog, ObjectStorage
from cecf.plan.nodes import NodePlan, PoolPlan
from cecf.settings import ClusterSettings
from cecf.tuning.model import Profile

CLIENT_PORT = 2379
PEER_PORT = 2380

FSYNC_P99_MS: Mapping[Profile, int] = {
    Profile.BASE: 10,
    Profile.LATENCY: 5,
    Profile.THROUGHPUT: 10,
    Profile.EDGE: 50,
    Profile.DEV: 100,
    Profile.HUGE: 5,
}
"""Milliseconds: 10 is what etcd asks for; half of it where every write is waited for; a tenth of the election timeout
where disks are known to be slow. Source: etcd's documentation, "Hardware recommendations" and FAQ."""


@dataclass(frozen=True, kw_only=True)
class BackupPlan:
    """Where snapshots go, and when."""

    store: Literal["swift", "volume"]
    container: str
    """Of the object storage; for a volume without meaning."""
    object_storage: ObjectStorage | None
    every_minutes: int
    keep_last: int
    keep_days: int


@dataclass(frozen=True, kw_only=True)
class EtcdPlan:
    """One etcd: its members and what is asked of their disks."""

    name: str
    """The name of its servers' pool, or `etcd` where it has none of its own."""
    token: str
    """What its members know each other by besides their keys: never the same for two of them."""
    members: tuple[NodePlan, ...]
    disk_check: Literal["warn", "fail", "off"]
    fsync_p99_ms: int
    defragment_above_percent: int
    defragment_above_mib: int
    backup: BackupPlan | None
    restore: str | None
    """The snapshot that it was begun from; none: it was begun empty."""

    @property
    def addresses(self) -> dict[str, IPv4Address]:
        """The members' addresses by name."""
        return {node.name: node.address for node in self.members if node.address}

    @property
    def client_urls(self) -> tuple[str, ...]:
        """Where an API server reaches it."""
        return tuple(f"https://{address}:{CLIENT_PORT}" for address in self.addresses.values())


def plan_etcd(
    settings: ClusterSettings, catalog: Catalog, control_plane: PoolPlan, pools: tuple[PoolPlan, ...]
) -> EtcdPlan:
    """Return the etcd of the cluster's data, on the control plane or on a pool of its own."""
    own = next((pool for pool in pools if pool.name == names.ETCD), control_plane)
    return _plan(settings, catalog, names.ETCD, own)


def plan_events(settings: ClusterSettings, catalog: Catalog, pools: tuple[PoolPlan, ...]) -> EtcdPlan | None:
    """Return the etcd of Events, if they have one of their own."""
    own = next((pool for pool in pools if pool.name == names.ETCD_EVENTS), None)
    return _plan(settings, catalog, names.ETCD_EVENTS, own) if own else None


def _plan(settings: ClusterSettings, catalog: Catalog, name: str, pool: PoolPlan) -> EtcdPlan:
    spec = settings.etcd
    profile = settings.tuning.profile or Profile.BASE
    return EtcdPlan(
        name=name,
        token=names.part(settings.name, name),
        members=pool.nodes,
        disk_check=spec.disk_check.action,
        fsync_p99_ms=spec.disk_check.fsync_p99_ms or FSYNC_P99_MS[profile],
        defragment_above_percent=spec.defragment.above_percent,
        defragment_above_mib=spec.defragment.above_mib,
        # Events are of no use to anybody once they are an hour old.
        backup=_backup(settings, catalog) if name == names.ETCD else None,
        restore=spec.restore if name == names.ETCD else None,
    )


def _backup(settings: ClusterSettings, catalog: Catalog) -> BackupPlan | None:
    spec = settings.etcd.backup
    if not spec:
        return None
    return BackupPlan(
        store=spec.store,
        container=spec.container or f"{settings.name}-etcd-backup",
        object_storage=catalog.object_storage,
        every_minutes=spec.every_minutes,
        keep_last=spec.keep_last,
        keep_days=spec.keep_days,
    )
