"""The kubelet, without reservations and eviction: see `node_resources`."""

from functools import partial

from cecf.tuning.catalogue import references as ref
from cecf.tuning.kinds import Boolean, Choice, Duration, Integer, Quantity, Words
from cecf.tuning.model import Component, Difference, Profile, Setting
from cecf.tuning.reservations import max_pods

_kubelet = partial(Setting, component=Component.KUBELET)

SETTINGS = (
    _kubelet(
        field="maxPods",
        kind=Integer(1, 1000, "pods"),
        base=max_pods(250),
        reason="the source's 250 where the flavor carries it: each pod costs memory, CPU and an address on its node",
        source=f"{ref.S0}; {ref.SCALABILITY}",
        profiles={
            Profile.LATENCY: Difference(max_pods(110), "fewer neighbours, so less noise; what upstream tests"),
            Profile.EDGE: Difference(max_pods(60), "a small node's disk and line are shared by its pods"),
            Profile.HUGE: Difference(
                max_pods(110), "200,000 pods on 5000 nodes are 40 a node; 110 leaves room in a /25"
            ),
        },
        rests_on=("kube-controller-manager.node-cidr-mask-size",),
    ),
    _kubelet(
        field="nodeStatusUpdateFrequency",
        follows_cluster=True,
        kind=Duration("1s", "5m"),
        base="10s",
        reason="how often the kubelet looks at the node's state; it tells the API at once only of a change",
        source=ref.S0,
        profiles={
            Profile.LATENCY: Difference("5s", "pressure on a node is known sooner, and pods are moved sooner"),
        },
        rests_on=("kube-controller-manager.node-monitor-grace-period",),
    ),
    _kubelet(
        field="nodeStatusReportFrequency",
        follows_cluster=True,
        kind=Duration("10s", "30m"),
        base="5m",
        reason="an unchanged state, some 10 KB, is written seldom: the lease tells that the node lives",
        source=ref.NODE_HEARTBEATS,
        profiles={Profile.HUGE: Difference("10m", "5000 nodes every 5m are 17 large writes a second into etcd")},
        rests_on=("kubelet.nodeStatusUpdateFrequency",),
    ),
    _kubelet(
        field="nodeLeaseDurationSeconds",
        follows_cluster=True,
        kind=Integer(10, 300, "seconds"),
        base=40,
        reason="a node lives as long as its lease; it is renewed every quarter of this",
        source=ref.S3,
        profiles={
            Profile.LATENCY: Difference(20, "with a grace period of 24s a lost node is noticed in half the time")
        },
        rests_on=("kube-controller-manager.node-monitor-grace-period",),
    ),
    _kubelet(
        field="imageGCHighThresholdPercent",
        kind=Integer(1, 100, "% of the disk"),
        base=80,
        reason="above it images that no container uses are deleted, well before pods are evicted at 85 to 90",
        source=ref.S0,
        rests_on=("kubelet.imageGCLowThresholdPercent",),
        note="with the node image's own images and no registry, an image that is deleted does not come back",
    ),
    _kubelet(
        field="imageGCLowThresholdPercent",
        kind=Integer(0, 99, "% of the disk"),
        base=60,
        reason="down to it: one large clean-up instead of many small ones",
        source=ref.S0,
        rests_on=("kubelet.imageGCHighThresholdPercent",),
    ),
    _kubelet(
        field="serializeImagePulls",
        kind=Boolean(),
        base=False,
        reason="one slow image does not hold up the others; the runtime's snapshotter has allowed it for years",
        source=ref.S3,
        rests_on=("kubelet.maxParallelImagePulls",),
    ),
    _kubelet(
        field="maxParallelImagePulls",
        kind=Integer(1, 100, "pulls"),
        base=5,
        reason="a drained node's pods arrive together; without a bound they take the whole line and disk",
        source=ref.S3,
        profiles={
            Profile.THROUGHPUT: Difference(10, "large images, many at once, on nodes with fast disks"),
            Profile.EDGE: Difference(2, "a thin line"),
        },
        rests_on=("kubelet.serializeImagePulls",),
    ),
    _kubelet(
        field="registryPullQPS",
        kind=Integer(0, 1000, "pulls a second; 0: no limit"),
        base=10,
        reason="twice the default: a node that starts forty pods waits two seconds, not six",
        source=ref.KUBELET,
        rests_on=("kubelet.registryBurst",),
    ),
    _kubelet(
        field="registryBurst",
        kind=Integer(0, 10000, "pulls"),
        base=20,
        reason="twice the default, as registryPullQPS",
        source=ref.KUBELET,
        rests_on=("kubelet.registryPullQPS",),
    ),
    _kubelet(
        field="runtimeRequestTimeout",
        kind=Duration("10s", "30m"),
        base="2m",
        reason="how long any other call to the runtime may take; pulls end by containerd's progress timeout instead",
        source=ref.S3,
        profiles={Profile.EDGE: Difference("5m", "a slow disk takes its time to make and to stop a container")},
        rests_on=("containerd.cri.image_pull_progress_timeout",),
    ),
    _kubelet(
        field="kubeAPIQPS",
        kind=Integer(1, 1000, "requests a second"),
        base=50,
        reason="the default since 1.27: enough for 250 pods' states, bounded so that no kubelet floods the API",
        source=ref.S3,
        profiles={Profile.HUGE: Difference(20, "40 pods a node, not 250; the sum is bounded by Priority and Fairness")},
        rests_on=("kubelet.kubeAPIBurst",),
    ),
    _kubelet(
        field="kubeAPIBurst",
        kind=Integer(1, 10000, "requests"),
        base=100,
        reason="twice the rate: what a node's start needs at once",
        source=ref.S3,
        profiles={Profile.HUGE: Difference(40, "twice the rate, as in the base")},
        rests_on=("kubelet.kubeAPIQPS",),
    ),
    _kubelet(
        field="eventRecordQPS",
        kind=Integer(0, 1000, "events a second; 0: no limit"),
        base=20,
        reason="a crashing pod's events must not crowd out the others in etcd; the default is 50",
        source=ref.KUBELET,
        profiles={Profile.HUGE: Difference(5, "events are most of the writes of a large cluster")},
        rests_on=("kubelet.eventBurst",),
        drift="cosmetic",
    ),
    _kubelet(
        field="eventBurst",
        kind=Integer(1, 10000, "events"),
        base=40,
        reason="twice the rate; the default is 100",
        source=ref.KUBELET,
        profiles={Profile.HUGE: Difference(10, "twice the rate")},
        rests_on=("kubelet.eventRecordQPS",),
        drift="cosmetic",
    ),
    _kubelet(
        field="allowedUnsafeSysctls",
        kind=Words(),
        base=None,
        reason="the default: none. What is safe, such as net.ipv4.tcp_keepalive_time, pods may set anyway",
        source=ref.POD_SYSCTLS,
        profiles={
            Profile.LATENCY: Difference(
                ["net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog", "net.ipv4.tcp_slow_start_after_idle"],
                "pods with a network of their own get the node's values only by asking; these harm nobody else",
            ),
            Profile.THROUGHPUT: Difference(
                ["net.ipv4.tcp_slow_start_after_idle"], "as in latency; workers of a job ask for it"
            ),
        },
    ),
    _kubelet(
        field="containerLogMaxSize",
        kind=Quantity("1Mi", "10Gi"),
        base="50Mi",
        reason="logs are rotated by size: a chatty container fills 250 MiB at most, and is not evicted for its log",
        source=ref.LOGGING,
        profiles={
            Profile.EDGE: Difference("10Mi", "a small disk"),
            Profile.THROUGHPUT: Difference("100Mi", "a job's log is read as a whole afterwards"),
        },
        rests_on=("kubelet.containerLogMaxFiles",),
    ),
    _kubelet(
        field="containerLogMaxFiles",
        kind=Integer(2, 100, "files"),
        base=5,
        reason="the default; with the size it bounds a container's logs",
        source=ref.LOGGING,
        rests_on=("kubelet.containerLogMaxSize",),
    ),
    _kubelet(
        field="cpuManagerPolicy",
        kind=Choice(("none", "static")),
        base="none",
        reason="all pods share all cores: nothing is idle while another waits",
        source=ref.CPU_MANAGER,
        profiles={
            Profile.LATENCY: Difference(
                "static", "a Guaranteed pod with whole cores has them alone: no switch of context, warm caches"
            )
        },
        rests_on=("kubelet.systemReserved.cpu", "kubelet.kubeReserved.cpu"),
        note="what is reserved is rounded up to whole cores that no Guaranteed pod gets",
    ),
    _kubelet(
        field="topologyManagerPolicy",
        kind=Choice(("none", "best-effort", "restricted", "single-numa-node")),
        base="none",
        reason="virtual machines of these sizes have one NUMA node",
        source=ref.TOPOLOGY_MANAGER,
        profiles={
            Profile.LATENCY: Difference(
                "best-effort", "cores and devices of one NUMA node where the flavor has several; refuses no pod"
            )
        },
        rests_on=("kubelet.cpuManagerPolicy",),
    ),
    _kubelet(
        field="failSwapOn",
        kind=Boolean(),
        base=True,
        reason="swap is off: a node with swap would be slow at random instead of saying that it is full",
        source=ref.SWAP,
    ),
    _kubelet(
        field="memorySwap.swapBehavior",
        kind=Choice(("NoSwap", "LimitedSwap")),
        base="NoSwap",
        reason="no pod swaps, even on a node that somebody gave swap",
        source=ref.SWAP,
        rests_on=("kubelet.failSwapOn",),
    ),
    _kubelet(
        field="seccompDefault",
        kind=Boolean(),
        base=True,
        reason="pods that do not say otherwise lose the system calls that only breaking out needs",
        source=ref.SECCOMP,
    ),
    _kubelet(
        field="tlsMinVersion",
        kind=Choice(("VersionTLS12", "VersionTLS13")),
        base="VersionTLS13",
        reason="only API servers and metrics-server ask a kubelet, and both know 1.3, of whose ciphers none is weak",
        source=ref.KUBELET,
    ),
    _kubelet(
        field="shutdownGracePeriod",
        kind=Duration("1s", "30m"),
        base="45s",
        reason="a server that is stopped or rebooted lets its pods end first; Nova cuts the power after 60s",
        source=ref.NODE_SHUTDOWN,
        rests_on=("kubelet.shutdownGracePeriodCriticalPods",),
    ),
    _kubelet(
        field="shutdownGracePeriodCriticalPods",
        kind=Duration("1s", "30m"),
        base="15s",
        reason="of it, what DNS, the pod network and the API server get, after the others have gone",
        source=ref.NODE_SHUTDOWN,
        rests_on=("kubelet.shutdownGracePeriod",),
    ),
    _kubelet(
        field="streamingConnectionIdleTimeout",
        kind=Duration("1m", "24h"),
        base="1h",
        reason="a forgotten `kubectl exec` ends; the default is 4h",
        source=ref.KUBELET,
        drift="cosmetic",
    ),
    _kubelet(
        field="oomScoreAdj",
        kind=Integer(-1000, 1000, "points; -1000: never killed"),
        base=-999,
        reason="of all processes the kubelet goes last: without it nobody ends the pod that is too large",
        source=ref.S3,
    ),
)
