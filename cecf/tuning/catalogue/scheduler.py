"""The scheduler."""

from functools import partial

from cecf.tuning.catalogue import references as ref
from cecf.tuning.kinds import Anything, Boolean, Duration, Integer
from cecf.tuning.model import Component, Difference, Profile, Setting

_scheduler = partial(Setting, component=Component.SCHEDULER)

_PACK = [
    {
        "schedulerName": "default-scheduler",
        "pluginConfig": [
            {
                "name": "NodeResourcesFit",
                "args": {
                    "scoringStrategy": {
                        "type": "MostAllocated",
                        "resources": [{"name": "cpu", "weight": 1}, {"name": "memory", "weight": 1}],
                    }
                },
            }
        ],
    }
]

SETTINGS = (
    _scheduler(
        field="podInitialBackoffSeconds",
        kind=Integer(1, 300, "seconds"),
        base=5,
        reason="how long a pod that did not fit waits for its next turn: the intent of the source's "
        "schedule-delay-seconds, which no scheduler has",
        source=ref.S0,
        profiles={Profile.LATENCY: Difference(1, "the default: a pod that must move is tried again at once")},
        rests_on=("kube-scheduler.podMaxBackoffSeconds",),
    ),
    _scheduler(
        field="podMaxBackoffSeconds",
        kind=Integer(1, 3600, "seconds"),
        base=30,
        reason="six times the first wait; the default, 10, would double it once",
        source=ref.SCHEDULER,
        profiles={Profile.LATENCY: Difference(10, "the default")},
        rests_on=("kube-scheduler.podInitialBackoffSeconds",),
    ),
    _scheduler(
        field="parallelism",
        kind=Integer(1, 256, "threads"),
        base=16,
        reason="the default",
        source=ref.SCHEDULER,
        profiles={
            Profile.HUGE: Difference(32, "5000 nodes are filtered for every pod"),
            Profile.EDGE: Difference(4, "few nodes and few cores"),
        },
    ),
    _scheduler(
        field="percentageOfNodesToScore",
        kind=Integer(0, 100, "% of the nodes; 0: by the cluster's size"),
        base=0,
        reason="the default: all nodes of a small cluster, a tenth of 5000",
        source=ref.SCHEDULER_TUNING,
        profiles={
            Profile.LATENCY: Difference(100, "few nodes: the best place is worth looking at all of them"),
            Profile.HUGE: Difference(5, "250 fitting nodes are choice enough, and half the work of the default"),
        },
    ),
    _scheduler(
        field="clientConnection.qps",
        kind=Integer(1, 5000, "requests a second"),
        base=100,
        reason="twice the default: two requests a pod, so 50 pods a second",
        source=ref.S3,
        profiles={
            Profile.HUGE: Difference(500, "200,000 pods after a failure are placed in minutes"),
            Profile.EDGE: Difference(50, "the default"),
        },
        rests_on=("kube-scheduler.clientConnection.burst",),
    ),
    _scheduler(
        field="clientConnection.burst",
        kind=Integer(1, 10000, "requests"),
        base=200,
        reason="twice the rate",
        source=ref.S3,
        profiles={
            Profile.HUGE: Difference(1000, "twice the rate"),
            Profile.EDGE: Difference(100, "twice the rate"),
        },
        rests_on=("kube-scheduler.clientConnection.qps",),
    ),
    _scheduler(
        field="leaderElection.leaseDuration",
        kind=Duration("5s", "5m"),
        base="15s",
        reason="the default: another scheduler takes over after at most this and a retryPeriod",
        source=ref.S3,
        profiles={Profile.HUGE: Difference("60s", "a busy API must not cost the leader its place")},
        rests_on=("kube-scheduler.leaderElection.renewDeadline",),
    ),
    _scheduler(
        field="leaderElection.renewDeadline",
        kind=Duration("3s", "4m"),
        base="10s",
        reason="the default: the leader gives up this long after its last renewal",
        source=ref.S3,
        profiles={Profile.HUGE: Difference("40s", "as leaseDuration")},
        rests_on=("kube-scheduler.leaderElection.leaseDuration", "kube-scheduler.leaderElection.retryPeriod"),
    ),
    _scheduler(
        field="leaderElection.retryPeriod",
        kind=Duration("1s", "1m"),
        base="2s",
        reason="the default",
        source=ref.S3,
        profiles={Profile.HUGE: Difference("5s", "as leaseDuration")},
        rests_on=("kube-scheduler.leaderElection.renewDeadline",),
    ),
    _scheduler(
        field="profiles",
        kind=Anything("a list of scheduler profiles", is_list=True),
        base=None,
        reason="the default: pods are spread over the nodes",
        source=f"{ref.S3}; {ref.BIN_PACKING}",
        profiles={
            Profile.THROUGHPUT: Difference(
                _PACK, "nodes are filled one after the other: large jobs find whole nodes, and empty ones can go"
            )
        },
    ),
    _scheduler(
        field="enableProfiling",
        kind=Boolean(),
        base=False,
        reason="nobody reads profiles over the network of a production cluster",
        source=ref.SCHEDULER,
        profiles={Profile.DEV: Difference(value=True, reason="for those who look into it")},
        drift="cosmetic",
    ),
)
