"""A whole cluster's tuning, and everything that is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from cecf.problems import Problem, config_remove, config_set
from cecf.tuning.given import Reading
from cecf.tuning.model import NODE_COMPONENTS, Component, Machine, Profile
from cecf.tuning.reservations import SMALLEST_CONTROL_PLANE, SMALLEST_WORKER
from cecf.tuning.resolve import Scope, comparable, resolve
from cecf.tuning.rules import VOLUME, Broken, broken, over_capacity
from cecf.tuning.tables import supported, unsupported
from cecf.tuning.tuned import Origin, Tuning
from cecf.versions import minor_of

_LARGER = "<a-larger-flavor>"

MASK = "kube-controller-manager.node-cidr-mask-size"

CLUSTER_COMPONENTS = frozenset(Component) - NODE_COMPONENTS
"""What a cluster has one configuration of, however many run."""

CONTROL_PLANE = "control_plane"
"""How the control plane is called among the pools: as in the settings."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a stack file says about tuning, of the cluster or of a pool."""

    profile: Profile | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """All of it, and what the rules compare it with."""

    release: str
    cluster: Wish
    pools: Mapping[str, Wish]
    """By the pool's name."""
    volume_gib: int
    """Of each etcd member."""


@dataclass(frozen=True, kw_only=True)
class ClusterTuning:
    """The values of a cluster, of its control plane's nodes, and of each pool's nodes."""

    minor: str
    cluster: Tuning
    control_plane: Tuning
    pools: Mapping[str, Tuning]

    @property
    def pod_addresses(self) -> int:
        """Addresses of the range that each node gets for its pods."""
        return _pod_addresses(self.cluster)


def tune(wishes: Wishes, machines: Mapping[str, Machine] | None = None) -> tuple[ClusterTuning, list[Problem]]:
    """Return a cluster's tuning, and what is wrong with it.

    `machines` are the flavors by pool name, the control plane's under `CONTROL_PLANE`; without them only what does not
    depend on a flavor is worked out and judged. Paths of problems are relative to the cluster's settings. Pure.
    """
    minor = minor_of(wishes.release)
    if refused := list(unsupported(wishes.release)):
        return tune(replace(wishes, release=supported()[-1]), machines)[0], refused
    reading = Reading(wishes.cluster.values, minor, "tuning.values", "cluster", Origin.CLUSTER)
    profile = wishes.cluster.profile or Profile.BASE
    cluster = resolve(Scope(minor=minor, profile=profile, components=CLUSTER_COMPONENTS), reading.given)
    problems = list(reading.problems)
    nodes: dict[str, Tuning] = {}
    for name, wish in {CONTROL_PLANE: Wish(), **wishes.pools}.items():
        place = name if name == CONTROL_PLANE else f"worker_pools.{name}"
        own = Reading(wish.values, minor, f"{place}.tuning.values", "cluster", Origin.POOL)
        problems += own.problems
        machine = _machine(machines, name, cluster)
        scope = Scope(
            minor=minor,
            profile=wish.profile or profile,
            cluster_profile=profile,
            components=NODE_COMPONENTS,
            control_plane=name == CONTROL_PLANE,
            machine=machine,
        )
        nodes[name] = resolve(scope, [*reading.given, *own.given])
        problems += _contradictions(cluster, nodes[name], wishes.volume_gib, machine, f"{place}.flavor")
    tuning = ClusterTuning(minor=minor, cluster=cluster, control_plane=nodes.pop(CONTROL_PLANE), pools=nodes)
    # One value of the cluster's may be too much on several flavors.
    return tuning, list({(problem.path, problem.why): problem for problem in reversed(problems)}.values())[::-1]


def _machine(machines: Mapping[str, Machine] | None, name: str, cluster: Tuning) -> Machine | None:
    return replace(machines[name], pod_addresses=_pod_addresses(cluster)) if machines else None


def _pod_addresses(cluster: Tuning) -> int:
    return int(2 ** (32 - cluster[MASK].value))


def _contradictions(
    cluster: Tuning, node: Tuning, volume_gib: int, machine: Machine | None, flavor: str
) -> Iterator[Problem]:
    values = comparable([cluster, node], {VOLUME: volume_gib})
    if machine and (small := _too_small(machine, flavor)):
        yield small
        return
    for each in chain(broken(values), over_capacity(values, machine) if machine else ()):
        yield _said(each, {**cluster, **node}, flavor)


def _said(rule: Broken, tuning: Tuning, flavor: str) -> Problem:
    """Say a broken rule of a setting that a person set; of a setting beside the catalogue, or the flavor, otherwise."""
    set_by_person = [
        (tuning[name].location, value) for name, value in rule.mends.items() if name in tuning and tuning[name].location
    ]
    beside = [
        (name.removeprefix("cluster."), value) for name, value in rule.mends.items() if name.startswith("cluster.")
    ]
    path, value = [*set_by_person, *beside, (flavor, _LARGER)][0]
    mend = config_remove(f"cluster.{path}") if value is None else config_set(f"cluster.{path}", value)
    return Problem(path=path, what=rule.what, why=rule.why, mend=mend)


def _too_small(machine: Machine, flavor: str) -> Problem | None:
    least = SMALLEST_CONTROL_PLANE if machine.control_plane else SMALLEST_WORKER
    disk = machine.disk_gib or least.disk_gib
    if machine.vcpus >= least.vcpus and machine.ram_mib >= least.ram_mib and disk >= least.disk_gib:
        return None
    return Problem(
        path=flavor,
        what=f"{_size(machine)} are too little: {_size(least)} are the least",
        why="kubeadm refuses less" if machine.control_plane else "nothing would be left for pods",
        mend=config_set(f"cluster.{flavor}", _LARGER),
    )


def _size(machine: Machine) -> str:
    return f"{machine.vcpus} cores, {machine.ram_mib} MiB and {machine.disk_gib} GiB of disk"
