"""From layers to values: base, profile, the cluster's own values, the pool's own values."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from typing import Any

from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.given import path_of
from cecf.tuning.kinds import Value
from cecf.tuning.model import Component, Formula, Machine, Profile
from cecf.tuning.rules import Values
from cecf.tuning.tuned import Origin, Tuned, Tuning


@dataclass(frozen=True, kw_only=True)
class Scope:
    """For what values are wanted."""

    minor: str
    profile: Profile
    components: Collection[Component]
    cluster_profile: Profile | None = None
    """None where it is the same: only a pool may have a profile of its own."""
    control_plane: bool = True
    machine: Machine | None = None
    """None where no flavor is known: what a formula gives is then left out."""


def resolve(scope: Scope, given: Iterable[Tuned] = ()) -> dict[str, Tuned]:
    """Return every value of a scope; of those `given` the last wins. Pure."""
    wanted = (tuned for tuned in given if tuned.component in scope.components)
    found = {tuned.id: tuned for tuned in chain(_catalogued(scope), wanted)}
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
        profile = (setting.follows_cluster and scope.cluster_profile) or scope.profile
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
