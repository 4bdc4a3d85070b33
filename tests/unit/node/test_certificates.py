"""The renewal on control planes: when, in which order, never twice at once, and taken up where it was interrupted."""

import importlib.util
import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import cecf

PROGRAM = Path(cecf.__file__).parent / "node/certificates.py"

DAY = 86400
BOOTED = 1_000_000
"""When the machine booted, in seconds since 1970."""

USERS = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"]


@dataclass
class Node:
    """A control plane that is a folder: its processes, its certificates, and a kubeadm that renews them."""

    root: Path
    program: Any
    left: dict[str, int] = field(default_factory=lambda: {"apiserver": 300 * DAY, "scheduler.conf": 300 * DAY})
    now: float = BOOTED + 1000.0
    log: list[str] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    """Addresses whose API server is not ready."""
    stuck: set[str] = field(default_factory=set)
    """Components that do not come back."""

    def start(self, name: str, pid: int, *, network: str = "node") -> None:
        """Have a process be started now."""
        folder = self.root / f"proc/{pid}"
        (folder / "ns").mkdir(parents=True)
        (folder / "cmdline").write_bytes(f"{name}\0--flag\0".encode())
        (folder / "ns/net").symlink_to(network)
        ticks = int((self.now - BOOTED) * os.sysconf("SC_CLK_TCK"))
        (folder / "stat").write_text(f"{pid} (a name) with) S {' '.join(['0'] * 18)} {ticks} 0 0\n")

    def write_certificates(self) -> None:
        """Have every certificate be made now."""
        for _, files in self.program.USERS.values():
            for name in files:
                file = self.root / "kubernetes" / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
                os.utime(file, (self.now, self.now))

    def run(self, command: tuple[str, ...], **_: Any) -> SimpleNamespace:
        """Stand in for kubeadm."""
        assert command[-2:] == ("--config", "/etc/cecf/kubeadm-init.yaml")
        if command[:3] == ("kubeadm", "certs", "check-expiration"):
            told = [{"name": name, "residualTime": left} for name, left in self.left.items()]
            absent = {"name": "super-admin.conf", "residualTime": 0, "missing": True}
            return SimpleNamespace(returncode=0, stdout=json.dumps({"certificates": [*told, absent]}), stderr="")
        assert command[:4] == ("kubeadm", "certs", "renew", "all")
        self.log.append("renew")
        self.now += 1
        self.write_certificates()
        self.left = dict.fromkeys(self.left, 365 * DAY)
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    def kill(self, pid: int, how: int) -> None:
        """End a process; the kubelet starts another one."""
        assert how == signal.SIGTERM
        folder = self.root / f"proc/{pid}"
        name = (folder / "cmdline").read_bytes().split(b"\0")[0].decode()
        self.log.append(name)
        folder.rename(self.root / f"ended-{pid}")
        self.now += 5
        if name not in self.stuck:
            self.start(name, pid + 1000)

    def go(self, days: int = 90) -> int:
        """Run the program."""
        return int(self.program.main([str(days)]))


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    """Return a control plane that is well."""
    spec = importlib.util.spec_from_file_location("certificates", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    made = Node(tmp_path, program)
    for name, path in {"FACTS": "node.json", "KUBERNETES": "kubernetes", "PROC": "proc"}.items():
        monkeypatch.setattr(program, name, tmp_path / path)
    (tmp_path / "node.json").write_text(json.dumps({"address": "10.10.0.6", "peers": ["10.10.0.7", "10.10.0.8"]}))
    (tmp_path / "proc/self/ns").mkdir(parents=True)
    (tmp_path / "proc/self/ns/net").symlink_to("node")
    (tmp_path / "proc/stat").write_text(f"cpu 1 2 3\nbtime {BOOTED}\n")
    made.write_certificates()
    made.now += 60
    for pid, name in enumerate(USERS, start=10):
        made.start(name, pid)
    made.start("bash", 20)
    monkeypatch.setattr(program, "subprocess", SimpleNamespace(run=made.run))
    monkeypatch.setattr(program, "os", SimpleNamespace(kill=made.kill, sysconf=os.sysconf))
    monkeypatch.setattr(program, "ready", lambda address: address not in made.away)
    monkeypatch.setattr(program, "listens", lambda _: True)
    clock = iter(range(0, 10**6, 100))
    monkeypatch.setattr(program, "time", SimpleNamespace(monotonic=lambda: next(clock), sleep=lambda _: None))
    return made


def test_nothing_is_touched_before_the_window(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    node.left["scheduler.conf"] = 91 * DAY
    assert (node.go(), node.log) == (0, [])
    assert capsys.readouterr().out == "cecf-certificates: nothing to do: scheduler.conf ends first, in 91 days\n"


def test_within_the_window_all_are_renewed_and_each_component_restarted_in_turn(node: Node) -> None:
    node.left["scheduler.conf"] = 89 * DAY
    node.now += 100
    assert (node.go(), node.log) == (0, ["renew", *USERS])
    assert (node.go(), node.log) == (0, ["renew", *USERS])


def test_a_run_that_was_interrupted_after_the_renewal_is_taken_up(node: Node) -> None:
    node.now += 100
    node.write_certificates()
    node.now += 5
    node.kill(10, signal.SIGTERM)
    node.log.clear()
    assert (node.go(), node.log) == (0, USERS[1:])


def test_a_program_of_that_name_in_a_pod_is_left_alone(node: Node) -> None:
    node.start("kube-apiserver", 30, network="pod")
    node.left["apiserver"] = 0
    node.now += 100
    assert (node.go(), node.log) == (0, ["renew", *USERS])
    assert (node.root / "proc/30").exists()


def test_while_another_control_plane_is_unwell_this_one_waits(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    node.away, node.left["apiserver"] = {"10.10.0.8"}, 60 * DAY
    assert (node.go(), node.log) == (1, [])
    assert "the API server of 10.10.0.8 is not ready" in capsys.readouterr().out


def test_in_the_last_week_it_waits_for_nobody(node: Node) -> None:
    node.away, node.left["apiserver"] = {"10.10.0.8"}, 6 * DAY
    node.now += 100
    assert (node.go(), node.log) == (0, ["renew", *USERS])


def test_the_next_is_not_restarted_before_the_last_is_back(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    node.left["apiserver"], node.stuck = 0, {"kube-apiserver"}
    node.now += 100
    assert (node.go(), node.log) == (1, ["renew", "kube-apiserver"])
    assert "waited 300 s for kube-apiserver to be back; tried again tomorrow" in capsys.readouterr().out


def test_an_api_server_that_is_back_and_not_ready_is_not_back(node: Node) -> None:
    node.left["apiserver"], node.away = 0, {"10.10.0.6"}
    node.now += 100
    assert (node.go(), node.log) == (1, ["renew", "kube-apiserver"])


def test_what_kubeadm_says_of_its_failure_is_told(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    failed = SimpleNamespace(returncode=1, stdout="", stderr="error: no such file\nmore\n")
    node.program.subprocess = SimpleNamespace(run=lambda *_, **__: failed)
    assert node.go() == 1
    said = capsys.readouterr().out
    assert "failed: kubeadm certs check-expiration ended with 1: error: no such file; tried again" in said
