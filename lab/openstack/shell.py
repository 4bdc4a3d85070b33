"""Commands that are run to their end, and the lines that say so."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

Log = Callable[[str], None]

_TAIL = 3000


class LabError(Exception):
    """Something a person has to know or do; its text is the whole message."""


@contextmanager
def step(log: Log, what: str) -> Iterator[None]:
    """Say what is being done, then how long it took."""
    log(f"{what} ...")
    start = time.monotonic()
    yield
    log(f"{what}: {time.monotonic() - start:.1f} s")


def run(argv: Sequence[str | Path], *, env: Mapping[str, str] | None = None, record: Path | None = None) -> str:
    """Run a command and return what it printed; a failure carries the end of that."""
    command = [str(part) for part in argv]
    done = subprocess.run(
        command,
        env=env,
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # So that the lab's lock stays taken until the last command has ended (see `lock.exclusive`).
        close_fds=False,
    )
    if record:
        with record.open("a") as file:
            file.write(f"$ {' '.join(command)}\n{done.stdout}\n")
    if done.returncode:
        raise LabError(f"`{' '.join(command)}` failed with {done.returncode}:\n{done.stdout[-_TAIL:]}")
    return done.stdout
