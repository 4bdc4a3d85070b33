"""What settings must agree on with each other: each by itself is in its range, together they contradict."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from cecf.tuning import reservations
from cecf.tuning.kinds import Value
from cecf.tuning.model import Machine

VOLUME = "cluster.etcd.volume.size_gib"
"""A setting beside the catalogue that a rule is about."""


@dataclass(frozen=True)
class Broken:
    """A rule that is broken, and for each setting that is part of it a value that would mend it; none: without it."""

    what: str
    why: str
    mends: Mapping[str, Value]


class NotSetError(Exception):
    """A rule is about a setting that has no value here: the component's default, or one that needs the machine."""


class Values:
    """Values in their canonical form, by id."""

    def __init__(self, canonical: Mapping[str, Value], raw: Mapping[str, Value]) -> None:
        self._canonical, self.raw = canonical, raw

    def __getitem__(self, name: str) -> Value:
        if name not in self._canonical:
            raise NotSetError(name)
        return self._canonical[name]

    def below(self, prefix: str) -> list[str]:
        """Return the ids that begin so."""
        return sorted(name for name in self._canonical if name.startswith(prefix))


_MIB, _GIB = Decimal(1 << 20), Decimal(1 << 30)

Rule = Callable[[Values], Iterator[Broken]]


def _order(low: str, high: str, why: str, *, equal: bool, factor: Decimal | int = 1) -> Rule:
    """Return the rule that `factor` times one value must be below another, or equal."""

    def rule(values: Values) -> Iterator[Broken]:
        less, more = values[low] * factor, values[high]
        if less > more or (less == more and not equal):
            relation = "not more than" if equal else "less than"
            times = f"{factor} x " if factor > 1 else ""
            yield Broken(
                f"{times}{low} ({values.raw[low]}) is to be {relation} {high} ({values.raw[high]})",
                why,
                {low: f"<{relation.replace(' ', '-')}-{values.raw[high]}>", high: _enough(values.raw[low], factor)},
            )

    return rule


def _enough(value: Value, factor: Decimal | int) -> Value:
    return value * factor if isinstance(value, int) and factor > 1 else f"<more-than-{value}>"


def _burst(rate: str, burst: str) -> Rule:
    return _order(rate, burst, "a burst below the rate holds the rate down", equal=True)


def _parallel_pulls(values: Values) -> Iterator[Broken]:
    serial, parallel = "kubelet.serializeImagePulls", "kubelet.maxParallelImagePulls"
    if values[serial] == "true" and values[parallel] > 1:
        why = "the kubelet refuses to start"
        yield Broken(f"{serial} is true and {parallel} is {values[parallel]}", why, {serial: "false", parallel: 1})


def _soft_eviction(values: Values) -> Iterator[Broken]:
    for soft in values.below("kubelet.evictionSoft."):
        signal = soft.removeprefix("kubelet.evictionSoft.")
        grace, hard = f"kubelet.evictionSoftGracePeriod.{signal}", f"kubelet.evictionHard.{signal}"
        if grace not in values.raw:
            why = "the kubelet refuses to start: a soft threshold waits for as long as this says"
            yield Broken(f"{soft} has no grace period", why, {grace: "1m30s", soft: None})
        if hard in values.raw and _not_above(values[soft], values[hard]):
            yield Broken(
                f"{soft} ({values.raw[soft]}) is to be more than {hard} ({values.raw[hard]})",
                "the warning would come after the deed",
                {soft: f"<more-than-{values.raw[hard]}>", hard: f"<less-than-{values.raw[soft]}>"},
            )


def _not_above(soft: tuple[bool, Decimal], hard: tuple[bool, Decimal]) -> bool:
    """Compare two thresholds of one form; those of different forms depend on the capacity."""
    return soft[0] == hard[0] and soft[1] <= hard[1]


def _images_before_pods(values: Values) -> Iterator[Broken]:
    high = "kubelet.imageGCHighThresholdPercent"
    for hard in ("kubelet.evictionHard.imagefs.available", "kubelet.evictionHard.nodefs.available"):
        is_share, free = values[hard]
        if is_share and values[high] > 100 - free:
            yield Broken(
                f"{high} is {values[high]} and {hard} {values.raw[hard]}",
                f"pods are evicted at {100 - free} % used, before unused images are deleted",
                {high: int(100 - free), hard: f"{100 - values[high]}%"},
            )


def _grace_of_nodes(values: Values) -> Iterator[Broken]:
    lease, grace = "kubelet.nodeLeaseDurationSeconds", "kube-controller-manager.node-monitor-grace-period"
    if Decimal(values[lease]) > values[grace]:
        yield Broken(
            f"{lease} is {values[lease]} s and {grace} {values.raw[grace]}",
            "a node would be given up while its lease is still good",
            {grace: f"{values[lease]}s", lease: int(values[grace])},
        )


def _volume(values: Values) -> Iterator[Broken]:
    quota = "etcd.quota-backend-bytes"
    needed = 1 - (-2 * values[quota] // (1 << 30))
    if needed > values[VOLUME]:
        yield Broken(
            f"{quota} is {values[quota]} and the volume has {values[VOLUME]} GiB",
            f"defragmentation writes a copy: twice the quota, and 1 GiB for log and snapshots, are {needed} GiB",
            {quota: max(2, (values[VOLUME] - 1) // 2) << 30, VOLUME: needed},
        )


def _static_cpus(values: Values) -> Iterator[Broken]:
    system, kube = "kubelet.systemReserved.cpu", "kubelet.kubeReserved.cpu"
    if values["kubelet.cpuManagerPolicy"] == "static" and values[system] + values[kube] <= 0:
        why = "the kubelet refuses to start: some core has to be left for itself"
        yield Broken("kubelet.cpuManagerPolicy is static and no CPU is reserved", why, {kube: "100m", system: "100m"})


def _memory_manager(values: Values) -> Iterator[Broken]:
    policy = "kubelet.memoryManagerPolicy"
    if values[policy] == "Static" and "kubelet.reservedMemory" not in values.raw:
        yield Broken(f"{policy} is Static without reservedMemory", "the kubelet refuses to start", {policy: "None"})


def _swap(values: Values) -> Iterator[Broken]:
    fail, behavior = "kubelet.failSwapOn", "kubelet.memorySwap.swapBehavior"
    if values[fail] == "true" and values[behavior] != "NoSwap":
        why = "a kubelet that fails with swap on has none to share out"
        yield Broken(f"{behavior} is {values[behavior]} and {fail} true", why, {behavior: "NoSwap", fail: "false"})


def _allocatable(values: Values) -> Iterator[Broken]:
    enforced = "kubelet.enforceNodeAllocatable"
    if "none" in values[enforced] and len(values[enforced]) > 1:
        yield Broken(f"{enforced} has none and others", "the kubelet refuses to start", {enforced: None})
    for part, needed in (("system", "systemReservedCgroup"), ("kube", "kubeReservedCgroup")):
        if f"{part}-reserved" in values[enforced] and f"kubelet.{needed}" not in values.raw:
            why = f"the kubelet refuses to start without {needed}"
            yield Broken(f"{enforced} has {part}-reserved", why, {enforced: None})


def _modules(values: Values) -> Iterator[Broken]:
    if missing := {"overlay", "br_netfilter", "nf_conntrack"} - set(values["modules.load"]):
        why = "containers, bridged pod traffic and kube-proxy need them"
        yield Broken(f"modules.load lacks {', '.join(sorted(missing))}", why, {"modules.load": None})


def _ipvs(values: Values) -> Iterator[Broken]:
    modules = {"ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh"} - set(values["modules.load"])
    if values["kube-proxy.mode"] == "ipvs" and modules:
        why = "kube-proxy would not start"
        what = f"kube-proxy.mode is ipvs and modules.load lacks {', '.join(sorted(modules))}"
        yield Broken(what, why, {"kube-proxy.mode": "nftables"})


def _controllers(values: Values) -> Iterator[Broken]:
    controllers = "kube-controller-manager.controllers"
    words = str(values[controllers]).split(",")
    if missing := [name for name in ("bootstrapsigner", "tokencleaner") if name not in words]:
        why = "nodes join by tokens, and these go with their controllers"
        yield Broken(f"{controllers} lacks {', '.join(missing)}", why, {controllers: "*,bootstrapsigner,tokencleaner"})


def _admission_on(values: Values) -> Iterator[Broken]:
    name = "kube-apiserver.enable-admission-plugins"
    words = [word.strip() for word in str(values[name]).split(",")]
    if "NodeRestriction" not in words:
        why = "kubeadm's own value is lost, and each node could change the others"
        yield Broken(f"{name} lacks NodeRestriction", why, {name: ",".join(["NodeRestriction", *filter(None, words)])})


def _admission_off(values: Values) -> Iterator[Broken]:
    name = "kube-apiserver.disable-admission-plugins"
    words = [word.strip() for word in str(values[name]).split(",")]
    if gone := sorted(_ADMISSION.intersection(words)):
        left = ",".join(word for word in words if word not in _ADMISSION)
        yield Broken(f"{name} has {', '.join(gone)}", "the cluster would be open without", {name: left or None})


def _ports(values: Values) -> Iterator[Broken]:
    name = "sysctl.net.ipv4.ip_local_port_range"
    numbers = [int(word) for word in str(values[name]).split() if word.isdecimal()]
    if len(numbers) != 2 or not 32768 <= numbers[0] < numbers[1] <= 65535:  # noqa: PLR2004 (the two ports)
        why = "two ports, the first above the NodePorts, 30000 to 32767, or connections would take them"
        yield Broken(f"{name} is {values.raw[name]}", why, {name: "32768 60999"})


_ADMISSION = frozenset(
    {
        "CertificateApproval",
        "CertificateSigning",
        "CertificateSubjectRestriction",
        "NamespaceLifecycle",
        "NodeRestriction",
        "PodSecurity",
        "ServiceAccount",
    }
)
"""What admits nothing that would open the cluster."""

_KCM, _SCHEDULER, _PROXY = "kube-controller-manager", "kube-scheduler", "kube-proxy"

RULES: tuple[Rule, ...] = (
    _order(
        "kubelet.imageGCLowThresholdPercent",
        "kubelet.imageGCHighThresholdPercent",
        "the kubelet refuses to start: nothing would be cleaned up",
        equal=False,
    ),
    _order(
        "etcd.heartbeat-interval",
        "etcd.election-timeout",
        "a few lost heartbeats must not cost the leader its place",
        equal=True,
        factor=10,
    ),
    _order(
        "kubelet.shutdownGracePeriodCriticalPods",
        "kubelet.shutdownGracePeriod",
        "it is a part of the other; the kubelet refuses to start",
        equal=True,
    ),
    _order(
        "kubelet.nodeStatusUpdateFrequency",
        "kubelet.nodeStatusReportFrequency",
        "what has not been looked at cannot be reported",
        equal=True,
    ),
    _order(
        "kubelet.nodeStatusUpdateFrequency",
        f"{_KCM}.node-monitor-grace-period",
        "one late look at the node must not make it not ready",
        equal=True,
        factor=2,
    ),
    _order(
        f"{_KCM}.node-monitor-period",
        f"{_KCM}.node-monitor-grace-period",
        "a node would be given up between two looks at it",
        equal=False,
    ),
    _order(
        f"{_SCHEDULER}.podInitialBackoffSeconds",
        f"{_SCHEDULER}.podMaxBackoffSeconds",
        "the scheduler refuses to start",
        equal=True,
    ),
    _order(
        f"{_SCHEDULER}.leaderElection.renewDeadline",
        f"{_SCHEDULER}.leaderElection.leaseDuration",
        "two would lead at once; the scheduler refuses to start",
        equal=False,
    ),
    _order(
        f"{_SCHEDULER}.leaderElection.retryPeriod",
        f"{_SCHEDULER}.leaderElection.renewDeadline",
        "the leader would give up before its second try; the scheduler refuses to start",
        equal=False,
        # As client-go has it: tries are up to a fifth late.
        factor=Decimal("1.2"),
    ),
    _order("sysctl.vm.dirty_background_ratio", "sysctl.vm.dirty_ratio", "the kernel would halve it", equal=False),
    *(
        _order(f"systemd.{unit}.LimitNOFILE", "sysctl.fs.nr_open", "the unit would not start", equal=True)
        for unit in ("kubelet.service", "containerd.service")
    ),
    *(
        _order(
            f"sysctl.net.ipv4.neigh.default.gc_thresh{number}",
            f"sysctl.net.ipv4.neigh.default.gc_thresh{number + 1}",
            "each is the limit before the next",
            equal=True,
        )
        for number in (1, 2)
    ),
    _burst("kubelet.kubeAPIQPS", "kubelet.kubeAPIBurst"),
    _burst("kubelet.eventRecordQPS", "kubelet.eventBurst"),
    _burst("kubelet.registryPullQPS", "kubelet.registryBurst"),
    _burst(f"{_KCM}.kube-api-qps", f"{_KCM}.kube-api-burst"),
    _burst(f"{_PROXY}.clientConnection.qps", f"{_PROXY}.clientConnection.burst"),
    _burst(f"{_SCHEDULER}.clientConnection.qps", f"{_SCHEDULER}.clientConnection.burst"),
    _parallel_pulls,
    _soft_eviction,
    _images_before_pods,
    _grace_of_nodes,
    _volume,
    _static_cpus,
    _memory_manager,
    _swap,
    _allocatable,
    _modules,
    _ipvs,
    _controllers,
    _admission_on,
    _admission_off,
    _ports,
)


def broken(values: Values) -> Iterator[Broken]:
    """Yield every rule that the values break; one about a value that is not set here is not judged."""
    for rule in RULES:
        try:
            yield from rule(values)
        except NotSetError:
            continue


def over_capacity(values: Values, machine: Machine) -> Iterator[Broken]:
    """Yield what a machine does not have: reservations must leave something to pods, and pods need addresses."""
    for each in _capacities(values, machine):
        reserved = [f"kubelet.systemReserved.{each.resource}", f"kubelet.kubeReserved.{each.resource}"]
        besides = sum(each.besides.values(), Decimal(0))
        kept = sum((values[name] for name in reserved), besides)
        if kept >= each.capacity:
            parts = [*reserved, *(name for name, part in each.besides.items() if part)]
            left = f"<less-than-{int((each.capacity - besides) / each.unit)}{each.suffix}>"
            yield Broken(
                f"{', '.join(parts)} keep {int(kept / each.unit)}{each.suffix} of "
                f"{int(each.capacity / each.unit)}{each.suffix}",
                "nothing would be left for pods",
                {**dict.fromkeys(reserved, left), **dict.fromkeys(each.besides, "<less>")},
            )
    room = machine.pod_addresses - 3
    if values["kubelet.maxPods"] > room:
        mask = "kube-controller-manager.node-cidr-mask-size"
        yield Broken(
            f"kubelet.maxPods is {values['kubelet.maxPods']} and a node's pod range has {machine.pod_addresses} "
            "addresses",
            "the network, the node itself and the broadcast take three: later pods would get none",
            {"kubelet.maxPods": room, mask: f"<less-than-{values.raw.get(mask, '')}>"},
        )


@dataclass(frozen=True)
class _Capacity:
    """What a machine has of a resource, what of it is not for pods besides the reservations, and its unit in words."""

    resource: str
    capacity: Decimal
    besides: Mapping[str, Decimal]
    unit: Decimal
    suffix: str


def _capacities(values: Values, machine: Machine) -> Iterator[_Capacity]:
    memory, disk = Decimal(machine.ram_mib) * _MIB, Decimal(reservations.disk_gib(machine)) * _GIB
    hard, nodefs = "kubelet.evictionHard.memory.available", "kubelet.evictionHard.nodefs.available"
    pages, free = "sysctl.vm.nr_hugepages", "sysctl.vm.min_free_kbytes"
    of_memory = {
        hard: _threshold(values[hard], memory),
        pages: Decimal(values[pages]) * 2 * _MIB,
        # Within what the system keeps, while it is a small part.
        free: max(Decimal(0), Decimal(values[free]) * 1024 - memory / 50),
    }
    yield _Capacity("memory", memory, of_memory, _MIB, "Mi")
    yield _Capacity("cpu", Decimal(machine.vcpus), {}, Decimal("0.001"), "m")
    yield _Capacity("ephemeral-storage", disk, {nodefs: _threshold(values[nodefs], disk)}, _GIB, "Gi")
    processes = min(reservations.pids(machine), values["sysctl.kernel.pid_max"])
    of_a_pod = {"kubelet.podPidsLimit": Decimal(values["kubelet.podPidsLimit"])}
    yield _Capacity("pid", Decimal(processes), of_a_pod, Decimal(1), " processes")


def _threshold(canonical: tuple[bool, Decimal], capacity: Decimal) -> Decimal:
    is_share, number = canonical
    return capacity * number / 100 if is_share else number
