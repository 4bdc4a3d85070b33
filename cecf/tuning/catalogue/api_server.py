"""The API server's flags."""

from functools import partial

from cecf.tuning.catalogue import references as ref
from cecf.tuning.kinds import Boolean, Choice, Duration, Integer, Number, Text
from cecf.tuning.model import Component, Difference, Profile, Setting

_server = partial(Setting, component=Component.API_SERVER)

SETTINGS = (
    _server(
        field="max-requests-inflight",
        kind=Integer(50, 20000, "requests that read"),
        base=400,
        reason="the default: with the mutating ones it is what Priority and Fairness shares out",
        source=ref.S3,
        profiles={
            Profile.LATENCY: Difference(800, "a burst is answered, not queued; wants 4 cores a server"),
            Profile.HUGE: Difference(3000, "as upstream's own 5000-node tests"),
            Profile.EDGE: Difference(200, "one or two cores cannot serve more at a time"),
        },
        rests_on=("kube-apiserver.enable-priority-and-fairness",),
    ),
    _server(
        field="max-mutating-requests-inflight",
        kind=Integer(25, 10000, "requests that write"),
        base=200,
        reason="the default, half of those that read",
        source=ref.S3,
        profiles={
            Profile.LATENCY: Difference(400, "half of those that read"),
            Profile.HUGE: Difference(1000, "as upstream's own 5000-node tests"),
            Profile.EDGE: Difference(100, "half of those that read"),
        },
        rests_on=("kube-apiserver.max-requests-inflight",),
    ),
    _server(
        field="enable-priority-and-fairness",
        kind=Boolean(),
        base=True,
        reason="nodes and leaders are served first, and one client's flood fills its own queue only",
        source=f"{ref.S3}; {ref.FLOW_CONTROL}",
    ),
    _server(
        field="endpoint-reconciler-type",
        kind=Choice(("lease", "master-count", "none")),
        base="lease",
        reason="the addresses of the service `kubernetes` are those of servers that live: each keeps a lease",
        source=f"{ref.S0} (there given to the controller manager)",
    ),
    _server(
        field="event-ttl",
        kind=Duration("5m", "168h"),
        base="1h",
        reason="the default: events are most of what is written, and are looked at soon or never",
        source=ref.LARGE_CLUSTERS,
        profiles={
            Profile.HUGE: Difference("30m", "a million events is the tested limit"),
            Profile.EDGE: Difference("30m", "a small, slow disk"),
            Profile.LATENCY: Difference("3h", "few objects: an incident of the morning is still there at noon"),
        },
        drift="cosmetic",
    ),
    _server(
        field="watch-cache",
        kind=Boolean(),
        base=True,
        reason="lists and watches are served from memory: etcd sees each change once, not once a watcher",
        source=ref.S3,
    ),
    _server(
        field="watch-cache-sizes",
        kind=Text(
            "resource#size,...; only the size 0, which turns a cache off, still means something",
            r"[\w.]+#\d+(,[\w.]+#\d+)*",
        ),
        base=None,
        reason="the server sizes its caches itself; since 1.19 any size but 0 is ignored",
        source=f"{ref.S3}; {ref.API_SERVER}",
        rests_on=("kube-apiserver.watch-cache",),
    ),
    _server(
        field="goaway-chance",
        kind=Number(0, 0.02, "share of the requests"),
        base=0,
        reason="the default: with one server there is no other to go to",
        source=ref.API_SERVER,
        profiles={
            Profile.LATENCY: Difference(
                0.001, "a client connects anew now and then: a server that is back gets its share"
            ),
            Profile.HUGE: Difference(
                0.001, "as in latency: else one server keeps all watches after the others' restart"
            ),
        },
    ),
    _server(
        field="min-request-timeout",
        kind=Integer(60, 86400, "seconds"),
        base=1800,
        reason="the default: a watch lives for half an hour to an hour",
        source=ref.API_SERVER,
        profiles={Profile.HUGE: Difference(3600, "half as many watches begin anew")},
    ),
    _server(
        field="default-not-ready-toleration-seconds",
        kind=Integer(0, 3600, "seconds"),
        base=300,
        reason="the default: pods stay on a node that is not ready for five minutes",
        source=ref.S3,
        profiles={
            Profile.LATENCY: Difference(
                30, "a trading service moves about a minute after its node fell silent: 24s, and this"
            ),
            Profile.EDGE: Difference(900, "a thin line comes back; there may be nowhere else to go"),
        },
        rests_on=("kube-controller-manager.node-monitor-grace-period",),
    ),
    _server(
        field="default-unreachable-toleration-seconds",
        kind=Integer(0, 3600, "seconds"),
        base=300,
        reason="the default: as default-not-ready-toleration-seconds, for a node that is not heard of",
        source=ref.S3,
        profiles={
            Profile.LATENCY: Difference(30, "as default-not-ready-toleration-seconds"),
            Profile.EDGE: Difference(900, "as default-not-ready-toleration-seconds"),
        },
        rests_on=("kube-controller-manager.node-monitor-grace-period",),
    ),
    _server(
        field="delete-collection-workers",
        kind=Integer(1, 256, "workers"),
        base=1,
        reason="the default",
        source=ref.API_SERVER,
        profiles={Profile.HUGE: Difference(16, "a namespace of thousands of pods goes in minutes, not an hour")},
        drift="cosmetic",
    ),
    _server(
        field="shutdown-delay-duration",
        kind=Duration("0", "5m"),
        base="5s",
        reason="a server that stops still answers until haproxy has seen that it is not ready: two checks of 1s",
        source=ref.S3,
    ),
    _server(
        field="profiling",
        kind=Boolean(),
        base=False,
        reason="nobody reads profiles over the network of a production cluster",
        source=ref.API_SERVER,
        profiles={Profile.DEV: Difference(value=True, reason="for those who look into it")},
        drift="cosmetic",
    ),
    _server(
        field="tls-min-version",
        kind=Choice(("VersionTLS12", "VersionTLS13")),
        base="VersionTLS13",
        reason="of 1.3's ciphers none is weak, and all that speaks to it here knows it; 1.2 is for clients before 2018",
        source=ref.API_SERVER,
    ),
    _server(
        field="audit-log-mode",
        kind=Choice(("batch", "blocking", "blocking-strict")),
        base="batch",
        reason="no request waits for the log's disk; the lines of the last moment are lost with a server that dies",
        source=ref.AUDIT,
        rests_on=("cluster.control_plane.audit.policy",),
    ),
    _server(
        field="audit-log-maxage",
        kind=Integer(1, 3650, "days"),
        base=30,
        reason="as long as CIS asks for: a break-in is seldom found in its first week",
        source=ref.CIS,
        drift="cosmetic",
        rests_on=("cluster.control_plane.audit.policy",),
    ),
    _server(
        field="audit-log-maxbackup",
        kind=Integer(1, 1000, "files"),
        base=10,
        reason="as many as CIS asks for: with the one that is written to, 1.1 GiB of the root disk at most",
        source=ref.CIS,
        drift="cosmetic",
        rests_on=("kube-apiserver.audit-log-maxsize",),
    ),
    _server(
        field="audit-log-maxsize",
        kind=Integer(10, 10000, "MiB"),
        base=100,
        reason="as CIS asks for: then another file is begun",
        source=ref.CIS,
        drift="cosmetic",
        rests_on=("kube-apiserver.audit-log-maxbackup",),
    ),
)
