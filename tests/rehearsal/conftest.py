"""Rehearsals: each boots clusters of its own, and takes up to half an hour on two cores."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cluster.booted import Figure
from tests.engine.conftest import new_program, new_project
from tests.helpers.figures import FIGURE

__all__ = ["new_program", "new_project"]

MINUTES = 60


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Say something that was measured; the report ends with it."""
    return lambda text: record_property(FIGURE, text)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for mark in ("lab", "engine", "rehearsal"):
                item.add_marker(mark)
            item.add_marker(pytest.mark.timeout(MINUTES * 60))
