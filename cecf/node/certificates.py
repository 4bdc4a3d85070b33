"""Renews what kubeadm signed on this control plane, and restarts what has read it. Runs on the node, by a timer.

`certificates.py <days>`: when a certificate ends within so many days, all are made anew. Standard library only.

A component is restarted by a SIGTERM to its process: its container ends, and the kubelet starts another one. Nothing is
moved away that an interrupted run could forget to put back, and no other program is needed. What has to be restarted
follows from what is there: a process that is older than its certificates. So a run that was interrupted after the
renewal is taken up by the next.
"""

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

FACTS = Path("/etc/cecf/node.json")
KUBERNETES = Path("/etc/kubernetes")
PROC = Path("/proc")
CONFIG = ("--config", "/etc/cecf/kubeadm-init.yaml")

API_PORT = 6443

USERS: Mapping[str, tuple[int, Sequence[str]]] = {
    "kube-apiserver": (
        API_PORT,
        ("pki/apiserver.crt", "pki/apiserver-kubelet-client.crt", "pki/front-proxy-client.crt"),
    ),
    "kube-controller-manager": (10257, ("controller-manager.conf",)),
    "kube-scheduler": (10259, ("scheduler.conf",)),
}
"""Port and certificates of each component, in the order of their restarts. etcd is none of them: it reads its
certificates at each connection."""

PATIENCE = 300
"""Seconds that a component has to come back."""

URGENT_DAYS = 7
"""From so many days before the end on, the other control planes' being unwell is no reason to wait any more."""

DAY = 86400
"""Seconds."""


class NotRenewedError(Exception):
    """Something is in the way; the next run tries again."""


def say(text: str) -> None:
    """Tell the journal."""
    print(f"cecf-certificates: {text}", flush=True)  # noqa: T201 (standard output is the journal)


def main(arguments: Sequence[str]) -> int:
    """Renew and restart what is due."""
    try:
        renew(json.loads(FACTS.read_text()), int(arguments[0]))
    except (NotRenewedError, OSError, ValueError) as error:
        say(f"failed: {error}; tried again tomorrow, or: systemctl start cecf-certificates")
        return 1
    return 0


def renew(facts: Mapping[str, Any], days: int) -> None:
    """Have the certificates made anew if one ends within `days`, and restart what runs with older ones."""
    name, left = soonest()
    due = left < days * DAY
    if not due and not any(outdated(user) for user in USERS):
        say(f"nothing to do: {name} ends first, in {left // DAY} days")
        return
    if left > URGENT_DAYS * DAY and (unwell := [peer for peer in facts["peers"] if not ready(peer)]):
        raise NotRenewedError(f"the API server of {unwell[0]} is not ready, and two at once must not be away")
    if due:
        say(f"{name} ends in {left // DAY} days: making all certificates anew")
        kubeadm("renew", "all")
    for user, (port, _) in USERS.items():
        if outdated(user):
            restart(user, port, str(facts["address"]))


def soonest() -> tuple[str, int]:
    """Return which certificate ends first, and in how many seconds."""
    told = json.loads(kubeadm("check-expiration", "--output", "json"))
    ends = {
        each["name"]: int(each["residualTime"])
        for each in told["certificates"]
        if not each.get("missing") and not each.get("externallyManaged")
    }
    if not ends:
        raise NotRenewedError("kubeadm knows of no certificate on this node")
    name = min(ends, key=lambda each: ends[each])
    return name, ends[name]


def kubeadm(*verb: str) -> str:
    """Have kubeadm do something with certificates; by its file, so that no API is asked. Return its output."""
    command = ("kubeadm", "certs", *verb, *CONFIG)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
        raise NotRenewedError(f"{' '.join(command[:3])} ended with {done.returncode}: {words[0].strip()[:300]}")
    return done.stdout


# ------------------------------------------------------------------ restarts


def outdated(user: str) -> bool:
    """Tell whether a component runs that was started before one of its certificates was made."""
    files = [KUBERNETES / name for name in USERS[user][1]]
    made = max(file.stat().st_mtime for file in files)
    return any(started(process) < made for process in processes(user))


def restart(user: str, port: int, address: str) -> None:
    """End a component's process, and return once another one answers."""
    old = list(processes(user))
    say(f"restarting {user}")
    for process in old:
        os.kill(int(process.name), signal.SIGTERM)

    def back() -> bool:
        now = [process for process in processes(user) if process not in old]
        return bool(now) and not outdated(user) and (ready(address) if port == API_PORT else listens(port))

    wait(f"{user} to be back", back)


def processes(user: str) -> Iterator[Path]:
    """Yield the processes of a component of this node: those in the node's own network, so none of a pod's own."""
    network = (PROC / "self/ns/net").readlink()
    for process in PROC.iterdir():
        if not process.name.isdigit():
            continue
        try:
            program = (process / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
            here = Path(program).name == user and (process / "ns/net").readlink() == network
        except OSError:
            continue  # it has ended meanwhile, or is the kernel's own
        if here:
            yield process


def started(process: Path) -> float:
    """Return when a process was started, in seconds since 1970."""
    # What stands before the last bracket is the program's name, which may have anything in it.
    ticks = int((process / "stat").read_text().rpartition(")")[2].split()[19])
    lines = (PROC / "stat").read_text().splitlines()
    booted = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
    return booted + ticks / os.sysconf("SC_CLK_TCK")


def wait(what: str, done: Callable[[], bool]) -> None:
    """Return once `done` is true."""
    began = time.monotonic()
    while not _tried(done):
        if time.monotonic() - began > PATIENCE:
            raise NotRenewedError(f"waited {PATIENCE} s for {what}")
        time.sleep(2)


def _tried(done: Callable[[], bool]) -> bool:
    try:
        return done()
    except OSError:
        return False  # a process that ended while it was looked at


def ready(address: str) -> bool:
    """Tell whether the API server of a control plane says that it is ready, and shows a certificate that is right."""
    context = ssl.create_default_context(cafile=str(KUBERNETES / "pki/ca.crt"))
    try:
        with urllib.request.urlopen(f"https://{address}:{API_PORT}/readyz", timeout=10, context=context) as answer:
            return bool(answer.status == http.client.OK)
    except (OSError, http.client.HTTPException):
        return False


def listens(port: int) -> bool:
    """Tell whether something answers on a port of this node's own."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
