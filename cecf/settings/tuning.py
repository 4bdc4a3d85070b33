"""How the components are tuned: a profile, and what a person wants otherwise."""

from typing import Any

from pydantic import Field

from cecf.settings.base import Model
from cecf.tuning.model import Profile


class TuningSettings(Model):
    """The tuning of a cluster. The catalogue has the values: docs/tuning, or `cecf explain`."""

    profile: Profile = Profile.BASE
    """A named set of differences from the base."""
    values: dict[str, Any] = Field(default_factory=dict)
    """What is to be otherwise: a component's fields and flags under their own names, each within its range."""


class PoolTuningSettings(Model):
    """The tuning of a pool's nodes, where it is not the cluster's: kubelet, containerd, systemd, kernel."""

    profile: Profile | None = None
    """The profile of the pool's nodes; empty: the cluster's."""
    values: dict[str, Any] = Field(default_factory=dict)
    """What is to be otherwise on the pool's nodes."""
