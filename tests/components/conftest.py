"""What the businesses' programs tell the engine, in a cloud that has everything they name."""

from collections.abc import Mapping
from typing import Any, Protocol

import pytest

from stacks import BUSINESSES, common
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
        settings = clusters.settings(business, cluster)
        program = BUSINESSES[business].build
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(common, "connect", lambda cloud: cloud)
            patch.setattr(common, "look_up", lambda _connection, _settings, _owner: clusters.CATALOG)
            return record(lambda: program(settings, business), business, preview=preview, new=new)

    return run


@pytest.fixture(scope="session")
def dev(build: Build) -> Recording:
    """Return what the dev stack registers: three control planes, two workers."""
    return build("dev")


@pytest.fixture(scope="session")
def reachable(build: Build) -> Recording:
    """Return what the dev stack registers where the program reaches the API."""
    return build("dev", clusters.REACHABLE)
