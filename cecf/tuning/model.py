"""What a setting is: where it lives, what it is set to and why, and what it may be."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from cecf.tuning.kinds import Kind, Value


class Component(StrEnum):
    """What reads a setting."""

    KUBELET = "kubelet"
    KUBE_PROXY = "kube-proxy"
    SCHEDULER = "kube-scheduler"
    API_SERVER = "kube-apiserver"
    CONTROLLER_MANAGER = "kube-controller-manager"
    ETCD = "etcd"
    ETCD_UNIT = "etcd-unit"
    CONTAINERD = "containerd"
    SYSTEMD = "systemd"
    SYSCTL = "sysctl"
    MODULES = "modules"
    HAPROXY = "haproxy"


NODE_COMPONENTS = frozenset(
    {Component.KUBELET, Component.CONTAINERD, Component.SYSTEMD, Component.SYSCTL, Component.MODULES}
)
"""What every node has, so that a worker pool may have values of its own."""


class Profile(StrEnum):
    """A named set of differences from the base."""

    BASE = "base"
    LATENCY = "latency"
    THROUGHPUT = "throughput"
    EDGE = "edge"
    DEV = "dev"
    HUGE = "huge"


PROFILES: Mapping[Profile, str] = {
    Profile.BASE: "What every cluster gets: the sources' values, and what a production cluster needs besides.",
    Profile.LATENCY: "Finance: a trade waits for nothing that can be avoided, and losing a node is noticed soon.",
    Profile.THROUGHPUT: "Big data: long jobs with much data; work done in an hour counts, not one request's time.",
    Profile.EDGE: "Smart city: one or few small nodes, a slow disk, a thin line; little is kept and little is asked.",
    Profile.DEV: "For trying things out: small nodes, quick to say what is wrong.",
    Profile.HUGE: "5000 nodes and 150,000 to 200,000 pods in one cluster: nothing may be asked by every node at once.",
}
"""What each is for."""

DriftClass = Literal["harmful", "cosmetic", "elastic"]
"""What it means when a running component has another value than the declared one.

`harmful`: the cluster is less safe or less stable than declared. `cosmetic`: only what is shown or logged differs.
`elastic`: something that is meant to move by itself.
"""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A server as formulas see it: its flavor, and what else runs there."""

    vcpus: int
    ram_mib: int
    disk_gib: int
    control_plane: bool = False
    pod_addresses: int = 256
    """Addresses of its pod range."""


@dataclass(frozen=True)
class Formula:
    """A value that follows from the machine."""

    text: str
    """As a person would work it out."""
    of: Callable[[Machine], Value]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Difference:
    """What a profile sets instead of the base, and why."""

    value: Value | Formula
    reason: str


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of one component."""

    component: Component
    field: str
    """The component's own name of it: a field's path, a flag, a key."""
    key: str = ""
    """In a field that is a map, which entry of it."""
    kind: Kind
    base: Value | Formula | None = None
    """What it is unless a profile says otherwise; none: the component's own default, which only profiles change."""
    reason: str
    source: str
    """The document of the mission (S0 to S4), or a public reference."""
    profiles: Mapping[Profile, Difference] = dataclasses.field(default_factory=dict)
    since: str = ""
    """The first Kubernetes minor that knows it; empty: every supported one."""
    until: str = ""
    """The last one."""
    rests_on: tuple[str, ...] = ()
    """The settings that it has to agree with."""
    twice: str = ""
    """The setting that it is twice of, where a person sets that one and not this."""
    follows_cluster: bool = False
    """Whether a pool's own profile leaves it alone, since it has to agree with what the cluster has one of."""
    control_plane_only: bool = False
    """Whether workers do without it."""
    drift: DriftClass = "harmful"
    note: str = ""
    """What a person who changes it should know."""

    @property
    def id(self) -> str:
        """What people call it: the component, then the component's own name of it."""
        return f"{self.component}.{self.name}"

    @property
    def name(self) -> str:
        """The field with the entry."""
        return f"{self.field}.{self.key}" if self.key else self.field

    def known_to(self, minor: str) -> bool:
        """Tell whether a Kubernetes minor knows it."""
        number = _number(minor)
        after = not self.since or _number(self.since) <= number
        return after and (not self.until or number <= _number(self.until))

    def value_in(self, profile: Profile) -> Value | Formula | None:
        """Return what a profile sets, which may be the base's."""
        return self.profiles[profile].value if profile in self.profiles else self.base

    def reason_in(self, profile: Profile) -> str:
        """Return why a profile has its value."""
        return self.profiles[profile].reason if profile in self.profiles else self.reason


def _number(minor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in minor.split("."))
