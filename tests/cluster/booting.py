"""Boots a cluster in a project of its own, and takes it down again."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openstack
import pytest

from lab import engine, kubernetes
from lab.nova_driver import host
from lab.openstack import api
from tests.cluster.booted import Booted
from tests.engine.cloud_project import cloud_project
from tests.engine.program import make_program
from tests.helpers.lab_lock import lab_to


@contextmanager
def booting(cluster: Mapping[str, Any], folder: Path) -> Iterator[Booted]:
    """Have a cluster, laid over the business dev, for the time of a block; afterwards nothing of it may be left."""
    if obstacle := host.obstacle():
        pytest.skip(f"no machine can boot here: {obstacle}")
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
            program.configure(cluster)
            program.up()
            kubeconfig = folder / "kubeconfig"
            kubeconfig.touch(mode=0o600)
            kubeconfig.write_text(program.open().secret("kubeconfig"))
            yield Booted(program, project, kubeconfig, _kubectl())
            assert program.command("destroy", "--yes").returncode == 0
            assert project.servers() == {}


def _kubectl() -> Path:
    built = kubernetes.locate()
    assert built, "a node image without its Kubernetes: `python -m lab.kubernetes setup`"
    return built.bin / "kubectl"
