"""One master, many followers: which offices a cluster has, who may hold them, and how fast another takes over. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from cecf.plan.cluster import ClusterPlan
from cecf.plan.etcd import EtcdPlan
from cecf.tuning.units import seconds

VRRP_SECONDS = Decimal("1.5")
"""keepalived misses three announcements of half a second each (`cecf/render/endpoint.py`)."""

CHECK_SECONDS = Decimal(4)
"""haproxy's two checks of a second, each of which may take another, until an API server counts as gone."""

LEASE, RETRY = Decimal(15), Decimal(2)
"""kube-controller-manager's own leader election, which is not tuned."""


@dataclass(frozen=True, kw_only=True)
class Office:
    """Something that one of several does for all."""

    name: str
    holders: tuple[str, ...]
    """Who may hold it; one alone has nobody to take over from it."""
    seconds: float | None
    """After which another has taken over from a holder that is lost, at the latest; none: nobody can."""
    why: str
    """What the seconds are made of."""


def offices(plan: ClusterPlan) -> tuple[Office, ...]:
    """Return the offices of a cluster."""
    return tuple(_offices(plan))


def _offices(plan: ClusterPlan) -> Iterator[Office]:
    servers = tuple(node.name for node in plan.control_plane.nodes)
    if plan.endpoint.on_nodes:
        yield _office(
            "endpoint", servers, VRRP_SECONDS + CHECK_SECONDS, "keepalived: 3 announcements of 0.5 s; haproxy: 2 checks"
        )
    for etcd in plan.etcds:
        yield _election(plan, etcd)
    lease = seconds(str(plan.tuning.cluster["kube-scheduler.leaderElection.leaseDuration"].value))
    retry = seconds(str(plan.tuning.cluster["kube-scheduler.leaderElection.retryPeriod"].value))
    yield _office("kube-scheduler", servers, lease + retry, f"its lease of {lease} s, looked at every {retry} s")
    yield _office(
        "kube-controller-manager", servers, LEASE + RETRY, f"its lease of {LEASE} s, looked at every {RETRY} s"
    )


def _election(plan: ClusterPlan, etcd: EtcdPlan) -> Office:
    timeout = Decimal(int(plan.tuning.cluster["etcd.election-timeout"].value)) / 1000
    # Each member waits for one to two timeouts, so that two seldom stand at once; a vote that fails is repeated once.
    return _office(etcd.name, tuple(etcd.addresses), 4 * timeout, f"an election timeout of {timeout} s, up to 4 times")


def _office(name: str, holders: tuple[str, ...], within: Decimal, why: str) -> Office:
    alone = len(holders) == 1
    return Office(
        name=name,
        holders=holders,
        seconds=None if alone else float(within),
        why="one alone: nobody can take over" if alone else why,
    )
