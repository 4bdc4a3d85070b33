"""A stack's tuning as its file has it, found out without the engine. Nothing is changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cecf.automation.stack_file import load
from cecf.plan.tuning import machines
from cecf.problems import CloudUnavailableError, InvalidInputError, Problem
from cecf.settings import Layer, StackSettings
from cecf.tuning import effective
from cecf.tuning.cluster import CONTROL_PLANE, ClusterTuning, tune
from cecf.tuning.effective import Effective
from cecf.tuning.model import Formula, Machine, Setting

_PATIENCE = 10
"""Seconds for an answer of the cloud: a person waits, and a formula tells much of what its result would."""


@dataclass(frozen=True, kw_only=True)
class TunedStack:
    """A stack with its tuning."""

    name: str
    settings: StackSettings
    layers: Mapping[str, Layer]
    tuning: ClusterTuning
    remarks: tuple[str, ...] = ()
    """Why formulas are not worked out, or what the flavors do not carry."""

    def effective(self, setting: Setting) -> tuple[Effective, ...]:
        """Return a setting's value in each place."""
        return effective.effective(setting, self.tuning, self.settings.cluster.wishes, self.layers)

    def servers(self, place: str) -> str:
        """Return how many servers a place has, and their flavor; nothing for the cluster, which is all of them."""
        cluster = self.settings.cluster
        if place == CONTROL_PLANE:
            return f"{cluster.control_plane.count} x {cluster.control_plane.flavor}"
        pool = cluster.worker_pools.get(place.removeprefix("worker_pools."))
        return f"{pool.count} x {pool.flavor}" if pool else ""

    def with_flavors(self, settings: Iterable[Setting]) -> "TunedStack":
        """Return it with the formulas of some settings worked out; where none has one, no cloud is asked."""
        values = [each.value for setting in settings for each in self.effective(setting)]
        if not any(isinstance(value, Formula) for value in values):
            return self
        try:
            found = _machines(self.settings)
        except (InvalidInputError, CloudUnavailableError) as error:
            problems = map(str, error.problems) if isinstance(error, InvalidInputError) else (str(error),)
            return replace(self, remarks=tuple(f"formulas are not worked out: {each}" for each in problems))
        tuning, unfit = tune(self.settings.cluster.wishes, found)
        return replace(self, tuning=tuning, remarks=tuple(map(_refused, unfit)))


def tuned_stack(name: str, project_dir: Path) -> TunedStack:
    """Return a stack with its tuning, formulas not worked out. Raises `InvalidInputError` for wrong settings."""
    loaded = load(name, project_dir)
    tuning, _ = tune(loaded.settings.cluster.wishes)
    return TunedStack(name=name, settings=loaded.settings, layers=loaded.origins, tuning=tuning)


def _machines(settings: StackSettings) -> dict[str, Machine]:
    from cecf.cloud import connect, look_up_flavors  # noqa: PLC0415 (OpenStack's SDK: most settings need no flavor)

    return machines(settings.cluster, look_up_flavors(connect(settings.cloud, _PATIENCE), settings))


def _refused(problem: Problem) -> str:
    return f"`up` would refuse it: {problem.below('cluster')}"
