"""The sources' settings, row by row: what each is here, and what is said plainly where it is nothing."""

import re
from dataclasses import dataclass

from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.model import Component, Setting


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of the sources' table."""

    says: str
    """In the sources' words."""
    settings: tuple[str, ...] = ()
    """Ids of the catalogue, and settings of a stack, whose paths begin with `cluster.`."""
    note: str = ""
    """What does not exist, or not yet, and what else has to be known."""

    @property
    def flags(self) -> tuple[str, ...]:
        """The names with hyphens in it: the sources' own, by which a person may look for them."""
        names = re.findall(r"[a-z]+(?:-[a-z]+)+", self.says)
        return tuple(name for name in names if name not in _COMPONENTS)

    @property
    def catalogued(self) -> tuple[Setting, ...]:
        """Those of its settings that are in the catalogue."""
        return tuple(CATALOGUE[name] for name in self.settings if name in CATALOGUE)


_COMPONENTS = (*Component, "controller-manager")
_DOCUMENT = re.compile(r"\bS[0-4]\b")
_PROXY, _KCM, _API = "kube-proxy", "kube-controller-manager", "kube-apiserver"


def _all_of(*components: Component) -> tuple[str, ...]:
    return tuple(setting.id for setting in CATALOGUE.values() if setting.component in components)


def _entries(*fields: str) -> tuple[str, ...]:
    """Return the kubelet's settings that are entries of fields."""
    return tuple(name for name, each in CATALOGUE.items() if each.key and f"kubelet.{each.field}" in fields)


ROWS = (
    Row(says="kubelet max-pods", settings=("kubelet.maxPods",), note="250 where the flavor carries it; less elsewhere"),
    Row(says="kubelet node-status-update-frequency", settings=("kubelet.nodeStatusUpdateFrequency",)),
    Row(
        says="kubelet image-gc-high / low",
        settings=("kubelet.imageGCHighThresholdPercent", "kubelet.imageGCLowThresholdPercent"),
    ),
    Row(
        says="kube-proxy conntrack-max 32768",
        settings=(f"{_PROXY}.conntrack.min", f"{_PROXY}.conntrack.maxPerCore"),
        note="the old flag is gone; the limit is the larger of `min` and `maxPerCore` x the node's cores",
    ),
    Row(says="kube-proxy tcp close-wait timeout", settings=(f"{_PROXY}.conntrack.tcpCloseWaitTimeout",)),
    Row(
        says="kube-proxy udp timeout",
        settings=(f"{_PROXY}.conntrack.udpTimeout", f"{_PROXY}.conntrack.udpStreamTimeout"),
    ),
    Row(
        says="kube-proxy mode",
        settings=(f"{_PROXY}.mode", "modules.load"),
        note="nftables in every profile; iptables for a kernel before 5.13. ipvs needs its modules",
    ),
    Row(
        says="etcd SSD, not on the root directory, enough disk",
        settings=("cluster.etcd.volume.type", "cluster.etcd.volume.size_gib", "cluster.etcd.wal_volume.type"),
        note="a volume and a file system of etcd's own for every member, HA or not; its log may have a second one. A "
        "write test at the first boot tells whether the disk is quick enough: `etcd.disk_check`",
    ),
    Row(
        says="etcd compression",
        settings=("etcd.auto-compaction-mode", "etcd.auto-compaction-retention", "etcd.quota-backend-bytes"),
        note="compaction is meant. Members look every hour whether to defragment, the leader last: `etcd.defragment`",
    ),
    Row(
        says="etcd official version, cluster mode",
        settings=("cluster.kubernetes_version", "cluster.etcd.members", "cluster.control_plane.count"),
        note="the release is the one that kubeadm names for the Kubernetes release; 1, 3 or 5 members",
    ),
    Row(
        says="etcd heartbeat / election timeout, snapshot count, process priority, dedicated nodes",
        settings=(
            "etcd.heartbeat-interval",
            "etcd.election-timeout",
            "etcd.snapshot-count",
            "etcd-unit.Nice",
            "etcd-unit.IOSchedulingClass",
            "etcd-unit.IOSchedulingPriority",
            "cluster.etcd.topology",
        ),
        note="a member is a service of its server, not a pod, so it has a nice value and an IO class of its own",
    ),
    Row(
        says="scheduler parallel-resource-quota-syncs 10",
        settings=(f"{_KCM}.concurrent-resource-quota-syncs",),
        note="a flag of the controller manager",
    ),
    Row(
        says="scheduler schedule-delay-seconds 5",
        settings=("kube-scheduler.podInitialBackoffSeconds", "kube-scheduler.podMaxBackoffSeconds"),
        note="no scheduler has such a flag; the wait of a pod that did not fit is the nearest to it",
    ),
    Row(
        says="scheduler terminated-pod-gc-threshold 5000",
        settings=(f"{_KCM}.terminated-pod-gc-threshold",),
        note="a flag of the controller manager",
    ),
    Row(
        says="controller-manager terminated-pod-gc-period 120s",
        note="no such setting exists, so none is set: the period is 20s in the controller manager's code",
    ),
    Row(
        says="controller-manager horizontal-pod-autoscaler-sync-period",
        settings=(f"{_KCM}.horizontal-pod-autoscaler-sync-period",),
    ),
    Row(
        says="controller-manager endpoint-reconciler-type lease",
        settings=(f"{_API}.endpoint-reconciler-type",),
        note="a flag of the API server",
    ),
    Row(
        says="apiserver: HA, request concurrency, split storage, caches",
        settings=(
            "cluster.control_plane.count",
            f"{_API}.max-requests-inflight",
            f"{_API}.max-mutating-requests-inflight",
            f"{_API}.enable-priority-and-fairness",
            "cluster.etcd.events.members",
            f"{_API}.watch-cache",
            f"{_API}.watch-cache-sizes",
        ),
        note="with `etcd.events`, Events have an etcd of their own, by `etcd-servers-overrides`. "
        "The server sizes its watch caches itself: of `watch-cache-sizes` only the size 0 still means something",
    ),
    Row(
        says="kcm / scheduler: HA, API request rate, controllers list, custom scheduler",
        settings=(
            "cluster.control_plane.count",
            "kube-scheduler.leaderElection.leaseDuration",
            "kube-scheduler.leaderElection.renewDeadline",
            "kube-scheduler.leaderElection.retryPeriod",
            f"{_KCM}.kube-api-qps",
            f"{_KCM}.kube-api-burst",
            "kube-scheduler.clientConnection.qps",
            "kube-scheduler.clientConnection.burst",
            f"{_KCM}.controllers",
            "kube-scheduler.profiles",
        ),
        note="both elect a leader, always. A custom scheduler is a profile of the one that runs; a second scheduler is "
        "a workload of the business's own",
    ),
    Row(
        says="kubelet: parallel image pulls, pull timeout, API rate",
        settings=(
            "kubelet.serializeImagePulls",
            "kubelet.maxParallelImagePulls",
            "containerd.cri.max_concurrent_downloads",
            "containerd.cri.image_pull_progress_timeout",
            "kubelet.runtimeRequestTimeout",
            "kubelet.kubeAPIQPS",
            "kubelet.kubeAPIBurst",
        ),
        note="a pull ends by containerd's own timeout, which needs containerd 1.7; the kubelet's is for other calls",
    ),
    Row(says="node leases", settings=("kubelet.nodeLeaseDurationSeconds",)),
    Row(
        says="resource reservation, eviction, OOM protection",
        settings=(
            *_entries("kubelet.systemReserved", "kubelet.kubeReserved"),
            "kubelet.enforceNodeAllocatable",
            *_entries("kubelet.evictionHard", "kubelet.evictionSoft", "kubelet.evictionSoftGracePeriod"),
            "kubelet.evictionMaxPodGracePeriod",
            "kubelet.podPidsLimit",
            "kubelet.oomScoreAdj",
            "containerd.oom_score",
            "systemd.kubelet.service.OOMScoreAdjust",
            "systemd.containerd.service.OOMScoreAdjust",
            f"{_PROXY}.oomScoreAdj",
            "systemd.kubelet.service.Slice",
            "systemd.containerd.service.Slice",
            "systemd.runtime.slice.CPUWeight",
        ),
        note="worked out from each pool's flavor, and refused where the flavor does not carry it",
    ),
    Row(
        says="node kernel",
        settings=(
            *_all_of(Component.SYSCTL, Component.MODULES),
            "systemd.kubelet.service.LimitNOFILE",
            "systemd.containerd.service.LimitNOFILE",
            "systemd.containerd.service.TasksMax",
        ),
        note="limits are systemd's, since limits.d holds for log-ins only. No profile needs the kernel's command line: "
        "huge pages, swap and CPU pinning are set while the node runs",
    ),
    Row(
        says="CoreDNS HA, DNS policy",
        settings=("cluster.addons.coredns.replicas",),
        note="replicas by the number of nodes and cores, worked out at each `up`; on different nodes, over the zones, "
        "with a PodDisruptionBudget. Nodes have no cache of their own yet. DNS policy is each pod's own `dnsPolicy`",
    ),
)
"""In the order of the sources' table."""


def rows_of(setting: Setting) -> tuple[Row, ...]:
    """Return the rows that a setting realises."""
    return tuple(row for row in ROWS if setting.id in row.settings)


def besides() -> tuple[Setting, ...]:
    """Return the settings that a document of the sources asks for outside of the table."""
    asked = (setting for setting in CATALOGUE.values() if _DOCUMENT.search(setting.source))
    return tuple(setting for setting in asked if not rows_of(setting))
