"""How the lab comes by Kubernetes, tried on machines whose Go and Debian are scripts of a few lines."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from cecf import versions
from lab import kubernetes
from lab.engine.errors import EngineError
from lab.kubernetes import compiling
from lab.kubernetes.__main__ import main
from lab.kubernetes.images import before, references
from lab.kubernetes.modules import modules

MODULES = {module.folder: module for release in versions.LAB_RELEASES for module in modules(release)}
TOTAL = sum(len(module.programs) for module in MODULES.values())

FAKE_GO = """
echo "$1" >> {root}/go.log
[ "$1" != env ] || {{ echo go{version}; exit; }}
while [ "$1" != -o ]; do shift; done
shift; folder=$1; shift
while [ "$1" != -ldflags ]; do shift; done
shift; shift
for package; do
    name=$(basename "$(echo "$package" | sed 's:/v[0-9]*$::')")
    {check}
    echo "$package" > "$folder/.part"
    mv "$folder/.part" "$folder/$name"
done
"""

FAKE_APT = """
echo "$1" >> {root}/apt.log
[ "$1" = download ] || exit 0
[ ! -e {root}/stale ] || {{ rm {root}/stale; echo "404 Not Found" >&2; exit 100; }}
cp {root}/tool.deb .
"""


@dataclass
class Machine:
    """A machine with nothing on PATH but the system's own tools and what a test puts there."""

    root: Path

    @property
    def cache(self) -> Path:
        """The lab's part of the cache."""
        return self.root / "cache" / "kubernetes"

    def calls(self, tool: str) -> list[str]:
        """Return the verbs that a tool was called with, in order."""
        log = self.root / f"{tool}.log"
        return log.read_text().split() if log.exists() else []

    def tool(self, name: str, script: str) -> None:
        """Put a script on PATH."""
        path = self.root / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def go(self, version: str = "99.0", check: str = ":") -> None:
        """Put a Go there that compiles a package to a file with its name, if ``check`` lets it."""
        self.tool("go", FAKE_GO.format(root=self.root, version=version, check=check))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a machine that can build, and has not yet."""
    made = Machine(tmp_path)
    (tmp_path / "bin").mkdir()
    made.go()
    made.tool("apt-cache", "echo tool; echo '  Depends: other'; echo '<virtual>'")
    made.tool("apt-get", FAKE_APT.format(root=tmp_path))
    made.tool("dpkg-deb", f"exec tar -C {tmp_path}/package -c .")
    (tmp_path / "package" / "bin").mkdir(parents=True)
    (tmp_path / "package" / "bin" / "busybox").write_text("busybox")
    (tmp_path / "tool.deb").touch()
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("CECF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(compiling, "_LOOK_SECONDS", 0.05)
    return made


@pytest.fixture
def lines() -> list[str]:
    """Collect what a setup says."""
    return []


def test_all_is_built_once(machine: Machine) -> None:
    releases = kubernetes.ensure()
    assert tuple(releases) == versions.LAB_RELEASES
    for release, made in releases.items():
        older = before(release)
        named = [*references(release), *([f"kube-proxy-{older.minor}"] if older else [])]
        assert {file.name for file in made.images.iterdir()} == {f"{name}.tar" for name in named}
        assert (made.bin / "kubectl").read_text() == "k8s.io/kubernetes/cmd/kubectl\n"
        assert (made.bin / "etcdctl").read_text() == "go.etcd.io/etcd/etcdctl/v3\n"
        assert (made.cni / "flannel").exists()
        assert not (made.bin / "coredns").exists()
        assert (made.root, made.key) == (machine.cache / made.key, made.root.name)
        assert kubernetes.locate(release) == made
    builds = machine.calls("go").count("build")
    assert builds == len(MODULES)
    assert kubernetes.ensure() == releases
    assert kubernetes.locate() == releases[versions.DEFAULT]
    assert machine.calls("go").count("build") == builds


def test_a_release_that_is_missing_is_made_without_touching_the_others(machine: Machine) -> None:
    kept, gone = kubernetes.ensure().values()
    shutil.rmtree(gone.root)
    before = kept.root.stat().st_mtime_ns
    assert list(kubernetes.ensure().values()) == [kept, gone]
    assert kept.root.stat().st_mtime_ns == before
    assert gone.bin.is_dir()
    assert machine.calls("go").count("build") == len(MODULES)


def test_nothing_but_the_results_stays(machine: Machine) -> None:
    made = {each.key for each in kubernetes.ensure().values()}
    assert {path.name for path in machine.cache.iterdir()} == {"lock", "programs", *made}


@pytest.mark.usefixtures("machine")
def test_progress_is_counted(lines: list[str]) -> None:
    kubernetes.ensure(lines.append)
    built = [line for line in lines if line.startswith("Built ")]
    assert len(built) == TOTAL
    assert f"({TOTAL} of {TOTAL})" in built[-1]
    assert lines[0].startswith(f"{TOTAL} programs ")
    releases = " and ".join(release.kubernetes for release in versions.LAB_RELEASES)
    assert lines[-1].startswith(f"Kubernetes {releases} is ready after ")


def test_a_long_silence_is_broken(machine: Machine, lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    machine.go(check="sleep 0.3")
    monkeypatch.setattr(compiling, "_SILENCE_SECONDS", 0.1)
    kubernetes.ensure(lines.append)
    assert any(line.startswith("Building kube-apiserver, ") and f"(0 of {TOTAL} done)" in line for line in lines)


def test_a_failed_build_keeps_what_was_built(machine: Machine, lines: list[str]) -> None:
    machine.go(check='[ "$name" != kwok ] || { echo "no such module" >&2; exit 1; }')
    with pytest.raises(EngineError, match="no such module"):
        kubernetes.ensure(lines.append)
    assert kubernetes.locate() is None
    assert not list(machine.cache.glob("scratch-*"))
    before = sum(line.startswith("Built ") for line in lines)
    assert before > 10
    machine.go()
    lines.clear()
    kubernetes.ensure(lines.append)
    assert lines[0].startswith(f"{TOTAL - before} programs ")
    assert lines[1].startswith(("Built kwok ", f"Built metrics-server ({before + 1} of"))


def test_a_build_without_end_is_given_up(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.go(check="exec sleep 30")
    monkeypatch.setattr(compiling, "_LONGEST_SECONDS", 0.2)
    monkeypatch.setattr(compiling, "_STOP_SECONDS", 0.2)
    started = time.monotonic()
    with pytest.raises(EngineError, match=r"did not end within 0\.2 s"):
        kubernetes.ensure()
    assert time.monotonic() - started < 10


def test_a_setup_that_is_told_to_stop_takes_go_with_it(machine: Machine) -> None:
    machine.go(check=f'echo $$ > {machine.root}/pid; [ "$name" != kubelet ] || exec sleep 30')
    command = [sys.executable, "-m", "lab.kubernetes", "setup"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout
        next(line for line in process.stdout if line.startswith("Built kubeadm of kube/1.34 "))
        process.send_signal(signal.SIGTERM)
        # Where an interrupt is ignored, as in a background job, Go is killed after twenty seconds instead.
        assert process.wait(60) == 143
    with pytest.raises(ProcessLookupError):
        os.kill(int((machine.root / "pid").read_text()), 0)
    machine.go()
    lines: list[str] = []
    kubernetes.ensure(lines.append)
    assert not any("Built kubeadm of kube/1.34 " in line for line in lines)


def test_stale_lists_of_packages_are_renewed(machine: Machine) -> None:
    (machine.root / "stale").touch()
    kubernetes.ensure()
    assert machine.calls("apt") == ["download", "update", "download"]


def test_packages_that_cannot_be_had_are_told(machine: Machine) -> None:
    machine.tool("apt-get", "echo 'E: no network' >&2; exit 100")
    with pytest.raises(EngineError, match="apt-get update failed: E: no network"):
        kubernetes.ensure()


def test_a_machine_without_debians_tools_is_told(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (machine.root / "bin" / "apt-cache").unlink()
    for tool in ("basename", "sed", "mv"):
        (machine.root / "bin" / tool).symlink_to(f"/usr/bin/{tool}")
    monkeypatch.setenv("PATH", f"{machine.root}/bin")
    assert main(["setup"]) == 2
    assert "apt-cache is not on PATH" in capsys.readouterr().err


@pytest.mark.parametrize("version", ["", "1.4.1"])
def test_a_go_that_cannot_build_is_told_in_one_line(
    machine: Machine, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.go(version)
    if not version:
        (machine.root / "bin" / "go").unlink()
    assert main(["setup"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert ("needs a newer Go than 1.4.1" if version else "needs Go, which is not on PATH") in line
    assert versions.KUBERNETES_GO_MINIMUM in line
    assert "python -m lab.kubernetes setup" in line


def test_the_path_is_told_once_there_is_one(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["path"]) == 2
    assert capsys.readouterr().err == "There is no Kubernetes yet: run `python -m lab.kubernetes setup`.\n"
    assert main(["setup"]) == 0
    capsys.readouterr()
    assert main(["path"]) == 0
    made = kubernetes.ensure()[versions.DEFAULT]
    assert capsys.readouterr().out == f"{made.bin}\n"
    assert machine.cache in made.bin.parents
