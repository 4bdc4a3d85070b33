"""A setting's value, the layer that it is from, and where a person has set it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cecf.tuning.kinds import Anything, Kind, Value
from cecf.tuning.model import Component, DriftClass, Setting


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
    """The catalogue's entry; none for a field that only the component's table knows."""
    location: str = ""
    """Where a person has set it."""
    kind: Kind = field(default_factory=Anything)
    """What it accepts."""

    @property
    def drift(self) -> DriftClass:
        """What another value in a running component means."""
        return self.setting.drift if self.setting else "harmful"


Tuning = Mapping[str, Tuned]
"""Values by id."""
