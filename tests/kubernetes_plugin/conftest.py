"""A control plane for all tests of this folder, and stacks whose programs are functions."""

import fcntl
import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab import engine, kubernetes
from lab.engine import cache, stand_in
from tests.kubernetes_plugin.control_plane import ControlPlane, control_plane
from tests.kubernetes_plugin.plugin import Plugin
from tests.kubernetes_plugin.program import Program, new_program


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs the real engine."""
    for item in items:
        if Path(__file__).parent in item.path.parents and "stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[ControlPlane]:
    """Return the control plane, which the first process that needs it starts for all of them.

    The others hold a shared lock as long as they use it, and who started it ends it once it can have the lock alone.
    """
    root = tmp_path_factory.getbasetemp()
    shared = (root if worker_id == "master" else root.parent) / "control-plane"
    shared.mkdir(exist_ok=True)
    note = shared / "running.json"
    with (shared / "users").open("w") as users, ExitStack() as own:
        with (shared / "start").open("w") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            if not note.exists():
                folder = tmp_path_factory.mktemp("plane")
                started = own.enter_context(control_plane(_binaries(), folder))
                note.write_text(json.dumps([str(started.bin), str(started.kubeconfig), started.server]))
                own.callback(fcntl.flock, users, fcntl.LOCK_EX)
                own.callback(note.unlink)
            fcntl.flock(users, fcntl.LOCK_SH)
        binaries, kubeconfig, server = json.loads(note.read_text())
        yield ControlPlane(Path(binaries), Path(kubeconfig), server)
        fcntl.flock(users, fcntl.LOCK_UN)


def _binaries() -> Path:
    """Return the folder of Kubernetes' programs, which takes minutes to build: not for a test."""
    found = kubernetes.locate()
    if found is None:
        pytest.skip("Kubernetes' programs are not built yet: `python -m lab.kubernetes setup`")
    return found.bin


@pytest.fixture(scope="session")
def executable() -> Path:
    """Return the stand-in, also where an official plugin is installed."""
    with cache.locked(print):
        return stand_in.make()


@pytest.fixture
def plugin(executable: Path) -> Iterator[Plugin]:
    """Run the plugin as the engine would, without an engine."""
    with Plugin.start(executable) as running:
        yield running


@pytest.fixture
def namespace(plane: ControlPlane) -> str:
    """Return a namespace of the test's own."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    plane.kubectl("create", "namespace", name)
    return name


@pytest.fixture
def stack(executable: Path, plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Return a stack of the real engine, whose provider speaks to the control plane.

    What a test leaves there goes with the control plane.
    """
    ready = engine.ensure()
    for name, value in ready.environment().items():
        monkeypatch.setenv(name, value)
    if not ready.built:
        monkeypatch.setenv("PATH", f"{executable.parent}:{ready.environment()['PATH']}")
    state = tmp_path / "state"
    state.mkdir()
    monkeypatch.setenv("PULUMI_BACKEND_URL", state.as_uri())
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "for the test")
    return new_program(plane.credentials, state, tmp_path)
