"""What a node keeps for itself, worked out from its flavor: the formulas, and the smallest flavor that they allow.

The memory and CPU steps are those that Google's managed clusters have used for years
(cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes); the split, PIDs and disk are stated here.
"""

from collections.abc import Sequence

from cecf.tuning.model import Formula, Machine

SMALLEST_WORKER = Machine(vcpus=1, ram_mib=1024, disk_gib=10)
"""Below this there is nothing left for pods."""

SMALLEST_CONTROL_PLANE = Machine(vcpus=2, ram_mib=1700, disk_gib=10, control_plane=True)
"""kubeadm's own minimum: its preflight refuses fewer cores and less memory."""

Step = tuple[int, float]
"""How far it goes, and which share of it is kept; the last goes on for ever."""

_MEMORY_STEPS: tuple[Step, ...] = ((4096, 0.25), (4096, 0.20), (8192, 0.10), (114_688, 0.06), (1 << 40, 0.02))
"""MiB of memory."""

_CPU_STEPS: tuple[Step, ...] = ((1, 60), (1, 10), (2, 5), (1 << 20, 2.5))
"""Cores, and millicores of each."""

_ENDPOINT_MIB = 128
"""haproxy and keepalived, on a control plane; they are no pods."""

_ENDPOINT_MILLICORES = 100

_THREADS_PER_MIB = 8
"""The kernel's limit of threads on x86-64: an eighth of the memory, in stacks of 16 KiB."""

_UNKNOWN_DISK_GIB = 10
"""A flavor without a disk takes the image's: at least this."""


def reserved_memory(machine: Machine) -> tuple[int, int]:
    """Return MiB for the system and for Kubernetes' own processes: a quarter and three quarters of the steps."""
    both = _stepped(_MEMORY_STEPS, machine.ram_mib)
    system = max(100, both // 4)
    return system + (_ENDPOINT_MIB if machine.control_plane else 0), max(100, both - system)


def reserved_cpu(machine: Machine) -> tuple[int, int]:
    """Return millicores for the system and for Kubernetes' own processes: the steps for each, half for the system."""
    kube = _stepped(_CPU_STEPS, machine.vcpus)
    return max(50, kube // 2) + (_ENDPOINT_MILLICORES if machine.control_plane else 0), kube


def reserved_disk(machine: Machine) -> tuple[int, int]:
    """Return GiB for the system (logs, packages) and for images and the runtime: a tenth, 1 to 20."""
    return (2 if machine.control_plane else 1), min(20, max(1, disk_gib(machine) // 10))


def reserved_pids(machine: Machine) -> tuple[int, int]:
    """Return processes for the system and for Kubernetes': a twentieth each, 2000 at most."""
    each = min(2000, pids(machine) // 20)
    return each, each


def disk_gib(machine: Machine) -> int:
    """Return the root disk in GiB."""
    return machine.disk_gib or _UNKNOWN_DISK_GIB


def pids(machine: Machine) -> int:
    """Return how many processes the kernel allows."""
    return min(4_194_304, machine.ram_mib * _THREADS_PER_MIB)


def eviction_memory(machine: Machine) -> int:
    """Return MiB below which pods are evicted at once: a fiftieth, 100 to 500."""
    return min(500, max(100, machine.ram_mib // 50))


def allocatable_mib(machine: Machine) -> int:
    """Return the MiB that are left for pods."""
    return machine.ram_mib - sum(reserved_memory(machine)) - eviction_memory(machine)


def max_pods(cap: int) -> Formula:
    """Return the pods that fit a node, `cap` at most."""

    def of(machine: Machine) -> int:
        return min(cap, 60 * machine.vcpus, allocatable_mib(machine) // 24, machine.pod_addresses - 3)

    return Formula(
        f"the least of {cap}, 60 a core, one per 24 MiB allocatable, and the node's pod addresses less 3", of
    )


def pod_pids(share: int, cap: int) -> Formula:
    """Return the processes that one pod may have: a `share`-th of the kernel's limit, `cap` at most."""
    return Formula(
        f"the kernel's limit (8 per MiB) divided by {share}, 512 to {cap}",
        lambda machine: min(cap, max(512, pids(machine) // share)),
    )


SYSTEM_MEMORY = Formula(
    "a quarter of R, 100Mi at least, and 128Mi on a control plane; R: 25 % of the first 4 GiB, 20 % of the next 4, "
    "10 % of the next 8, 6 % of the next 112, 2 % of the rest",
    lambda machine: f"{reserved_memory(machine)[0]}Mi",
)
KUBE_MEMORY = Formula(
    "R less the system's part without a control plane's 128Mi, 100Mi at least (R: see systemReserved.memory)",
    lambda machine: f"{reserved_memory(machine)[1]}Mi",
)
SYSTEM_CPU = Formula(
    "half of kubeReserved.cpu, 50m at least, and 100m on a control plane",
    lambda machine: f"{reserved_cpu(machine)[0]}m",
)
KUBE_CPU = Formula(
    "60m of the first core, 10m of the second, 5m of the next two, 2.5m of each more",
    lambda machine: f"{reserved_cpu(machine)[1]}m",
)
SYSTEM_DISK = Formula("1Gi, on a control plane 2Gi", lambda machine: f"{reserved_disk(machine)[0]}Gi")
KUBE_DISK = Formula("a tenth of the disk, 1Gi to 20Gi", lambda machine: f"{reserved_disk(machine)[1]}Gi")
SYSTEM_PIDS = Formula(
    "a twentieth of the kernel's limit (8 per MiB), 2000 at most", lambda machine: str(reserved_pids(machine)[0])
)
KUBE_PIDS = Formula(
    "a twentieth of the kernel's limit (8 per MiB), 2000 at most", lambda machine: str(reserved_pids(machine)[1])
)
EVICTION_HARD = Formula("a fiftieth of the memory, 100Mi to 500Mi", lambda machine: f"{eviction_memory(machine)}Mi")
EVICTION_SOFT = Formula("twice the hard threshold", lambda machine: f"{2 * eviction_memory(machine)}Mi")
MIN_FREE = Formula(
    "a two-hundredth of the memory, 16 MiB to 256 MiB",
    lambda machine: min(262_144, max(16_384, machine.ram_mib * 1024 // 200)),
)


def _stepped(steps: Sequence[Step], whole: int) -> int:
    kept, rest = 0.0, whole
    for width, share in steps:
        part = min(width, rest)
        kept += part * share
        rest -= part
    return int(kept)
