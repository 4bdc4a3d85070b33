"""kube-proxy: one configuration for all nodes of a cluster."""

from functools import partial

from cecf.tuning.catalogue import references as ref
from cecf.tuning.kinds import Choice, Duration, Integer, Words
from cecf.tuning.model import Component, Difference, Profile, Setting

_proxy = partial(Setting, component=Component.KUBE_PROXY)

SETTINGS = (
    _proxy(
        field="mode",
        kind=Choice(("nftables", "iptables", "ipvs")),
        base="nftables",
        reason="a packet's way does not grow with the number of Services, and a change writes only what changed; "
        "stable since 1.33, needs Linux 5.13. ipvs has the same aims and is deprecated since 1.35",
        source=f"{ref.S0}; {ref.PROXY_MODES}",
    ),
    _proxy(
        field="conntrack.maxPerCore",
        kind=Integer(0, 1_048_576, "tracked connections a core; 0: leave the kernel's"),
        base=32768,
        reason="the source's 32768, where the old flag went: the table grows with the node's cores",
        source=ref.S0,
        profiles={
            Profile.THROUGHPUT: Difference(65536, "shuffles open a connection from every worker to every other"),
            Profile.HUGE: Difference(65536, "more peers a node"),
        },
        rests_on=("kube-proxy.conntrack.min",),
        note="the kernel's limit becomes the larger of `min` and `maxPerCore` x cores: a node of one core has exactly "
        "32768; set maxPerCore to 1 to have exactly `min` on every node",
    ),
    _proxy(
        field="conntrack.min",
        kind=Integer(0, 8_388_608, "tracked connections"),
        base=32768,
        reason="the source's 32768, as the least that any node has",
        source=ref.S0,
        profiles={
            Profile.HUGE: Difference(262_144, "small nodes talk to 5000 others, too"),
            Profile.EDGE: Difference(131_072, "the default: one or two cores, and half an hour of DNS questions"),
            Profile.DEV: Difference(131_072, "the default: two cores, and half an hour of DNS questions"),
        },
        rests_on=("kube-proxy.conntrack.maxPerCore",),
    ),
    _proxy(
        field="conntrack.tcpEstablishedTimeout",
        kind=Duration("1m", "240h"),
        base="24h",
        reason="the default: a silent connection is kept for a day, against the kernel's five",
        source=ref.KUBE_PROXY,
        profiles={
            Profile.THROUGHPUT: Difference("2h", "entries of workers that are gone leave the table the same day")
        },
    ),
    _proxy(
        field="conntrack.tcpCloseWaitTimeout",
        kind=Duration("10s", "24h"),
        base="1h",
        reason="half-closed connections live long enough for a client that reads slowly, and do not stay for ever",
        source=ref.S0,
    ),
    _proxy(
        field="conntrack.udpTimeout",
        kind=Duration("1s", "24h"),
        base="30m",
        reason="the source's; the kernel's 30s would break flows of devices that report twice an hour",
        source=ref.S0,
        profiles={
            Profile.LATENCY: Difference(
                "30s", "as the kernel has it: every DNS question leaves an entry behind, and the table stays small"
            ),
            Profile.HUGE: Difference("1m", "every DNS question leaves an entry behind, for as long as this"),
        },
        rests_on=("kube-proxy.conntrack.udpStreamTimeout", "kube-proxy.conntrack.min"),
        note="with a table of 32768 entries, 18 new flows a second fill it; a full table drops packets",
    ),
    _proxy(
        field="conntrack.udpStreamTimeout",
        kind=Duration("1s", "24h"),
        base="30m",
        reason="the source's; a flow that has been answered",
        source=ref.S0,
        profiles={
            Profile.LATENCY: Difference("2m", "as the kernel has it, for the reason of udpTimeout"),
            Profile.HUGE: Difference("3m", "for the reason of udpTimeout"),
        },
        rests_on=("kube-proxy.conntrack.udpTimeout",),
    ),
    _proxy(
        field="nftables.minSyncPeriod",
        kind=Duration("0", "30s"),
        base="1s",
        reason="the default: changes within a second are written together; 30s, the syncPeriod, is the most",
        source=ref.KUBE_PROXY,
        profiles={
            Profile.LATENCY: Difference("200ms", "a new endpoint is reached in a fifth of a second; few Services"),
            Profile.HUGE: Difference("5s", "10,000 Services change all the time; rules are written in larger lots"),
        },
        rests_on=("kube-proxy.mode",),
    ),
    _proxy(
        field="nodePortAddresses",
        kind=Words(),
        base=["primary"],
        reason="NodePorts answer at the node's own address, not at every address that it ever gets",
        source=ref.KUBE_PROXY,
        rests_on=("kube-proxy.mode",),
    ),
    _proxy(
        field="clientConnection.qps",
        kind=Integer(1, 1000, "requests a second"),
        base=5,
        reason="the default: it watches, and asks seldom",
        source=ref.KUBE_PROXY,
        rests_on=("kube-proxy.clientConnection.burst",),
    ),
    _proxy(
        field="clientConnection.burst",
        kind=Integer(1, 10000, "requests"),
        base=10,
        reason="the default, twice the rate",
        source=ref.KUBE_PROXY,
        rests_on=("kube-proxy.clientConnection.qps",),
    ),
    _proxy(
        field="oomScoreAdj",
        kind=Integer(-1000, 1000, "points; -1000: never killed"),
        base=-999,
        reason="without it the node's Services end with whatever the kernel kills",
        source=ref.S3,
    ),
)
