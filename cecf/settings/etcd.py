"""The cluster's store."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from cecf.problems import Problem, config_remove, config_set
from cecf.settings.base import Model
from cecf.settings.types import Name, QuorumSize

DEFAULT_FLAVOR = "m1.medium"


class EtcdVolume(Model):
    """A volume for etcd alone: its fsync must not wait for container images or logs."""

    type: Name = "ssd"
    """The volume type; etcd wants a WAL fsync under 10 ms at the 99th percentile."""
    size_gib: Annotated[int, Field(ge=1, le=1000)] = 10
    """GiB; more than the backend quota (8 GiB at most) plus the WAL and snapshots."""


class WalVolume(Model):
    """A volume for etcd's write-ahead log alone: then a snapshot or a defragmentation slows no write down."""

    type: Name = "ssd"
    """The volume type."""
    size_gib: Annotated[int, Field(ge=1, le=100)] = 2
    """GiB; the log has a few files of 64 MiB."""


class BackupVolume(Model):
    """A volume for snapshots."""

    type: Name | None = None
    """The volume type; empty: the cloud's default. It need not be fast."""
    size_gib: Annotated[int, Field(ge=1, le=1000)] = 10
    """GiB; a snapshot is as large as the data, and later ones add what has changed."""


class DiskCheckSettings(Model):
    """The write test that a member makes on its empty disk at its first boot."""

    action: Literal["warn", "fail", "off"] = "warn"
    """`warn`: say on the console that the disk is slow, and go on. `fail`: the boot ends there. `off`: no test."""
    fsync_p99_ms: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Milliseconds that 99 of 100 writes to the log may take until they are on the disk; empty: the profile's."""


class DefragmentSettings(Model):
    """When a member gives space back that its file holds and its data does not need."""

    above_percent: Annotated[int, Field(ge=10, le=95)] = 45
    """Percent of the file that must be free."""
    above_mib: Annotated[int, Field(ge=1, le=8192)] = 100
    """MiB that the file must have at least: a small one is not worth the pause."""


class BackupSettings(Model):
    """Snapshots of the data: encrypted, checksummed, each only as large as what has changed (by restic)."""

    store: Literal["swift", "volume"]
    """`swift`: the cloud's object storage, in the stack's project. `volume`: a volume beside each member, which
    outlives its server; lost with the cloud's block storage."""
    container: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$")] | None = None
    """The container of the object storage; empty: `<cluster>-etcd-backup`. It is made when it is missing, and stays
    when the stack is destroyed."""
    auth_url: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")] | None = None
    """Keystone's URL as nodes reach it; empty: the public one of the cloud's catalogue."""
    region: Name | None = None
    """The region whose object storage nodes use; empty: that of clouds.yaml."""
    volume: BackupVolume = BackupVolume()
    """The volume beside each member, where that is the store."""
    every_minutes: Annotated[int, Field(ge=5, le=1440)] = 15
    """Minutes between two snapshots: what may be lost with all members at once."""
    keep_last: Annotated[int, Field(ge=1, le=1000)] = 24
    """Snapshots that are kept whatever their age."""
    keep_days: Annotated[int, Field(ge=1, le=365)] = 7
    """Days that a snapshot is kept."""

    def problems(self) -> Iterable[Problem]:
        """Refuse what the chosen store has nothing to do with."""
        for name in ("container", "auth_url", "region") if self.store == "volume" else ():
            if value := getattr(self, name):
                yield Problem(
                    path=name,
                    what=f"'{value}' would never be used",
                    why="the store is a volume",
                    mend=config_remove(f"cluster.etcd.backup.{name}"),
                    rests_on=("store",),
                )


class EventsSettings(Model):
    """An etcd of their own for Events, which are written most and matter least."""

    members: QuorumSize = 3
    """Servers: 1, 3 or 5."""
    flavor: Name = DEFAULT_FLAVOR
    """The flavor of each."""
    volume: EtcdVolume = EtcdVolume()
    """The volume of each member."""


class EtcdSettings(Model):
    """How many members keep the data, where they run and on what."""

    topology: Literal["stacked", "external"] = "stacked"
    """`stacked`: one member on each control-plane server. `external`: on servers of their own."""
    members: QuorumSize | None = None
    """Members: 1, 3 or 5; empty: one on each control-plane server, 3 on servers of their own."""
    flavor: Name | None = None
    """The flavor of servers of their own; empty: m1.medium."""
    volume: EtcdVolume = EtcdVolume()
    """The volume of each member."""
    wal_volume: WalVolume | None = None
    """A second volume for the write-ahead log; empty: it is on the first."""
    disk_check: DiskCheckSettings = DiskCheckSettings()
    """The write test at the first boot."""
    defragment: DefragmentSettings = DefragmentSettings()
    """When space is given back."""
    backup: BackupSettings | None = None
    """Where snapshots go, and when; empty: nowhere, and what is lost is lost."""
    restore: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")] | None = None
    """The snapshot that the data was restored from: `cecf etcd restore` sets it, and it stays."""
    events: EventsSettings | None = None
    """A second etcd, for Events only; empty: they are with the rest."""

    def problems(self) -> Iterable[Problem]:
        """Refuse what only servers of their own can have."""
        if self.topology == "stacked" and self.flavor:
            yield Problem(
                path="flavor",
                what=f"'{self.flavor}' would be of no server",
                why="a stacked etcd runs on the control plane's servers",
                mend=config_remove("cluster.etcd.flavor"),
                rests_on=("topology",),
            )
        if self.restore and not self.backup:
            yield Problem(
                path="restore",
                what=f"'{self.restore}' is nowhere",
                why="there is no store to restore from",
                mend=config_remove("cluster.etcd.restore"),
                rests_on=("backup",),
            )
        if self.topology == "external" and self.members == 1:
            yield Problem(
                path="members",
                what="1 member on a server of its own",
                why="the cluster would depend on one more server, and gain nothing; 3 survive the loss of 1",
                mend=config_set("cluster.etcd.members", 3),
                rests_on=("topology",),
            )

    def size(self, control_planes: int) -> int:
        """Return how many members there are beside this many control planes."""
        return self.members or (control_planes if self.topology == "stacked" else 3)
