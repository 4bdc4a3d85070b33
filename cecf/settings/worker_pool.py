"""A named group of equal worker nodes."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from cecf.problems import Problem
from cecf.settings.base import Model
from cecf.settings.tuning import PoolTuningSettings
from cecf.settings.types import Name

_DNS = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"

LabelKey = Annotated[
    str,
    StringConstraints(pattern=rf"^({_DNS}(\.{_DNS})*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?$"),
]
"""A Kubernetes label key: a name of up to 63 characters, a DNS prefix and '/' before it if need be."""

LabelValue = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$")]
"""A Kubernetes label value: up to 63 characters."""

_FOREIGN = ("kubernetes.io", "k8s.io", "cecf.local")
"""Label domains that are Kubernetes' own, and a kubelet that gives itself such a label does not start; or CECF's."""


class Taint(Model):
    """What keeps pods off a node unless they tolerate it."""

    key: LabelKey
    """The taint's key."""
    value: LabelValue = ""
    """The taint's value."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]
    """What happens to pods that do not tolerate it."""


class WorkerPoolSettings(Model):
    """Worker nodes of one flavor. The pool's key is its identity, a node's ordinal is the node's."""

    count: Annotated[int, Field(ge=0, le=1000)] = 1
    """Nodes; the plan takes the lowest ordinals that are not retired."""
    retired: frozenset[Annotated[int, Field(ge=1)]] = frozenset()
    """Ordinals that are not used: to remove a node from the middle, name its ordinal here and lower `count`."""
    flavor: Name = "m1.medium"
    """The flavor of each node."""
    zones: tuple[Name, ...] = ()
    """Availability zones of the pool; empty: the cluster's."""
    anti_affinity: Literal["required", "preferred"] = "preferred"
    """Whether two nodes may share a host when there is no other: `required` fails instead."""
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Labels that each node registers with; a change replaces the pool's nodes."""
    taints: tuple[Taint, ...] = ()
    """Taints that each node registers with; a change replaces the pool's nodes."""
    at_once: Annotated[int, Field(ge=1, le=10)] = 1
    """Nodes of each ten that may be replaced at the same time when a change replaces them all; the next ones go when
    these are Ready again."""
    tuning: PoolTuningSettings = PoolTuningSettings()
    """How its nodes are tuned; a change replaces the pool's nodes."""

    def problems(self) -> Iterable[Problem]:
        """Refuse labels that a kubelet may not give itself, and taints that are one to Kubernetes."""
        for position, taint in enumerate(self.taints):
            if any((taint.key, taint.effect) == (other.key, other.effect) for other in self.taints[:position]):
                yield Problem(
                    path=f"taints[{position}]",
                    what=f"there is a taint {taint.key} with the effect {taint.effect} before",
                    why="a node has one of a key and an effect",
                    mend="give it another key or effect",
                )
        for key in sorted(self.labels):
            domain = key.rpartition("/")[0]
            if any(domain == foreign or domain.endswith(f".{foreign}") for foreign in _FOREIGN):
                yield Problem(
                    path=f"labels.{key}",
                    what=f"the label domain {domain} is taken",
                    why="a kubelet may not give itself labels of Kubernetes' own, and the plan gives those of CECF",
                    mend="use a domain of your own",
                )
