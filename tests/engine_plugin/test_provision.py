"""How the lab comes by an engine, tried with machines whose tools are scripts of a few lines."""

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cecf import versions
from lab import engine
from lab.engine import cache, official, parts
from lab.engine.__main__ import main

PLUGIN_FOLDER = f"plugins/resource-openstack-v{versions.PULUMI_OPENSTACK}"

FAKE_GO = """
echo "$1" >> {log}
case "$1" in
    env) echo go{version} ;;
    list) echo {sdk} ;;
    build) while [ "$1" != -o ]; do shift; done; {check}; echo "#!/bin/sh" > "$2"; chmod +x "$2" ;;
esac
"""

FAKE_INSTALLER = """
while [ $# -gt 0 ]; do
    if [ "$1" = --install-root ]; then root=$2; fi
    shift
done
mkdir -p "$root/bin"
cp {pulumi} {host} "$root/bin"
"""

FAKE_PULUMI = """
if [ "$1" = plugin ]; then mkdir -p {folder}; touch {folder}/pulumi-resource-openstack; else echo v{version}; fi
"""


@dataclass
class Machine:
    """A machine with nothing on PATH but what a test puts there."""

    root: Path

    @property
    def bin(self) -> Path:
        """The only folder on PATH beside the system's own."""
        return self.root / "bin"

    @property
    def home(self) -> Path:
        """The person's own PULUMI_HOME."""
        return self.root / "home" / ".pulumi"

    @property
    def go_calls(self) -> list[str]:
        """The verbs that the fake Go was called with, in order."""
        return self._go_log.read_text().split() if self._go_log.exists() else []

    @property
    def _go_log(self) -> Path:
        return self.root / "go.log"

    def tool(self, name: str, script: str, folder: Path | None = None) -> Path:
        """Put a script where the machine finds it."""
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def official_engine(self, version: str = versions.PULUMI) -> Path:
        """Put a whole official engine there."""
        self.tool("pulumi-language-python", "")
        self.tool("pulumi-resource-openstack", "", self.home / PLUGIN_FOLDER)
        return self.tool("pulumi", f"echo v{version}")

    def go(self, version: str = "99.0", check: str = "true") -> None:
        """Put a Go there that compiles everything to an empty script, if ``check`` lets it."""
        sdk = self.root / "sdk"
        for script in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
            self.tool(Path(script).name, "", (sdk / "python" / script).parent)
        self.tool("go", FAKE_GO.format(log=self._go_log, version=version, sdk=sdk, check=check))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a machine that nothing was installed on, and that cannot reach the installer."""
    made = Machine(tmp_path)
    made.bin.mkdir()
    monkeypatch.setenv("PATH", f"{made.bin}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CECF_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    monkeypatch.setattr(official, "INSTALLER", (tmp_path / "no-installer").as_uri())
    return made


@pytest.fixture
def lines() -> list[str]:
    """Collect what a setup says."""
    return []


def test_engine_on_path_is_used_as_it_is(machine: Machine) -> None:
    """An official engine of the right version keeps the person's own folder and habits."""
    pulumi = machine.official_engine()
    found = engine.ensure()
    assert (found.pulumi, found.home, found.built) == (pulumi, machine.home, False)
    assert set(engine.environment()) == {"PATH", "PULUMI_SKIP_UPDATE_CHECK"}


def test_another_version_is_left_alone(machine: Machine, lines: list[str]) -> None:
    """The reason names both versions."""
    pulumi = machine.official_engine("3.1.0")
    assert engine.locate(lines.append) is None
    assert lines == [f"Leaving {pulumi} alone: it is version 3.1.0, and CECF pins {versions.PULUMI}."]


def test_engine_without_the_plugin_is_left_alone(machine: Machine, lines: list[str]) -> None:
    """An engine that lacks a part is none."""
    machine.official_engine()
    (machine.home / PLUGIN_FOLDER / "pulumi-resource-openstack").unlink()
    assert engine.locate(lines.append) is None
    assert lines[0].endswith(f"pulumi-resource-openstack {versions.PULUMI_OPENSTACK} is not installed.")


def test_engine_without_the_language_host_is_left_alone(machine: Machine, lines: list[str]) -> None:
    """The host may be beside the command line or on PATH, but has to be somewhere."""
    machine.official_engine()
    (machine.bin / "pulumi-language-python").unlink()
    assert engine.locate(lines.append) is None
    assert lines[0].endswith("pulumi-language-python is neither beside it nor on PATH.")


@pytest.mark.parametrize(("version", "used"), [(versions.PULUMI_OPENSTACK, True), ("5.0.0", False)])
def test_plugin_on_path_serves_in_its_version(machine: Machine, version: str, *, used: bool) -> None:
    """A plugin on PATH is asked for its version."""
    machine.official_engine()
    (machine.home / PLUGIN_FOLDER / "pulumi-resource-openstack").unlink()
    plugin = machine.tool("pulumi-resource-openstack", f"echo {version}")
    found = engine.locate()
    assert (found is not None and found.plugin == plugin) is used


def test_official_installer_brings_the_engine(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line goes to the cache, the plugin where the official one keeps plugins."""
    away = machine.root / "away"
    folder = machine.home / PLUGIN_FOLDER
    pulumi = machine.tool("pulumi", FAKE_PULUMI.format(folder=folder, version=versions.PULUMI), away)
    host = machine.tool("pulumi-language-python", "", away)
    installer = machine.tool("install.sh", FAKE_INSTALLER.format(pulumi=pulumi, host=host), away)
    monkeypatch.setattr(official, "INSTALLER", installer.as_uri())
    found = engine.ensure()
    assert found.pulumi == cache.folder() / f"official-{versions.PULUMI}" / "bin" / "pulumi"
    assert (found.plugin.parent, found.built) == (folder, False)
    assert engine.locate() == found


def test_failing_installer_is_told_and_passed_over(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    """The installer's last words reach the person, and the engine is built."""
    machine.go()
    installer = machine.tool("install.sh", "echo no space left >&2; exit 1", machine.root / "away")
    monkeypatch.setattr(official, "INSTALLER", installer.as_uri())
    assert engine.ensure(lines.append).built
    assert "The official installer failed: no space left" in lines


def test_engine_is_built_once(machine: Machine) -> None:
    """All files lie where the engine looks for them, and the second setup does nothing."""
    machine.go()
    made = engine.ensure()
    calls = machine.go_calls
    assert {file.name for file in made.bin.iterdir()} == {
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-resource-pulumi-python",
    }
    assert made.plugin == made.home / PLUGIN_FOLDER / "pulumi-resource-openstack"
    assert os.access(made.plugin, os.X_OK)
    assert engine.ensure() == made
    assert machine.go_calls == calls


def test_built_engine_brings_its_environment(machine: Machine) -> None:
    """It has a home of its own and fetches nothing; being on PATH does not make it an official one."""
    machine.go()
    made = engine.ensure()
    variables = engine.environment()
    assert variables["PATH"].startswith(f"{made.bin}:{machine.bin}:")
    assert variables["PULUMI_HOME"] == str(made.home)
    assert variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        assert engine.locate() == made
        assert engine.environment() == variables


def test_failed_build_keeps_what_was_built(machine: Machine, lines: list[str]) -> None:
    """A setup after a failure builds only what is missing, and nothing half-made stays behind."""
    machine.go(check='case "$2" in *openstack*) echo "no such module" >&2; exit 1;; esac')
    with pytest.raises(engine.EngineError, match="no such module"):
        engine.ensure(lines.append)
    assert engine.locate() is None
    assert not list(cache.folder().glob("scratch-*"))
    machine.go()
    lines.clear()
    engine.ensure(lines.append)
    builds = [line for line in lines if line.startswith("Building")]
    assert builds == [f"Building pulumi-resource-openstack {versions.PULUMI_OPENSTACK} from Go modules."]


def test_remains_of_a_killed_setup_are_removed(machine: Machine) -> None:
    """A killed process cannot clean up after itself."""
    machine.go()
    remains = cache.folder() / "scratch-of-a-dead-one"
    remains.mkdir(parents=True)
    engine.ensure()
    assert not remains.exists()


def test_changed_sources_rebuild_their_part_only(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of a part covers its own sources and nothing else."""
    machine.go()
    before = engine.ensure()
    calls = len(machine.go_calls)
    sources = machine.root / "sources"
    shutil.copytree(Path(parts.__file__).parent, sources)
    with (sources / "openstack" / "main.go").open("a") as file:
        file.write("// changed\n")
    monkeypatch.setattr(parts, "_SOURCES", sources)
    assert engine.ensure() != before
    assert machine.go_calls[calls:] == ["env", "build"]


def test_second_setup_waits_for_the_first(machine: Machine, lines: list[str]) -> None:
    """The wait is told, and ends when the other process does."""
    machine.go()
    cache.folder().mkdir(parents=True)
    held = (cache.folder() / "lock").open("w")
    fcntl.flock(held, fcntl.LOCK_EX)

    def log(line: str) -> None:
        lines.append(line)
        held.close()

    engine.ensure(log)
    assert lines[0] == "Another process is setting up the engine: waiting for it."


def remove_go(machine: Machine) -> None:
    """Leave the machine without Go."""
    (machine.bin / "go").unlink(missing_ok=True)


def make_go_old(machine: Machine) -> None:
    """Give the machine a Go that is too old."""
    machine.go(version="1.4.1")


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [(remove_go, "needs Go, which is not on PATH"), (make_go_old, "needs a newer Go than 1.4.1")],
)
def test_go_that_cannot_build_is_told_in_one_line(
    machine: Machine, capsys: pytest.CaptureFixture[str], prepare: Callable[[Machine], None], reason: str
) -> None:
    """The line says what, why and how to mend it; the exit code is that of a wrong use."""
    prepare(machine)
    assert main(["setup"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line
    assert versions.GO_MINIMUM in line
    assert "python -m lab.engine setup" in line


@pytest.mark.usefixtures("machine")
def test_environment_without_an_engine_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing reaches the shell's eval."""
    assert main(["env"]) == 2
    output, error = capsys.readouterr()
    assert output == ""
    assert error == "There is no engine yet: run `python -m lab.engine setup`.\n"


def test_shell_evaluates_the_environment(machine: Machine) -> None:
    """The printed lines mean to a shell what the Python interface returns."""
    machine.go()
    engine.ensure()
    command = f'eval "$({shlex.quote(sys.executable)} -m lab.engine env)"; command -v pulumi; echo "$PULUMI_HOME"'
    root = Path(parts.__file__).parents[2]
    answer = subprocess.run(["/bin/sh", "-c", command], cwd=root, capture_output=True, text=True, check=True)
    expected = engine.ensure()
    assert answer.stdout.splitlines() == [str(expected.pulumi), str(expected.home)]
