"""One cluster for all tests of this folder: the dev stack's shape, in a project of its own, booted once."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openstack
import pytest

from cecf.plan import plan_cluster
from lab import engine, kubernetes
from lab.nova_driver import host
from lab.openstack import api
from tests.cluster.booted import Booted, Figure
from tests.engine.cloud_project import cloud_project
from tests.engine.program import make_program
from tests.helpers import clusters
from tests.helpers.figures import FIGURE
from tests.helpers.lab_lock import lab_to

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
    if obstacle := host.obstacle():
        pytest.skip(f"no machine can boot here: {obstacle}")
    folder = tmp_path_factory.mktemp("cluster")
    clouds_file = Path(shutil.copy(api.clouds_file(), folder / "clouds.yaml"))
    state = folder / "state"
    state.mkdir()
    environment = {
        **engine.environment(),
        "OS_CLIENT_CONFIG_FILE": str(clouds_file),
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "test",
    }
    with pytest.MonkeyPatch.context() as patch, lab_to(alone=False):
        for name, value in environment.items():
            patch.setenv(name, value)
        with cloud_project(openstack.connect(cloud="admin"), clouds_file) as project:
            program = make_program(folder / "proof", "dev", project.name, "proof")
            program.configure(CLUSTER)
            program.up()
            kubeconfig = folder / "kubeconfig"
            kubeconfig.touch(mode=0o600)
            kubeconfig.write_text(program.open().secret("kubeconfig"))
            plan = plan_cluster(clusters.settings("dev", CLUSTER).cluster, clusters.CATALOG)
            yield Booted(program, project, plan, kubeconfig, _kubectl())
            assert program.command("destroy", "--yes").returncode == 0
            assert project.servers() == {}


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Say something that was measured; the report ends with it, whichever process ran the test."""
    return lambda text: record_property(FIGURE, text)


def _kubectl() -> Path:
    built = kubernetes.locate()
    assert built, "a node image without its Kubernetes: `python -m lab.kubernetes setup`"
    return built.bin / "kubectl"


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
