"""Options and profiles of all tests, and the lab's cloud for those that need it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import openstack
import pytest
from openstack.connection import Connection

from lab.openstack import api
from lab.openstack.process import Record
from lab.openstack.site import Site
from tests.engine.cloud_project import sweep
from tests.helpers.figures import FIGURE
from tests.helpers.lab_lock import lab_is_free, lab_to

# Neither a deadline nor a check of speed: how long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile(
    "cecf", deadline=None, max_examples=50, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("cecf")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that rewrites the golden files."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; review the diff")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Clear away, once a run, what runs that were killed have left in the lab."""
    if hasattr(session.config, "workerinput") or not _lab_runs():
        return
    with lab_is_free() as free, pytest.MonkeyPatch.context() as patch:
        if free:
            patch.setenv("OS_CLIENT_CONFIG_FILE", str(api.clouds_file()))
            sweep(openstack.connect(cloud="admin"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End the report with what tests have measured."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    for report in reports:
        for name, text in report.user_properties:
            if name == FIGURE and report.when == "call":
                terminalreporter.write_line(str(text))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and end with what others would have to wait for."""
    items.sort(key=_turn)


@pytest.fixture
def clouds_file(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a copy of the lab's clouds.yaml, which everything uses and a test may add entries to."""
    if not _lab_runs():
        # Not a skip: `make test` has started it, so it has broken down.
        pytest.fail("the lab's OpenStack does not run: `make lab` starts it, `make status` tells more")
    copy = tmp_path / "clouds.yaml"
    shutil.copy(api.clouds_file(), copy)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(copy))
    with lab_to(alone=request.node.get_closest_marker("disturbs_lab") is not None):
        yield copy


@pytest.fixture
def admin(clouds_file: Path) -> Connection:
    """Sign in as the cloud's administrator."""
    assert clouds_file.exists()
    return openstack.connect(cloud="admin")


def _turn(item: pytest.Item) -> int:
    if item.get_closest_marker("cluster"):
        # One worker takes them all; the last of them leaves another cluster behind.
        return 1 if item.path.name == "test_replacement.py" else 0
    return 3 if item.get_closest_marker("disturbs_lab") else 2


def _lab_runs() -> bool:
    keystone = Record.read(Site.from_environment().record("keystone-api"))
    return keystone is not None and keystone.process() is not None
