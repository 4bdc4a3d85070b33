"""The program that tells what runs on a node, on a node that is a folder with servers of a test's own."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from cecf.node import look
from tests.helpers import clusters
from tests.helpers.node_program import Commands
from tests.helpers.tls_server import Request, api_server, serving

BOOTED = 1_000_000
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Node:
    """A node: its /proc, its other files, its commands."""

    root: Path
    commands: Commands
    capsys: pytest.CaptureFixture[str]

    def put(self, name: str, text: str = "") -> Path:
        """Write a file."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def process(self, number: int, *words: str, after: int = 60, network: str = "net:[1]") -> None:
        """Have a process, begun so many seconds after the boot."""
        self.put(f"proc/{number}/cmdline", "".join(f"{word}\0" for word in words))
        fields = ["S", *["0"] * 18, str(after * TICKS), "0"]
        self.put(f"proc/{number}/stat", f"{number} (a name) with) {' '.join(fields)}")
        (self.root / f"proc/{number}/ns").mkdir()
        (self.root / f"proc/{number}/ns/net").symlink_to(network)

    def ask(self, monkeypatch: pytest.MonkeyPatch, *questions: list[str]) -> list[dict[str, str]]:
        """Return what the program says."""
        monkeypatch.setattr(sys, "argv", ["-c", json.dumps(questions)])
        assert look.main() == 0
        answers: list[dict[str, str]] = json.loads(self.capsys.readouterr().out)
        return answers


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Node:
    """Return a node with nothing but a first process."""
    made = Node(tmp_path, Commands(), capsys)
    monkeypatch.setattr(look, "PROC", tmp_path / "proc")
    monkeypatch.setattr(look, "MODULES", tmp_path / "modules")
    monkeypatch.setattr(look, "KEYS", tmp_path / "keys")
    monkeypatch.setattr(look, "CONTAINERD_CONFIG", tmp_path / "config.toml")
    monkeypatch.setattr(look, "HAPROXY", str(tmp_path / "haproxy.sock"))
    processes = {"run": made.commands.run, "SubprocessError": subprocess.SubprocessError}
    monkeypatch.setattr(look, "subprocess", SimpleNamespace(**processes))
    made.put("proc/stat", f"cpu 1 2 3\nbtime {BOOTED}\n")
    made.put("proc/filesystems", "nodev\tproc\n\text4\nnodev\toverlay\n")
    made.process(1, "/sbin/init", after=0)
    return made


def test_each_question_has_its_answer_and_one_without_does_not_take_the_others_along(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.put("proc/sys/vm/swappiness", "0\n")
    good, bad = node.ask(monkeypatch, ["sysctl", "vm.swappiness"], ["sysctl", "vm.nothing"])
    assert good == {"text": "0\n"}
    assert "No such file" in bad["fault"]


def test_a_unit_is_asked_of_systemd(node: Node) -> None:
    node.commands.end("systemctl", then=(0, "LimitNOFILE=5\n", ""))
    assert look.unit("kubelet.service", "NeedDaemonReload", "LimitNOFILE") == "LimitNOFILE=5\n"
    assert node.commands.log == [("systemctl", "show", "--property=NeedDaemonReload,LimitNOFILE", "kubelet.service")]


def test_a_command_that_fails_is_told_with_its_words(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.commands.end("etcdctl", then=(1, "", "a warning\ncontext deadline exceeded\n"))
    (answer,) = node.ask(monkeypatch, ["etcd"])
    assert answer == {"fault": "etcdctl ended with 1: a warning\ncontext deadline exceeded"}


@pytest.mark.parametrize("name", ["nf_conntrack", "overlay", "br-netfilter", "dm_mod"])
def test_a_module_is_loaded_or_built_in_or_seen_by_its_traces(node: Node, name: str) -> None:
    node.put("proc/modules", "nf_conntrack 1 2 - Live 0x0\nbr_netfilter 3 4 - Live 0x0\n")
    node.put(f"modules/{os.uname().release}/modules.builtin", "kernel/drivers/md/dm-mod.ko\n")
    assert look.module(name) == "yes"


@pytest.mark.parametrize(("name", "trace"), look.TRACES.items())
def test_a_kernel_without_modules_shows_by_its_files_what_it_has(node: Node, name: str, trace: str) -> None:
    assert look.module(name) == "no"
    node.put(f"proc/{trace}")
    assert look.module(name) == "yes"


def test_a_kernel_with_modules_says_what_it_has_not(node: Node) -> None:
    node.put("proc/modules", "nf_conntrack 1 2 - Live 0x0\n")
    assert look.module("ip_vs_rr") == "no"


@pytest.mark.usefixtures("node")
def test_what_leaves_no_trace_in_a_kernel_without_modules_is_not_guessed() -> None:
    with pytest.raises(look.UntoldError, match="ip_vs_rr leaves no trace"):
        look.module("ip_vs_rr")


def test_the_words_of_a_process_are_told(node: Node) -> None:
    node.process(7, "/usr/local/bin/etcd", "--name=a", "--quota-backend-bytes=4294967296")
    assert json.loads(look.flags("etcd")) == [
        "/usr/local/bin/etcd",
        "--name=a",
        "--quota-backend-bytes=4294967296",
    ]


def test_a_process_of_the_same_name_in_a_pod_is_another(node: Node) -> None:
    node.process(7, "etcd", "--name=of-a-pod", after=30, network="net:[2]")
    node.process(8, "etcd", "--name=own", after=60)
    node.process(9, "etcd", "--name=later", after=90)
    assert json.loads(look.flags("etcd"))[1] == "--name=own"


def test_a_process_that_ends_meanwhile_and_the_kernel_s_own_are_passed_over(node: Node) -> None:
    node.put("proc/7/cmdline")
    (node.root / "proc/8").mkdir()
    node.process(9, "etcd")
    assert json.loads(look.flags("etcd")) == ["etcd"]


@pytest.mark.usefixtures("node")
def test_that_nothing_runs_is_said() -> None:
    with pytest.raises(look.UntoldError, match="no etcd runs here"):
        look.flags("etcd")


@pytest.mark.parametrize(("changed", "told"), [(BOOTED + 59, True), (BOOTED + 61, False)])
def test_a_file_that_is_newer_than_containerd_does_not_tell_what_containerd_has(
    node: Node, changed: int, *, told: bool
) -> None:
    node.commands.end("containerd", "config", "dump", then=(0, "oom_score = -999\n", ""))
    node.process(7, "/usr/bin/containerd", after=60)
    os.utime(node.put("config.toml"), (changed, changed))
    if told:
        assert look.containerd() == "oom_score = -999\n"
    else:
        with pytest.raises(look.UntoldError, match="has changed since containerd read it"):
            look.containerd()


@contextmanager
def master(path: str, answers: Mapping[bytes, bytes]) -> Iterator[None]:
    """Answer once at a socket, to somebody who has said everything, as haproxy's master does."""

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(answers[b"".join(iter(lambda: connection.recv(1024), b""))])

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def test_haproxy_is_asked_at_its_master_s_socket(node: Node) -> None:
    with master(str(node.root / "haproxy.sock"), {b"@1 show info\n": b"Name: HAProxy\nMaxconn: 8000\n"}):
        assert look.haproxy() == "Name: HAProxy\nMaxconn: 8000\n"


def test_the_scheduler_is_asked_with_the_certificate_that_it_wants(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    pki, clients = clusters.pki(), list[str]()
    node.put("keys/apiserver-kubelet-client.crt", clusters.admin(pki).certificate)
    node.put("keys/apiserver-kubelet-client.key", clusters.admin(pki).key)

    def answer(request: Request) -> tuple[int, bytes]:
        clients.append(request.client)
        return (200, b"{}") if request.path == "/configz" else (404, b"")

    with serving(api_server(pki, node.root), answer) as port:
        monkeypatch.setitem(look.CONFIGZ, "kube-scheduler", f"https://127.0.0.1:{port}/configz")
        monkeypatch.setitem(look.CONFIGZ, "kube-proxy", f"https://127.0.0.1:{port}/elsewhere")
        good, bad = node.ask(monkeypatch, ["configz", "kube-scheduler"], ["configz", "kube-proxy"])
    assert (good, clients[0]) == ({"text": "{}"}, "dev-admin")
    assert "404" in bad["fault"]
