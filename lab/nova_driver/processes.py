"""The processes of a machine: the launcher, which supervises, and the machine's own first process."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
from dataclasses import asdict, dataclass
from pathlib import Path

_START_TIME = 19
"""Its place in /proc/PID/stat behind the name, which may hold anything."""


@dataclass(frozen=True)
class Launcher:
    """A process, known by its number and its birth."""

    pid: int
    born: int

    @classmethod
    def of(cls, pid: int) -> Launcher:
        """Describe a process that has just been started."""
        return cls(pid, _born(pid) or 0)

    @classmethod
    def read(cls, path: Path) -> Launcher | None:
        """Read a record; none when there is none, or only half of one."""
        try:
            return cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Keep the record."""
        path.write_text(json.dumps(asdict(self)) + "\n")

    def lives(self) -> bool:
        """Tell whether it still runs, and not another process of its number."""
        return _born(self.pid) == self.born

    def first_process(self) -> int | None:
        """Find the machine's PID 1 as seen from here: the launcher's shell, the container manager, then it."""
        if not self.lives():
            return None
        managers = _children(self.pid)
        inside = [child for manager in managers for child in _children(manager)]
        return next((pid for pid in inside if _is_first(pid)), None)

    def family(self) -> list[int]:
        """List the launcher and what it runs outside of the machine, as long as it lives."""
        return [*_children(self.pid), self.pid] if self.lives() else []

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it has ended, at most so long; say whether it has."""
        try:
            handle = os.pidfd_open(self.pid)
        except OSError:
            return True
        try:
            if not self.lives():
                return True
            poll = select.poll()
            poll.register(handle, select.POLLIN)
            ended = bool(poll.poll(None if seconds is None else seconds * 1000))
        finally:
            os.close(handle)
        if ended:
            # Its parent may be this process, or one that has ended since.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, os.WNOHANG)
        return ended


def send(pid: int, number: int) -> None:
    """Signal a process; one that is gone is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def kill(pid: int) -> None:
    """End a process at once."""
    send(pid, signal.SIGKILL)


def _born(pid: int) -> int | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[_START_TIME])


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _is_first(pid: int) -> bool:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return False
    numbers = next((line.split()[1:] for line in lines if line.startswith("NSpid:")), [])
    return len(numbers) > 1 and numbers[-1] == "1"
