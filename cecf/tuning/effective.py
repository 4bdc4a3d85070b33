"""What a stack has of a setting, in the cluster, on its control plane, in each pool; and which layer set it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cecf.problems import below
from cecf.tuning.cluster import CONTROL_PLANE, ClusterTuning, Wish, Wishes
from cecf.tuning.explain import value_data
from cecf.tuning.kinds import Value
from cecf.tuning.model import NODE_COMPONENTS, Formula, Profile, Setting
from cecf.tuning.tuned import Origin, Tuning

BASE, OWN, POOL = "base", "component's own", "pool"


@dataclass(frozen=True, kw_only=True)
class Effective:
    """A value in one place."""

    place: str
    """As in the settings: `cluster`, `control_plane`, `worker_pools.<pool>`."""
    value: Value | Formula | None
    """A formula where no flavor is known; none: the component's own default."""
    layer: str
    """What set it: `base`, `profile <name>`, a layer of the settings, `pool`; or nothing did: `component's own`."""
    location: str = ""
    """Where a person has set it, or has chosen the profile."""
    written_in: str = ""
    """The layer of the settings that has the location: the business's profile, or the stack file."""

    @property
    def from_base(self) -> bool:
        """Whether it is what every cluster gets."""
        return self.layer in (BASE, OWN)

    def data(self) -> dict[str, Any]:
        """Return everything under names that stay, for programs."""
        return {
            "place": self.place,
            **value_data(self.value),
            "layer": self.layer,
            "location": self.location,
            "written_in": self.written_in,
        }


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where values are, and what is wished there."""

    name: str
    tuning: Tuning
    profile: Profile
    chosen: str
    """Where the profile is chosen."""


def effective(
    setting: Setting, tuning: ClusterTuning, wishes: Wishes, layers: Mapping[str, str]
) -> tuple[Effective, ...]:
    """Return a setting's value in each place that knows it; `layers` are those of the settings, by key path."""
    if not setting.known_to(tuning.minor):
        return ()
    return tuple(_effective(setting, place, layers) for place in _places(setting, tuning, wishes))


def _places(setting: Setting, tuning: ClusterTuning, wishes: Wishes) -> Iterator[_Place]:
    if setting.component not in NODE_COMPONENTS:
        yield _place("cluster", tuning.cluster, Wish(), wishes)
        return
    yield _place(CONTROL_PLANE, tuning.control_plane, Wish(), wishes)
    if not setting.control_plane_only:
        for name, wish in wishes.pools.items():
            chosen = Wish() if setting.follows_cluster else wish
            yield _place(f"worker_pools.{name}", tuning.pools[name], chosen, wishes)


def _place(name: str, tuning: Tuning, wish: Wish, wishes: Wishes) -> _Place:
    profile = wish.profile or wishes.cluster.profile or Profile.BASE
    chosen = f"cluster.{name}.tuning.profile" if wish.profile else "cluster.tuning.profile"
    return _Place(name=name, tuning=tuning, profile=profile, chosen=chosen)


def _effective(setting: Setting, place: _Place, layers: Mapping[str, str]) -> Effective:
    tuned = place.tuning.get(setting.id)
    if tuned and tuned.location:
        location = below("cluster", tuned.location)
        written_in = _layer_at(location, layers)
        layer = POOL if tuned.origin is Origin.POOL else written_in
        return Effective(place=place.name, value=tuned.value, layer=layer, location=location, written_in=written_in)
    value = tuned.value if tuned else setting.value_in(place.profile)
    if place.profile in setting.profiles:
        return Effective(
            place=place.name,
            value=value,
            layer=f"profile {place.profile}",
            location=place.chosen,
            written_in=_layer_at(place.chosen, layers),
        )
    return Effective(place=place.name, value=value, layer=OWN if value is None else BASE)


def _layer_at(location: str, layers: Mapping[str, str]) -> str:
    """Return the layer that set a location; of a mapping there, that of its first value."""
    return next(
        (layer for path, layer in layers.items() if f"{path}.".startswith((f"{location}.", f"{location}["))), ""
    )
