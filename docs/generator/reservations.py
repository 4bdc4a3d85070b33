"""The generated parts of the page on reservations: the formulas, and what they give for usual flavors."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cecf.tuning import reservations
from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.model import Component, Formula, Machine, Profile
from cecf.tuning.resolve import Scope, resolve
from cecf.tuning.tables import supported
from cecf.tuning.tuned import Tuning
from cecf.tuning.units import percent
from docs.generator.markdown import code, table

WORKERS = tuple(
    Machine(vcpus=vcpus, ram_mib=gib * 1024, disk_gib=disk)
    for vcpus, gib, disk in ((1, 1, 10), (2, 4, 40), (4, 8, 80), (8, 16, 160), (16, 64, 320), (64, 256, 640))
)
CONTROL_PLANES = tuple(replace(worker, control_plane=True) for worker in WORKERS[1:4])

_RESOURCES = ("cpu", "memory", "ephemeral-storage", "pid")
_PODS = CATALOGUE["kubelet.maxPods"]


def parts() -> Mapping[str, list[str]]:
    """Return the generated parts of the page."""
    return {
        "formulas": list(table(("setting", "value"), _formulas())),
        "kept": list(_kept()),
        "left": list(_left()),
    }


def values(machine: Machine, profile: Profile = Profile.BASE) -> Tuning:
    """Return the kubelet's values on a machine."""
    return resolve(
        Scope(
            minor=supported()[-1],
            profile=profile,
            components=[Component.KUBELET],
            control_plane=machine.control_plane,
            machine=machine,
        )
    )


def left(machine: Machine) -> dict[str, int]:
    """Return what the kubelet gives out to pods: millicores, MiB, GiB of disk, processes."""
    cpu = machine.vcpus * 1000 - sum(reservations.reserved_cpu(machine))
    # Besides what is reserved, the kubelet takes its hard thresholds off memory and disk.
    threshold = percent(str(values(machine)["kubelet.evictionHard.nodefs.available"].value))
    disk = int(machine.disk_gib * (100 - threshold) / 100) - sum(reservations.reserved_disk(machine))
    pids = reservations.pids(machine) - sum(reservations.reserved_pids(machine))
    return {"cpu": cpu, "memory": reservations.allocatable_mib(machine), "disk": disk, "pids": pids}


def _formulas() -> Iterator[tuple[str, str]]:
    for setting in CATALOGUE.values():
        for profile in (Profile.BASE, *setting.profiles):
            if isinstance(value := setting.value_in(profile), Formula):
                yield code(setting.id) + (f" ({profile})" if profile is not Profile.BASE else ""), str(value)


def _kept() -> Iterator[str]:
    reserved = [f"{part} {resource}" for part in ("system", "kube") for resource in ("cpu", "memory", "disk", "pids")]
    columns = ("node", *reserved, "eviction, hard", "eviction, soft")
    return table(columns, (_kept_of(machine) for machine in (*WORKERS, *CONTROL_PLANES)))


def _kept_of(machine: Machine) -> tuple[str, ...]:
    tuned = values(machine)
    names = [f"{part}Reserved.{resource}" for part in ("system", "kube") for resource in _RESOURCES]
    names += ["evictionHard.memory.available", "evictionSoft.memory.available"]
    return (_node(machine), *(str(tuned[f"kubelet.{name}"].value) for name in names))


def _left() -> Iterator[str]:
    profiles = [Profile.BASE, *_PODS.profiles]
    columns = ("node", "cpu", "memory", "disk", "pids", "pids of a pod", *(f"pods, {code(name)}" for name in profiles))
    return table(columns, (_left_of(machine, profiles) for machine in (*WORKERS, *CONTROL_PLANES)))


def _left_of(machine: Machine, profiles: list[Profile]) -> tuple[str, ...]:
    free = left(machine)
    return (
        _node(machine),
        f"{free['cpu']}m",
        f"{free['memory']}Mi",
        f"{free['disk']}Gi",
        str(free["pids"]),
        str(values(machine)["kubelet.podPidsLimit"].value),
        *(str(values(machine, profile)["kubelet.maxPods"].value) for profile in profiles),
    )


def _node(machine: Machine) -> str:
    size = f"{machine.vcpus} / {machine.ram_mib // 1024} / {machine.disk_gib}"
    return f"{size}, control plane" if machine.control_plane else size
