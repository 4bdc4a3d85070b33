"""From layers to values: base, profile, the cluster's own values, the pool's own values."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cecf.tuning import kinds
from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.given import Given, path_of
from cecf.tuning.kinds import Kind, Value
from cecf.tuning.model import Component, DriftClass, Formula, Machine, Profile, Setting
from cecf.tuning.rules import Values


class Origin(StrEnum):
    """The layer that a value is from."""

    BASE = "base"
    PROFILE = "profile"
    CLUSTER = "cluster.tuning"
    POOL = "pool's tuning"


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """A setting's value on one machine, or for one cluster."""

    id: str
    component: Component
    path: tuple[str, ...]
    """The keys that lead to it in the component's document."""
    value: Value
    origin: Origin
    setting: Setting | None = None
    location: str = ""
    """Where a person has set it."""
    kind: Kind = field(default_factory=kinds.Anything)

    @property
    def drift(self) -> DriftClass:
        """What another value in a running component means."""
        return self.setting.drift if self.setting else "harmful"


Tuning = Mapping[str, Tuned]
"""Values by id."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """For what values are wanted."""

    minor: str
    profile: Profile
    cluster_profile: Profile
    """Which is the same, unless a pool has a profile of its own."""
    components: Collection[Component]
    control_plane: bool = True
    machine: Machine | None = None
    """None where no flavor is known: what a formula gives is then left out."""


def resolve(scope: Scope, given: Sequence[tuple[Origin, Given]] = ()) -> dict[str, Tuned]:
    """Return every value of a scope; of those `given` the last wins. Pure."""
    found = {tuned.id: tuned for tuned in _catalogued(scope)}
    for origin, each in given:
        if each.component in scope.components:
            found[each.id] = Tuned(
                id=each.id,
                component=each.component,
                path=each.path,
                value=each.value,
                origin=origin,
                setting=each.setting,
                location=each.location,
                kind=each.kind,
            )
    return {name: _followed(tuned, found) for name, tuned in found.items()}


def document(tuning: Tuning, component: Component) -> dict[str, Any]:
    """Return a component's values as it reads them: maps in maps."""
    made: dict[str, Any] = {}
    for tuned in tuning.values():
        if tuned.component is component:
            *parents, last = tuned.path
            inner = made
            for parent in parents:
                inner = inner.setdefault(parent, {})
            inner[last] = tuned.value
    return made


def comparable(parts: Iterable[Tuning], besides: Mapping[str, Value] | None = None) -> Values:
    """Return values as the rules see them; `besides` are settings that are not of the catalogue."""
    tuned = {name: each for part in parts for name, each in part.items()}
    canonical = {name: each.kind.canonical(each.value) for name, each in tuned.items()}
    raw = {name: each.value for name, each in tuned.items()}
    return Values({**canonical, **(besides or {})}, {**raw, **(besides or {})})


def _followed(tuned: Tuned, others: Tuning) -> Tuned:
    """Return twice what a person has set, for a value that is to be twice another and was not set itself."""
    other = others.get(tuned.setting.twice) if tuned.setting and not tuned.location else None
    if other is None or not other.location:
        return tuned
    number, unit = re.fullmatch(r"([\d.]+)(.*)", str(other.value)).groups()  # type: ignore[union-attr]
    return replace(tuned, value=f"{2 * Decimal(number):f}{unit}", origin=other.origin)


def _catalogued(scope: Scope) -> Iterator[Tuned]:
    for setting in CATALOGUE.values():
        wanted = setting.component in scope.components and setting.known_to(scope.minor)
        if not wanted or (setting.control_plane_only and not scope.control_plane):
            continue
        profile = scope.cluster_profile if setting.follows_cluster else scope.profile
        value = setting.value_in(profile)
        if isinstance(value, Formula):
            value = value.of(scope.machine) if scope.machine else None
        if value is not None:
            yield Tuned(
                id=setting.id,
                component=setting.component,
                path=path_of(setting),
                value=value,
                origin=Origin.PROFILE if profile in setting.profiles else Origin.BASE,
                setting=setting,
                kind=setting.kind,
            )
