"""What a node keeps for itself, and when it sends pods away."""

from functools import partial

from cecf.tuning import reservations as computed
from cecf.tuning.catalogue import references as ref
from cecf.tuning.kinds import Duration, Integer, Quantity, Threshold, Words
from cecf.tuning.model import Component, Difference, Profile, Setting

_kubelet = partial(Setting, component=Component.KUBELET)
_system = partial(_kubelet, field="systemReserved", source=f"{ref.S3}; {ref.RESERVATIONS}")
_kube = partial(_kubelet, field="kubeReserved", source=f"{ref.S3}; {ref.RESERVATIONS}")
_hard = partial(_kubelet, field="evictionHard", source=f"{ref.S3}; {ref.EVICTION}")

_KEPT_SYSTEM = "systemd, sshd, the journal, the kernel, on a control plane haproxy and keepalived: pods cannot take it"
_KEPT_KUBE = "the kubelet, containerd and its shims: pods cannot take it"

SETTINGS = (
    _system(key="cpu", kind=Quantity("0", "64"), base=computed.SYSTEM_CPU, reason=_KEPT_SYSTEM),
    _system(key="memory", kind=Quantity("0", "1Ti"), base=computed.SYSTEM_MEMORY, reason=_KEPT_SYSTEM),
    _system(key="ephemeral-storage", kind=Quantity("0", "100Ti"), base=computed.SYSTEM_DISK, reason=_KEPT_SYSTEM),
    _system(key="pid", kind=Quantity("0", "4194304"), base=computed.SYSTEM_PIDS, reason=_KEPT_SYSTEM),
    _kube(key="cpu", kind=Quantity("0", "64"), base=computed.KUBE_CPU, reason=_KEPT_KUBE),
    _kube(key="memory", kind=Quantity("0", "1Ti"), base=computed.KUBE_MEMORY, reason=_KEPT_KUBE),
    _kube(
        key="ephemeral-storage",
        kind=Quantity("0", "100Ti"),
        base=computed.KUBE_DISK,
        reason="images and writable layers of the node's own pods",
    ),
    _kube(key="pid", kind=Quantity("0", "4194304"), base=computed.KUBE_PIDS, reason=_KEPT_KUBE),
    _kubelet(
        field="enforceNodeAllocatable",
        kind=Words(("none", "pods", "system-reserved", "kube-reserved")),
        base=["pods"],
        reason="pods together get what is left and no more; a limit on the reserved parts could kill the kubelet",
        source=f"{ref.S3}; {ref.RESERVATIONS}",
    ),
    _hard(
        key="memory.available",
        kind=Threshold("50Mi", "100Gi"),
        base=computed.EVICTION_HARD,
        reason="the kubelet ends a pod before the kernel kills whatever it finds; in proportion, since growth is, too",
        rests_on=("kubelet.evictionSoft.memory.available",),
    ),
    _hard(
        key="nodefs.available",
        kind=Threshold("100Mi", "10Ti"),
        base="10%",
        reason="the default: logs and volumes of pods may not fill the disk under the kubelet",
        rests_on=("kubelet.imageGCHighThresholdPercent",),
    ),
    _hard(
        key="nodefs.inodesFree",
        kind=Threshold("1000", "1G"),
        base="5%",
        reason="the default: many small files fill a disk, too",
    ),
    _hard(
        key="imagefs.available",
        kind=Threshold("100Mi", "10Ti"),
        base="15%",
        reason="the default: above the image clean-up's threshold, so that images go before pods do",
        rests_on=("kubelet.imageGCHighThresholdPercent",),
    ),
    _hard(
        key="imagefs.inodesFree",
        kind=Threshold("1000", "1G"),
        base="5%",
        reason="the default, said here because one threshold that is set takes the defaults of all away",
    ),
    _hard(
        key="pid.available",
        kind=Threshold("100", "4M"),
        base="10%",
        reason="a fork bomb is ended while the kubelet can still start a process",
    ),
    _kubelet(
        field="evictionSoft",
        key="memory.available",
        kind=Threshold("50Mi", "200Gi"),
        base=computed.EVICTION_SOFT,
        twice="kubelet.evictionHard.memory.available",
        reason="the first warning: pods get time to end properly",
        source=f"{ref.S3}; {ref.EVICTION}",
        rests_on=("kubelet.evictionHard.memory.available", "kubelet.evictionSoftGracePeriod.memory.available"),
    ),
    _kubelet(
        field="evictionSoftGracePeriod",
        key="memory.available",
        kind=Duration("1s", "1h"),
        base="1m30s",
        reason="a peak that is over by then evicts nobody",
        source=f"{ref.S3}; {ref.EVICTION}",
        rests_on=("kubelet.evictionSoft.memory.available",),
    ),
    _kubelet(
        field="evictionMaxPodGracePeriod",
        kind=Integer(0, 3600, "seconds"),
        base=60,
        reason="how long a pod may take to end after a soft threshold, whatever it asks for",
        source=f"{ref.S3}; {ref.EVICTION}",
        rests_on=("kubelet.evictionSoft.memory.available",),
    ),
    _kubelet(
        field="evictionPressureTransitionPeriod",
        kind=Duration("10s", "1h"),
        base="5m",
        reason="the default: a node at the edge does not flap between taking pods and sending them away",
        source=ref.EVICTION,
        profiles={Profile.DEV: Difference("30s", "one waits for the node to take pods again")},
    ),
    _kubelet(
        field="podPidsLimit",
        kind=Integer(64, 4_194_304, "processes"),
        base=computed.pod_pids(share=8, cap=4096),
        reason="one pod cannot take the node's processes; the default is no limit",
        source=ref.PID_LIMITS,
        profiles={
            Profile.THROUGHPUT: Difference(
                computed.pod_pids(share=4, cap=16_384), "a JVM of a big-data job has thousands of threads"
            ),
        },
    ),
)
