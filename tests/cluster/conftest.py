"""One cluster for all tests of this folder: the dev stack's shape, in a project of its own, booted once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.booted import Booted, Figure
from tests.cluster.booting import booting
from tests.helpers.figures import FIGURE

CIDR = "10.77.0.0/24"

CLUSTER: dict[str, Any] = {
    "name": "proof",
    "network": {"nodes": {"kind": "create", "cidr": CIDR}},
    "etcd": {"backup": {"store": "volume", "volume": {"size_gib": 1}}},
    "control_plane": {
        "count": 3,
        "flavor": "m1.medium",
        "endpoint": {"access": "floating_ip", "allowed_cidrs": ["198.18.0.0/20"]},
    },
    "worker_pools": {
        "general": {
            "count": 2,
            "flavor": "m1.medium",
            "labels": {"example.org/tier": "general"},
            "taints": [{"key": "example.org/soft", "value": "yes", "effect": "PreferNoSchedule"}],
        }
    },
}


# Of the package, not the session: it goes, and gives the lab free, as soon as these tests are over.
@pytest.fixture(scope="package")
def booted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booted]:
    """Boot the cluster; at the end destroy it and see that nothing is left."""
    with booting(CLUSTER, tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Say something that was measured; the report ends with it, whichever process ran the test."""
    return lambda text: record_property(FIGURE, text)


# Before pytest-xdist looks for the mark.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder; one worker of the test run takes them all, since they share the cluster."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.lab)
            item.add_marker(pytest.mark.engine)
            item.add_marker(pytest.mark.cluster)
            item.add_marker(pytest.mark.xdist_group("cluster"))
