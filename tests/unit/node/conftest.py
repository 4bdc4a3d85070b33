"""Nodes of dev's cluster, each a folder."""

from pathlib import Path

import pytest

from tests.helpers import clusters
from tests.helpers.node_program import Machine, machine


@pytest.fixture
def first(tmp_path: Path) -> Machine:
    """Return the first control plane's server."""
    return machine(tmp_path, clusters.plan("dev").control_plane.nodes[0])


@pytest.fixture
def second(tmp_path: Path) -> Machine:
    """Return the second control plane's server."""
    return machine(tmp_path, clusters.plan("dev").control_plane.nodes[1])


@pytest.fixture
def worker(tmp_path: Path) -> Machine:
    """Return a worker's server."""
    return machine(tmp_path, clusters.plan("dev").nodes[-1])
