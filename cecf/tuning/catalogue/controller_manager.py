"""The controller manager's flags."""

from functools import partial

from cecf.tuning.catalogue import references as ref
from cecf.tuning.kinds import Boolean, Duration, Integer, Number, Text
from cecf.tuning.model import Component, Difference, Profile, Setting

_manager = partial(Setting, component=Component.CONTROLLER_MANAGER)


def _workers(controller: str, usual: int, huge: int, why: str, *, most: int = 500) -> Setting:
    """Return how many objects of a kind are worked on at a time."""
    return _manager(
        field=f"concurrent-{controller}-syncs",
        kind=Integer(1, most, "workers"),
        base=usual,
        reason="the default",
        source=f"{ref.S4}; {ref.CONTROLLER_MANAGER}",
        profiles={Profile.HUGE: Difference(huge, why)},
        rests_on=("kube-controller-manager.kube-api-qps",),
    )


SETTINGS = (
    _manager(
        field="concurrent-resource-quota-syncs",
        kind=Integer(1, 500, "workers"),
        base=10,
        reason="quotas of many namespaces are counted anew in time; the default is 5",
        source=f"{ref.S0} (there the scheduler's parallel-resource-quota-syncs)",
    ),
    _manager(
        field="terminated-pod-gc-threshold",
        kind=Integer(1, 100_000, "pods that have ended"),
        base=5000,
        reason="more than these are deleted, the oldest first; the default is 12500",
        source=f"{ref.S0} (there given to the scheduler)",
        profiles={
            Profile.EDGE: Difference(200, "a small disk"),
            Profile.DEV: Difference(500, "few pods"),
            Profile.THROUGHPUT: Difference(10_000, "a day's jobs can still be looked at"),
        },
        drift="cosmetic",
        note="how often it looks (the source's terminated-pod-gc-period, 120s) cannot be set: it is 20s in the code",
    ),
    _manager(
        field="horizontal-pod-autoscaler-sync-period",
        kind=Duration("1s", "10m"),
        base="10s",
        reason="load is followed within ten seconds; the default is 15s",
        source=ref.S0,
        profiles={Profile.HUGE: Difference("30s", "thousands of autoscalers, each asking for metrics")},
    ),
    _manager(
        field="node-monitor-period",
        kind=Duration("1s", "5m"),
        base="5s",
        reason="the default: how often the leases are looked at",
        source=ref.NODE_HEARTBEATS,
        profiles={Profile.LATENCY: Difference("2s", "a lost node is noticed sooner")},
        rests_on=("kube-controller-manager.node-monitor-grace-period",),
    ),
    _manager(
        field="node-monitor-grace-period",
        kind=Duration("10s", "10m"),
        base="50s",
        reason="the default: a node without a sign of life for this long is not ready; longer than its lease",
        source=ref.NODE_HEARTBEATS,
        profiles={
            Profile.LATENCY: Difference("24s", "four missed renewals of a lease of 20s, and a moment"),
            Profile.EDGE: Difference("2m", "a thin line has gaps"),
        },
        rests_on=("kubelet.nodeLeaseDurationSeconds", "kubelet.nodeStatusUpdateFrequency"),
    ),
    _manager(
        field="node-eviction-rate",
        kind=Number(0, 10, "nodes a second"),
        base=0.1,
        reason="the default: pods of lost nodes are moved a node every ten seconds, so that a fault of the network "
        "does not move everything",
        source=ref.NODE_HEARTBEATS,
    ),
    _manager(
        field="kube-api-qps",
        kind=Integer(1, 5000, "requests a second"),
        base=50,
        reason="the default, 20, is two deployments of ten pods a second",
        source=ref.S3,
        profiles={
            Profile.HUGE: Difference(500, "a rollout of thousands of pods takes seconds of requests, not minutes"),
            Profile.EDGE: Difference(20, "the default"),
        },
        rests_on=("kube-controller-manager.kube-api-burst",),
    ),
    _manager(
        field="kube-api-burst",
        kind=Integer(1, 10000, "requests"),
        base=100,
        reason="twice the rate",
        source=ref.S3,
        profiles={
            Profile.HUGE: Difference(1000, "twice the rate"),
            Profile.EDGE: Difference(40, "twice the rate"),
        },
        rests_on=("kube-controller-manager.kube-api-qps",),
    ),
    _manager(
        field="controllers",
        kind=Text("names with commas; * is all that are on by default, -name turns one off", r"[\w*-]+(,[\w*-]+)*"),
        base="*,bootstrapsigner,tokencleaner",
        reason="all of them, and the two that nodes join by: tokens that have expired go",
        source=ref.S3,
    ),
    _manager(
        field="node-cidr-mask-size",
        kind=Integer(20, 28, "bits"),
        base=24,
        reason="254 addresses a node: enough for 250 pods. One for the whole cluster and for its whole life",
        source=ref.LARGE_CLUSTERS,
        profiles={Profile.HUGE: Difference(25, "5000 nodes of 128 addresses fit a /12; at /24 they would need a /11")},
        rests_on=("kubelet.maxPods",),
        note="cannot be changed in a running cluster: nodes keep the range that they got. An address is free again as "
        "soon as its pod is gone, so that the range need not be twice as large",
    ),
    _workers("deployment", 5, 20, "hundreds of teams roll out at a time"),
    _workers("replicaset", 5, 20, "pods of many deployments at a time"),
    _workers("job", 5, 50, "batches of thousands of jobs"),
    _workers("namespace", 10, 20, "10,000 namespaces"),
    _workers("gc", 20, 50, "everything that is deleted leaves dependants behind"),
    _workers("service-endpoint", 5, 20, "10,000 Services; a stale endpoint is an error to a user", most=50),
    _manager(
        field="profiling",
        kind=Boolean(),
        base=False,
        reason="nobody reads profiles over the network of a production cluster",
        source=ref.CONTROLLER_MANAGER,
        profiles={Profile.DEV: Difference(value=True, reason="for those who look into it")},
        drift="cosmetic",
    ),
)
