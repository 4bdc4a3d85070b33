"""The kernel of every node: sysctls, and the modules that they need."""

from collections.abc import Mapping
from functools import partial

from cecf.tuning import reservations as computed
from cecf.tuning.catalogue import references as ref
from cecf.tuning.kinds import Integer, Kind, Text, Value, Words
from cecf.tuning.model import Component, Difference, Formula, Profile, Setting

_sysctl = partial(Setting, component=Component.SYSCTL)


def _wanted(name: str, value: int, reason: str, source: str) -> Setting:
    """Return a value that Kubernetes itself insists on."""
    return _sysctl(field=name, kind=Integer(value, value), base=value, reason=reason, source=source)


def _tuned(  # noqa: PLR0913, PLR0917 (a row of the table below)
    name: str,
    kind: Kind,
    base: Value | Formula,
    reason: str,
    source: str,
    profiles: Mapping[Profile, Difference] | None = None,
    note: str = "",
) -> Setting:
    return _sysctl(field=name, kind=kind, base=base, reason=reason, source=source, profiles=profiles or {}, note=note)


_PREFLIGHT = "kubeadm's preflight refuses a node without it: bridged pod traffic has to pass the packet filter"
_DEFAULTS = "the kubelet refuses to start with another, as protectKernelDefaults says"
_ARP = "fewer would make a node forget its neighbours while it talks to them: 'neighbour table overflow'"
_MIB_16 = 16 << 20
_OWN_NETWORK = (
    "holds for the node and pods in its network; other pods have networks of their own, with the kernel's default, and "
    "set it in their securityContext (kubelet.allowedUnsafeSysctls)"
)

SETTINGS = (
    _wanted("net.bridge.bridge-nf-call-iptables", 1, _PREFLIGHT, ref.KUBEADM),
    _wanted("net.bridge.bridge-nf-call-ip6tables", 1, _PREFLIGHT, ref.KUBEADM),
    _wanted("net.ipv4.ip_forward", 1, "pods are reached through their node", ref.KUBEADM),
    _wanted("kernel.panic", 10, _DEFAULTS, ref.KUBELET_KERNEL),
    _wanted("kernel.panic_on_oops", 1, _DEFAULTS, ref.KUBELET_KERNEL),
    _wanted("kernel.keys.root_maxbytes", 25_000_000, _DEFAULTS, ref.KUBELET_KERNEL),
    _wanted("kernel.keys.root_maxkeys", 1_000_000, _DEFAULTS, ref.KUBELET_KERNEL),
    _wanted("vm.overcommit_memory", 1, _DEFAULTS, ref.KUBELET_KERNEL),
    _wanted("vm.panic_on_oom", 0, _DEFAULTS, ref.KUBELET_KERNEL),
    _tuned(
        "vm.swappiness",
        Integer(0, 200, "points"),
        0,
        "swap is off; where somebody gave it, only against death",
        ref.VM_SYSCTL,
    ),
    _tuned(
        "vm.max_map_count",
        Integer(65_530, 16_777_216, "mappings a process"),
        262_144,
        "search engines and databases map more files than the default allows",
        ref.VM_SYSCTL,
        {Profile.THROUGHPUT: Difference(1_048_576, "JVMs with large heaps map in small pieces")},
    ),
    _tuned(
        "vm.min_free_kbytes",
        Integer(4096, 2_097_152, "KiB"),
        computed.MIN_FREE,
        "packets that arrive find memory at once, even when caches fill the rest",
        ref.VM_SYSCTL,
    ),
    _tuned(
        "vm.dirty_background_ratio",
        Integer(1, 50, "% of the memory"),
        5,
        "written back early and steadily: an fsync of etcd does not wait behind gigabytes of others",
        ref.ETCD_TUNING,
        {Profile.THROUGHPUT: Difference(10, "the kernel's default: larger lots")},
    ),
    _tuned(
        "vm.dirty_ratio",
        Integer(2, 60, "% of the memory"),
        10,
        "as vm.dirty_background_ratio: above it writers wait",
        ref.ETCD_TUNING,
        {Profile.THROUGHPUT: Difference(30, "shuffles write into memory first")},
    ),
    _tuned(
        "vm.nr_hugepages",
        Integer(0, 1_048_576, "pages of 2 MiB"),
        0,
        "none: what is set aside nobody else can use. A pool whose pods ask for hugepages-2Mi sets it",
        ref.VM_SYSCTL,
        note="pages are taken at boot, before pods are; the kubelet takes them off the memory of the node",
    ),
    _tuned(
        "fs.inotify.max_user_watches",
        Integer(8192, 16_777_216, "watches"),
        1_048_576,
        "log collectors watch every file of every container, all as root",
        ref.FS_SYSCTL,
    ),
    _tuned(
        "fs.inotify.max_user_instances",
        Integer(128, 1_048_576, "instances"),
        8192,
        "systemd, the kubelet and every container of root share them; the default is 128",
        ref.FS_SYSCTL,
    ),
    _tuned(
        "fs.nr_open",
        Integer(65_536, 1_073_741_816, "open files a process"),
        1_048_576,
        "what LimitNOFILE of the services may be",
        ref.FS_SYSCTL,
    ),
    _tuned(
        "kernel.pid_max",
        Integer(32_768, 4_194_304, "processes"),
        4_194_304,
        "the most there can be: 250 pods at 4096 do not fit the old 32768",
        ref.KERNEL_SYSCTL,
    ),
    _tuned(
        "net.core.somaxconn",
        Integer(128, 65_535, "connections"),
        4096,
        "the kernel's default since 5.4, made sure: connections that wait to be accepted",
        ref.NET_SYSCTL,
        {
            Profile.LATENCY: Difference(32_768, "a market's opening connects everybody within a second"),
            Profile.HUGE: Difference(32_768, "5000 nodes come back together"),
        },
        _OWN_NETWORK,
    ),
    _tuned(
        "net.ipv4.tcp_max_syn_backlog",
        Integer(128, 1_048_576, "connections"),
        4096,
        "as net.core.somaxconn, for those half open",
        ref.IP_SYSCTL,
        {
            Profile.LATENCY: Difference(32_768, "as net.core.somaxconn"),
            Profile.HUGE: Difference(32_768, "as net.core.somaxconn"),
        },
        _OWN_NETWORK,
    ),
    _tuned(
        "net.core.netdev_max_backlog",
        Integer(1000, 1_000_000, "packets a core"),
        16_384,
        "packets that arrive faster than a core takes them; the default, 1000, is a millisecond at 10 Gbit/s",
        ref.NET_SYSCTL,
    ),
    _tuned(
        "net.core.rmem_max",
        Integer(212_992, 1 << 30, "bytes"),
        _MIB_16,
        "a connection over 10 ms at 10 Gbit/s has 12 MiB under way",
        ref.NET_SYSCTL,
        {Profile.THROUGHPUT: Difference(64 << 20, "25 Gbit/s")},
    ),
    _tuned(
        "net.core.wmem_max",
        Integer(212_992, 1 << 30, "bytes"),
        _MIB_16,
        "as net.core.rmem_max",
        ref.NET_SYSCTL,
        {Profile.THROUGHPUT: Difference(64 << 20, "as net.core.rmem_max")},
    ),
    _tuned(
        "net.ipv4.tcp_rmem",
        Text("least, usual and most bytes", r"\d+\s+\d+\s+\d+"),
        f"4096 131072 {_MIB_16}",
        "the usual sizes; the most is net.core.rmem_max's",
        ref.IP_SYSCTL,
        {Profile.THROUGHPUT: Difference(f"4096 131072 {64 << 20}", "as net.core.rmem_max")},
    ),
    _tuned(
        "net.ipv4.tcp_wmem",
        Text("least, usual and most bytes", r"\d+\s+\d+\s+\d+"),
        f"4096 16384 {_MIB_16}",
        "the usual sizes; the most is net.core.wmem_max's",
        ref.IP_SYSCTL,
        {Profile.THROUGHPUT: Difference(f"4096 16384 {64 << 20}", "as net.core.wmem_max")},
    ),
    _tuned(
        "net.ipv4.tcp_slow_start_after_idle",
        Integer(0, 1, "on or off"),
        1,
        "the default: fair to others after a pause",
        ref.IP_SYSCTL,
        {
            Profile.LATENCY: Difference(0, "the first order after a quiet minute goes out in one go"),
            Profile.THROUGHPUT: Difference(0, "connections between workers pause between stages"),
        },
        _OWN_NETWORK,
    ),
    _tuned(
        "net.ipv4.tcp_keepalive_time",
        Integer(30, 7200, "seconds"),
        600,
        "firewalls and NATs forget a silent connection sooner than the default of 2 hours",
        ref.IP_SYSCTL,
    ),
    _tuned(
        "net.ipv4.ip_local_port_range",
        Text("first and last port", r"[0-9]+\s+[0-9]+"),
        "32768 60999",
        "the default, made sure: it begins above the NodePorts, 30000 to 32767",
        ref.IP_SYSCTL,
    ),
    _tuned(
        "net.ipv4.neigh.default.gc_thresh1",
        Integer(128, 1_000_000, "neighbours"),
        4096,
        _ARP,
        ref.IP_SYSCTL,
        {Profile.HUGE: Difference(80_000, "5000 nodes, their gateways and pods")},
    ),
    _tuned(
        "net.ipv4.neigh.default.gc_thresh2",
        Integer(512, 1_000_000, "neighbours"),
        8192,
        _ARP,
        ref.IP_SYSCTL,
        {Profile.HUGE: Difference(90_000, "as gc_thresh1")},
    ),
    _tuned(
        "net.ipv4.neigh.default.gc_thresh3",
        Integer(1024, 1_000_000, "neighbours"),
        16_384,
        _ARP,
        ref.IP_SYSCTL,
        {Profile.HUGE: Difference(100_000, "as gc_thresh1")},
    ),
    Setting(
        component=Component.MODULES,
        field="load",
        kind=Words(),
        base=["overlay", "br_netfilter", "nf_conntrack"],
        reason="container file systems, the packet filter for bridged traffic, and the table that kube-proxy sizes",
        source=ref.KUBEADM,
        rests_on=("kube-proxy.mode",),
        note="kube-proxy in the mode ipvs needs ip_vs, ip_vs_rr, ip_vs_wrr and ip_vs_sh besides",
    ),
)
