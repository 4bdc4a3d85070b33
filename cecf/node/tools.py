"""What every step on a node uses: telling what goes on, running commands, waiting."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE = 3600
"""Seconds that a node waits for what others do: its disk to be attached, the API to answer, to be let in."""

REMIND = 30
"""Seconds between two lines that say that it still waits."""

CONSOLE = Path("/dev/console")

Facts = dict[str, Any]
"""What is in /etc/cecf/node.json."""


class NotYetError(Exception):
    """A step did not work; it may at the next attempt."""


class GivenUpError(Exception):
    """A step did not work, and no other attempt can."""


def note(step: str, text: str) -> str:
    """Tell the journal; return the line."""
    line = f"cecf-boot: {step}: {' '.join(text.split())}"
    print(line, flush=True)  # noqa: T201 (standard output is the journal)
    return line


def say(step: str, text: str) -> None:
    """Tell the journal and the console, where those who wait for this server look."""
    line = note(step, text)
    try:
        with CONSOLE.open("a") as console:
            console.write(f"{line}\r\n")
    except OSError:
        return


def run(*command: str, check: bool = True) -> str:
    """Run a command, its output to the journal; return the output. Raises `NotYetError` with its last words."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(f"$ {' '.join(command)}\n{done.stdout}", flush=True)  # noqa: T201
    if check and done.returncode:
        words = [line for line in done.stdout.splitlines() if line.strip()]
        told = [line for line in words if "error" in line.lower() or line.startswith(f"{command[0]}: ")]
        errors = [line for line in told if "stack trace" not in line]
        # kubeadm's checks say what is wrong before it says that something is.
        checks = [line for line in words if "[ERROR " in line]
        last = (checks or errors or words or ["it said nothing"])[-1]
        raise NotYetError(f"{command[0]} ended with {done.returncode}: {last.strip()[:300]}")
    return done.stdout


def start(service: str) -> None:
    """Start a service now and at every boot, with the configuration that is there now."""
    run("systemctl", "enable", service)
    try:
        run("systemctl", "restart", service)
    except NotYetError:
        said = run("journalctl", "--unit", service, "--output", "cat", "--lines", "30", "--no-pager", check=False)
        reasons = [line for line in said.splitlines() if "systemd" not in line and service in line]
        raise NotYetError(f"{service} does not start: {reasons[-1] if reasons else said[-300:]}") from None


def wait(step: str, what: str, ready: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Return once `ready` is true; say now and then what is waited for. Raises `NotYetError` after the `patience`."""
    began = said = time.monotonic()
    if ready():
        return
    say(step, f"waiting for {what}")
    while not ready():
        now = time.monotonic()
        if now - began > patience:
            raise NotYetError(f"waited {patience:.0f} s for {what}")
        if now - said > REMIND:
            said = now
            say(step, f"still waiting for {what} ({now - began:.0f} s)")
        time.sleep(2)
