"""etcd's flags."""

from functools import partial

from cecf.tuning.catalogue import references as ref
from cecf.tuning.kinds import Choice, Duration, Integer
from cecf.tuning.model import Component, Difference, Profile, Setting

_etcd = partial(Setting, component=Component.ETCD)

GIB = 1 << 30

SETTINGS = (
    _etcd(
        field="heartbeat-interval",
        kind=Integer(10, 5000, "ms"),
        base=100,
        reason="the default: about the time of a round trip between members, in a data centre's zones far below",
        source=f"{ref.S0}; {ref.ETCD_TUNING}",
        profiles={Profile.EDGE: Difference(300, "a slow disk, a thin line")},
        rests_on=("etcd.election-timeout",),
    ),
    _etcd(
        field="election-timeout",
        kind=Integer(100, 50_000, "ms"),
        base=1000,
        reason="ten heartbeats: a pause of the disk or the network costs no election, a lost leader one second",
        source=f"{ref.S0}; {ref.ETCD_TUNING}",
        profiles={Profile.EDGE: Difference(5000, "more than ten heartbeats: a pause there is longer")},
        rests_on=("etcd.heartbeat-interval",),
    ),
    _etcd(
        field="snapshot-count",
        kind=Integer(1000, 1_000_000, "writes"),
        base=10_000,
        reason="the default of 3.6: less memory, and a member that was away is soon up to date",
        source=f"{ref.S0}; {ref.ETCD_TUNING}",
        profiles={
            Profile.HUGE: Difference(50_000, "thousands of writes a second: fewer snapshots, slow members keep up"),
        },
        note="deprecated in etcd 3.6, and to go with 3.7",
    ),
    _etcd(
        field="quota-backend-bytes",
        kind=Integer(2 * GIB, 8 * GIB, "bytes"),
        base=4 * GIB,
        reason="above it etcd takes no writes; the default, 2 GiB, is reached by some 100,000 objects",
        source=f"{ref.S3}; {ref.ETCD_LIMITS}",
        profiles={
            Profile.HUGE: Difference(8 * GIB, "the most that etcd suggests"),
            Profile.EDGE: Difference(2 * GIB, "the default: small disk, few objects"),
            Profile.DEV: Difference(2 * GIB, "the default"),
        },
        rests_on=("cluster.etcd.volume.size_gib",),
        note="the volume holds twice this and 1 GiB: defragmentation writes a copy, log and snapshots are beside it",
    ),
    _etcd(
        field="auto-compaction-mode",
        kind=Choice(("periodic",)),
        base="periodic",
        reason="by time: what is kept does not depend on how much is written",
        source=f"{ref.S0}; {ref.ETCD_MAINTENANCE}",
        rests_on=("etcd.auto-compaction-retention",),
    ),
    _etcd(
        field="auto-compaction-retention",
        kind=Duration("5m", "72h"),
        base="1h",
        reason="a net below the API server's own compaction, every 5 minutes: it also catches what else writes",
        source=f"{ref.S0}; {ref.ETCD_MAINTENANCE}",
        rests_on=("etcd.auto-compaction-mode",),
    ),
    _etcd(
        field="max-request-bytes",
        kind=Integer(1 << 20, 10 << 20, "bytes"),
        base=1_572_864,
        reason="the default, 1.5 MiB: more than any object should have; the API server would take 3 MiB",
        source=ref.ETCD_LIMITS,
    ),
    _etcd(
        field="max-wals",
        kind=Integer(2, 50, "files of 64 MiB"),
        base=5,
        reason="the default; they share the volume with the data",
        source=ref.ETCD_FLAGS,
        drift="cosmetic",
    ),
)
