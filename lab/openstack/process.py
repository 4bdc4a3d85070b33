"""Processes that outlive the command which started them, known by more than their number."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

# The kernel's clock of a process's start and ours may differ by the rounding of the boot time.
# No pid comes round again within that.
_SAME_START = 2.0


@dataclass(frozen=True)
class Record:
    """What is known of a process: its number, when it began, and what it was started from."""

    pid: int
    created: float
    fingerprint: str

    @classmethod
    def read(cls, path: Path) -> Record | None:
        """Read a record; none when there is none, or only half of one."""
        try:
            return cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Keep the record."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self)) + "\n")

    def process(self) -> psutil.Process | None:
        """Return the process, unless it is gone or another one has its number now."""
        try:
            process = psutil.Process(self.pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return process if abs(process.create_time() - self.created) < _SAME_START else None
        except psutil.NoSuchProcess:
            return None

    def session(self) -> list[psutil.Process]:
        """Return every process of the service, also when its leader is dead."""
        if self.process() is None and psutil.pid_exists(self.pid) and not _is_zombie(self.pid):
            # The number is taken again, which the kernel does not allow while the session has members.
            return []
        return [process for process in psutil.process_iter() if _session_of(process) == self.pid]


def start(argv: Sequence[str], env: Mapping[str, str], *, cwd: Path, output: Path, fingerprint: str) -> Record:
    """Start a command in a session of its own."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("ab") as stream:
        process = subprocess.Popen(
            argv,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    # Nobody waits for it: let the interpreter forget that it is a child.
    process.returncode = 0
    return Record(process.pid, psutil.Process(process.pid).create_time(), fingerprint)


def stop(records: Iterable[Record], *, grace: float) -> None:
    """End services together: politely first, with force after the grace."""
    records = list(records)
    leaders = [process for record in records if (process := record.process())]
    if grace:
        _signal(leaders, signal.SIGTERM)
        _wait(leaders, grace)
    rest = [process for record in records for process in record.session()]
    _signal(rest, signal.SIGKILL)
    _wait(rest, 10)


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        # psutil compares the start time once more before it sends anything.
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _wait(processes: Iterable[psutil.Process], seconds: float) -> None:
    end = time.monotonic() + seconds
    while any(_runs(process) for process in processes) and time.monotonic() < end:
        time.sleep(0.05)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_zombie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _session_of(process: psutil.Process) -> int:
    try:
        return os.getsid(process.pid)
    except OSError:
        return -1
