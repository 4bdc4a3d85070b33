"""What a node keeps for itself always leaves something, for every flavor that is allowed and every profile."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cecf.tuning import reservations
from cecf.tuning.cluster import CONTROL_PLANE, ClusterTuning, Wish, Wishes, tune
from cecf.tuning.model import Machine, Profile
from cecf.tuning.reservations import SMALLEST_CONTROL_PLANE, SMALLEST_WORKER
from cecf.tuning.tuned import Tuning
from cecf.tuning.units import amount

PROFILES = st.sampled_from(Profile)

WORKERS = st.builds(
    Machine,
    vcpus=st.integers(SMALLEST_WORKER.vcpus, 512),
    ram_mib=st.integers(SMALLEST_WORKER.ram_mib, 12_582_912),
    disk_gib=st.integers(SMALLEST_WORKER.disk_gib, 100_000) | st.just(0),
)
CONTROL_PLANES = st.builds(
    Machine,
    vcpus=st.integers(SMALLEST_CONTROL_PLANE.vcpus, 512),
    ram_mib=st.integers(SMALLEST_CONTROL_PLANE.ram_mib, 12_582_912),
    disk_gib=st.integers(SMALLEST_CONTROL_PLANE.disk_gib, 100_000) | st.just(0),
    control_plane=st.sampled_from([True]),
)
MACHINES = WORKERS | CONTROL_PLANES


def tuned(profile: Profile, machine: Machine) -> ClusterTuning:
    """Return the tuning of a cluster whose nodes are all such machines; fail if anything is wrong with it."""
    wishes = Wishes(release="1.34.4", cluster=Wish(profile=profile), pools={"pool": Wish()}, volume_gib=20)
    control_plane = machine if machine.control_plane else SMALLEST_CONTROL_PLANE
    worker = SMALLEST_WORKER if machine.control_plane else machine
    tuning, problems = tune(wishes, {CONTROL_PLANE: control_plane, "pool": worker})
    assert problems == []
    return tuning


def node(profile: Profile, machine: Machine) -> Tuning:
    """Return the node's part."""
    tuning = tuned(profile, machine)
    return tuning.control_plane if machine.control_plane else tuning.pools["pool"]


def kept(values: Tuning, resource: str) -> float:
    """Return what is reserved of a resource."""
    return float(sum(amount(str(values[f"kubelet.{part}.{resource}"].value)) for part in PARTS))


PARTS = ("systemReserved", "kubeReserved")


@given(PROFILES, MACHINES)
def test_reservations_and_the_threshold_leave_memory_to_pods(profile: Profile, machine: Machine) -> None:
    values = node(profile, machine)
    threshold = float(amount(values["kubelet.evictionHard.memory.available"].value))
    left = machine.ram_mib * 2**20 - kept(values, "memory") - threshold
    assert left >= machine.ram_mib * 2**20 / 4
    assert left == reservations.allocatable_mib(machine) * 2**20


@given(PROFILES, MACHINES)
def test_reservations_leave_most_of_the_cores_the_disk_and_the_processes(profile: Profile, machine: Machine) -> None:
    values = node(profile, machine)
    assert 0 < kept(values, "cpu") <= machine.vcpus / 5
    assert 0 < kept(values, "ephemeral-storage") <= reservations.disk_gib(machine) * 2**30 / 3
    processes = kept(values, "pid") + values["kubelet.podPidsLimit"].value
    assert 0 < processes < reservations.pids(machine)


@given(PROFILES, MACHINES)
def test_every_pod_has_an_address_and_memory(profile: Profile, machine: Machine) -> None:
    tuning, values = tuned(profile, machine), node(profile, machine)
    pods = values["kubelet.maxPods"].value
    # The network's own address, the node's in it, and the broadcast address.
    assert 10 <= pods <= tuning.pod_addresses - 3
    assert pods * 24 <= reservations.allocatable_mib(machine)


@given(PROFILES, MACHINES, st.integers(0, 65536))
def test_a_larger_machine_never_carries_fewer_pods_or_keeps_less(profile: Profile, machine: Machine, more: int) -> None:
    larger = replace(machine, ram_mib=machine.ram_mib + more, vcpus=machine.vcpus + more % 64)
    small, large = node(profile, machine), node(profile, larger)
    assert small["kubelet.maxPods"].value <= large["kubelet.maxPods"].value
    for resource in ("cpu", "memory"):
        assert kept(small, resource) <= kept(large, resource)


@given(PROFILES, MACHINES)
def test_a_warning_comes_before_the_deed(profile: Profile, machine: Machine) -> None:
    values = node(profile, machine)
    hard, soft = values["kubelet.evictionHard.memory.available"], values["kubelet.evictionSoft.memory.available"]
    assert amount(soft.value) > amount(hard.value)


def test_the_steps_are_those_that_are_stated() -> None:
    of_8_gib = Machine(vcpus=4, ram_mib=8192, disk_gib=80)
    # 25 % of 4096 and 20 % of 4096 MiB: 1843; 60 + 10 + 2 x 5 millicores: 80.
    assert sum(reservations.reserved_memory(of_8_gib)) == 1843
    assert reservations.reserved_cpu(of_8_gib) == (50, 80)
    assert reservations.reserved_disk(of_8_gib) == (1, 8)
    assert reservations.reserved_pids(of_8_gib) == (2000, 2000)
    on_control_plane = replace(of_8_gib, control_plane=True)
    assert sum(reservations.reserved_memory(on_control_plane)) == 1843 + 128
