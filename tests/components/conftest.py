"""What the businesses' programs tell the engine, in a cloud that has everything they name."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol

import pytest

from tests.helpers import clusters
from tests.helpers.engine_spy import NONE, Recording, record


class Build(Protocol):
    """Runs a business's program."""

    def __call__(
        self,
        business: str = "dev",
        cluster: Mapping[str, Any] | None = None,
        *,
        preview: bool = False,
        new: frozenset[str] = NONE,
    ) -> Recording:
        """Return what it registered, with a stack file's changes to the cluster."""


@pytest.fixture(scope="session")
def build() -> Build:
    """Return a way to run a business's program."""

    def run(
        business: str = "dev",
        cluster: Mapping[str, Any] | None = None,
        *,
        preview: bool = False,
        new: frozenset[str] = NONE,
    ) -> Recording:
        settings, plan = clusters.settings(business, cluster), clusters.plan(business, cluster)
        program = import_module(f"stacks.{business}").build
        return record(lambda: program(settings, plan, business), business, preview=preview, new=new)

    return run


@pytest.fixture(scope="session")
def dev(build: Build) -> Recording:
    """Return what the dev stack registers: three control planes, two workers."""
    return build("dev")


@pytest.fixture(scope="session")
def reachable(build: Build) -> Recording:
    """Return what the dev stack registers where the program reaches the API."""
    return build("dev", clusters.REACHABLE)
