"""Where the stand-in lies, and that it depends on neither checkout nor virtual environment."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from cecf import versions
from lab.engine import official, stand_in
from lab.engine.model import Engine


def test_it_lies_where_the_engine_looks_for_plugins() -> None:
    assert f"plugins/resource-kubernetes-v{versions.PULUMI_KUBERNETES}" == stand_in.FOLDER


def test_it_runs_without_checkout_and_virtual_environment(executable: Path, tmp_path: Path) -> None:
    """Every module that it loads is the folder's own, or the interpreter's."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(executable.parent, folder)
    script = (folder / "start.py").read_text().replace("sys.exit(main(sys.argv[1:]))", "")
    (folder / "probe.py").write_text(
        script + "from lab.engine.kubernetes import servicer\n"
        "print(*sorted({m.__file__ for m in sys.modules.values() if getattr(m, '__file__', None)}), sep='\\n')\n"
    )
    launcher = (folder / stand_in.EXECUTABLE).read_text().replace("start.py", "probe.py")
    (folder / "probe").write_text(launcher)
    (folder / "probe").chmod(0o755)
    answer = subprocess.run([folder / "probe"], capture_output=True, text=True, check=True, cwd="/", env={})
    loaded = [Path(line) for line in answer.stdout.splitlines()]
    foreign = [each for each in loaded if "site-packages" in each.parts and not each.is_relative_to(folder)]
    assert foreign == []
    assert any(each.is_relative_to(folder / "packages" / "lab") for each in loaded)


def test_a_lost_interpreter_is_told(executable: Path, tmp_path: Path) -> None:
    lost = tmp_path / executable.name
    lost.write_text(executable.read_text().replace("python=", "python=/none"))
    lost.chmod(lost.stat().st_mode | stat.S_IXUSR)
    answer = subprocess.run([lost], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "is gone: remove" in answer.stderr


def test_changed_sources_are_another_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stand_in.key()
    sources = tmp_path / "kubernetes"
    shutil.copytree(Path(stand_in.__file__).parent / "kubernetes", sources)
    monkeypatch.setattr(stand_in, "_SOURCES", sources)
    assert stand_in.key() == before
    (sources / "verdicts" / "model.py").write_text("changed")
    assert stand_in.key() != before


def tool(path: Path, script: str) -> Path:
    """Put a script somewhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Return an official engine without a Kubernetes plugin, whose command line installs one where it is told to."""
    home = tmp_path / "home"
    monkeypatch.setenv("CECF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PULUMI_HOME", str(home))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    (tmp_path / "cache" / "engine").mkdir(parents=True)
    plugin = home / stand_in.FOLDER / stand_in.EXECUTABLE
    install = f'[ -n "$WORKS" ] || exit 1; mkdir -p {plugin.parent}; touch {plugin}'
    pulumi = tool(tmp_path / "bin" / "pulumi", install)
    return Engine(pulumi=pulumi, home=home, plugin=pulumi, kubernetes=None, built=False)


def test_the_official_plugin_comes_first(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKS", "yes")
    official.add_kubernetes(engine, print)
    assert stand_in.find() is None
    assert (engine.home / stand_in.FOLDER / stand_in.EXECUTABLE).is_file()


def test_the_stand_in_is_on_path_only_beside_an_official_engine(engine: Engine) -> None:
    """In the person's own folder of plugins, other projects would take it for the real one."""
    lines: list[str] = []
    official.add_kubernetes(engine, lines.append)
    assert lines[-1] == f"Using the stand-in for the Kubernetes plugin: {stand_in.find()}"
    assert not (engine.home / stand_in.FOLDER).exists()
    with_it = Engine(
        pulumi=engine.pulumi, home=engine.home, plugin=engine.plugin, kubernetes=stand_in.find(), built=False
    )
    assert with_it.environment()["PATH"].split(os.pathsep)[:2] == [str(engine.bin), str(stand_in.result())]
