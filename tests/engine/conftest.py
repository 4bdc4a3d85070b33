"""What every engine test has: the lab's cloud, a project of its own, the real engine with a state of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from openstack.connection import Connection

from lab import engine
from tests.engine.cloud_project import CloudProject, cloud_project
from tests.engine.program import Program, make_program

NewProject = Callable[..., CloudProject]
NewProgram = Callable[..., Program]


@pytest.fixture
def new_project(admin: Connection, clouds_file: Path) -> Iterator[NewProject]:
    """Make projects that go with the test."""
    with ExitStack() as stack:

        def make(**quota: int) -> CloudProject:
            return stack.enter_context(cloud_project(admin, clouds_file, quota=quota))

        yield make


@pytest.fixture
def new_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NewProgram:
    """Make programs whose engine and state are the test's own."""
    for name, value in engine.environment().items():
        monkeypatch.setenv(name, value)
    state = tmp_path / "state"
    state.mkdir()
    monkeypatch.setenv("PULUMI_BACKEND_URL", state.as_uri())
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "test")

    def make(business: str, project: CloudProject, stack: str = "test") -> Program:
        return make_program(tmp_path / stack, business, project.name, stack)

    return make


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.lab)
            item.add_marker(pytest.mark.engine)
