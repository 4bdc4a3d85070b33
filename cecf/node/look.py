"""Tells what runs on this node. Changes nothing.

usage: python3 look.py QUESTIONS

QUESTIONS is JSON: a list of lists, each with a source and what to look at there. The answer is JSON, too: for
each question in its turn `{"text": ...}`, as the source has it, or `{"fault": ...}`, why it has nothing to tell.
"""

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

TIMEOUT = 10
"""Seconds for each answer."""

PROC = Path("/proc")
MODULES = Path("/lib/modules")
KEYS = Path("/etc/kubernetes/pki")
ETCD_KEYS = Path("/etc/cecf/etcd")
CONTAINERD_CONFIG = Path("/etc/containerd/config.toml")
HAPROXY = "/run/haproxy-master.sock"

CONFIGZ = {
    "kube-proxy": "http://127.0.0.1:10249/configz",
    "kube-scheduler": "https://127.0.0.1:10259/configz",
}

TRACES = {
    "br_netfilter": "sys/net/bridge",
    "ip_vs": "sys/net/ipv4/vs",
    "nf_conntrack": "sys/net/netfilter/nf_conntrack_max",
}
"""What modules leave in /proc, however they got into the kernel."""


class UntoldError(Exception):
    """A source has nothing to tell."""


def sysctl(name: str) -> str:
    """Return a value of the kernel's."""
    return PROC.joinpath("sys", *name.split(".")).read_text()


def unit(name: str, *properties: str) -> str:
    """Return properties of one of systemd's units, a line each."""
    return _run("systemctl", "show", f"--property={','.join(properties)}", name)


def module(name: str) -> str:
    """Return whether a module is in the kernel, loaded or built in: `yes` or `no`."""
    if name in (PROC / "filesystems").read_text().split() or (name in TRACES and (PROC / TRACES[name]).exists()):
        return "yes"
    loaded, index = PROC / "modules", MODULES / os.uname().release / "modules.builtin"
    if name not in TRACES and not loaded.exists():
        raise UntoldError(f"this kernel loads no modules, and {name} leaves no trace by which to tell")
    names = [line.split()[0] for line in loaded.read_text().splitlines()] if loaded.exists() else []
    names += [Path(line).stem for line in index.read_text().split()] if index.exists() else []
    return "yes" if name.replace("-", "_") in {each.replace("-", "_") for each in names} else "no"


def flags(program: str) -> str:
    """Return the words of a program's command line, as JSON."""
    return json.dumps(_words(_process(program)))


def configz(component: str) -> str:
    """Return the configuration that a component says of itself to have."""
    url = CONFIGZ[component]
    # It is this node, by a certificate that nobody has signed; the component wants to know who asks.
    context = ssl._create_unverified_context()  # noqa: S323, SLF001
    if url.startswith("https:"):
        context.load_cert_chain(KEYS / "apiserver-kubelet-client.crt", KEYS / "apiserver-kubelet-client.key")
    with urllib.request.urlopen(url, timeout=TIMEOUT, context=context) as answer:  # noqa: S310 (see above)
        return str(answer.read().decode())


def containerd() -> str:
    """Return containerd's configuration, defaults included: of the file that it has read, while that is the same."""
    if CONTAINERD_CONFIG.stat().st_mtime > _born(_process("containerd")):
        raise UntoldError(f"{CONTAINERD_CONFIG} has changed since containerd read it")
    return _run("containerd", "config", "dump")


def haproxy() -> str:
    """Return what haproxy's worker says of itself."""
    with socket.socket(socket.AF_UNIX) as master:
        master.settimeout(TIMEOUT)
        master.connect(HAPROXY)
        master.sendall(b"@1 show info\n")
        # It answers one command only to somebody who has no other.
        master.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: master.recv(65536), b"")).decode()


def etcd() -> str:
    """Return what this node's member says of itself, as JSON."""
    credential = (f"--cacert={ETCD_KEYS}/ca.crt", f"--cert={ETCD_KEYS}/peer.crt", f"--key={ETCD_KEYS}/peer.key")
    return _run("etcdctl", *credential, "endpoint", "status", "--write-out=json")


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode:
        raise UntoldError(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout


def _process(program: str) -> Path:
    """Return the process of a program of the node's own: others may run one by this name in a pod with its network."""
    own = (PROC / "1/ns/net").readlink()
    found = [process for process in PROC.glob("[0-9]*") if _is(process, program, own)]
    if not found:
        raise UntoldError(f"no {program} runs here")
    return min(found, key=_born)


def _is(process: Path, program: str, network: Path) -> bool:
    try:
        words = _words(process)
        return bool(words) and Path(words[0]).name == program and (process / "ns/net").readlink() == network
    except OSError:
        # It has ended meanwhile.
        return False


def _words(process: Path) -> list[str]:
    return (process / "cmdline").read_text().split("\0")[:-1]


def _born(process: Path) -> float:
    """Return when a process began, in seconds since 1970."""
    ticks = int((process / "stat").read_text().rpartition(")")[2].split()[19])
    booted = next(line.split()[1] for line in (PROC / "stat").read_text().splitlines() if line.startswith("btime "))
    return int(booted) + ticks / os.sysconf("SC_CLK_TCK")


SOURCES: dict[str, Callable[..., str]] = {
    source.__name__: source for source in (sysctl, unit, module, flags, configz, containerd, haproxy, etcd)
}


def main() -> int:
    """Answer every question."""
    print(json.dumps([_answer(*question) for question in json.loads(sys.argv[1])]))  # noqa: T201
    return 0


def _answer(source: str, *about: str) -> dict[str, str]:
    try:
        return {"text": SOURCES[source](*about)}
    except (UntoldError, OSError, ValueError, subprocess.SubprocessError, http.client.HTTPException) as error:
        return {"fault": str(error)}


if __name__ == "__main__":
    sys.exit(main())
