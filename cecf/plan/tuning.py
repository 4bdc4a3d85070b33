"""Tuning with the flavors known: every formula worked out, and what no flavor carries refused."""

from collections.abc import Mapping

from cecf.plan.catalog import Catalog, Flavor
from cecf.problems import InvalidInputError
from cecf.settings import ClusterSettings
from cecf.tuning.cluster import CONTROL_PLANE, ClusterTuning, tune
from cecf.tuning.model import Machine


def plan_tuning(settings: ClusterSettings, catalog: Catalog) -> ClusterTuning:
    """Return the tuning of a cluster. Raises `InvalidInputError` for what the flavors do not carry."""
    tuning, problems = tune(settings.wishes, machines(settings, catalog.flavors))
    if problems:
        raise InvalidInputError(problem.below("cluster") for problem in problems)
    return tuning


def machines(settings: ClusterSettings, flavors: Mapping[str, Flavor]) -> dict[str, Machine]:
    """Return the machines of the control plane and of each pool."""
    return {CONTROL_PLANE: machine(flavors[settings.control_plane.flavor], control_plane=True)} | {
        name: machine(flavors[pool.flavor]) for name, pool in settings.worker_pools.items()
    }


def machine(flavor: Flavor, *, control_plane: bool = False) -> Machine:
    """Return a flavor as formulas see it."""
    return Machine(vcpus=flavor.vcpus, ram_mib=flavor.ram_mib, disk_gib=flavor.disk_gib, control_plane=control_plane)
