"""Programs compiled from Go modules, each kept as soon as it is whole, so that an interrupted setup goes on."""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.engine.errors import EngineError
from lab.engine.golang import Go, build_error
from lab.kubernetes.modules import Module

Log = Callable[[str], object]

_LOOK_SECONDS = 1.0
_SILENCE_SECONDS = 30.0
_LONGEST_SECONDS = 3600
"""For one module: ten times what it takes on two cores."""

_STOP_SECONDS = 20
_NAMED = 3
"""Programs that a line names: more do not fit."""

_REMEDY = "see whether it waits for the network or for memory, then run it again; what was built is kept."


class Progress:
    """Counts programs, and says what happened and when; says so too when nothing happened for long."""

    def __init__(self, log: Log, total: int, done: int) -> None:
        """Start the clock."""
        self._log = log
        self._total = total
        self._done = done
        self._started = self._said = time.monotonic()

    def built(self, name: str, folder: str) -> None:
        """Say that one more program of a module is there."""
        self._done += 1
        self._say(f"Built {name} of {folder} ({self._done} of {self._total})")

    def waiting(self, names: list[str], folder: str) -> None:
        """Say what of a module is being built, if nothing was said for a while."""
        if time.monotonic() - self._said > _SILENCE_SECONDS:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            self._say(f"Building {', '.join(names[:_NAMED])}{more} of {folder} ({self._done} of {self._total} done)")

    def _say(self, what: str) -> None:
        self._said = time.monotonic()
        self._log(f"{what}: {self._said - self._started:.0f} s.")


@dataclass(frozen=True, slots=True)
class Job:
    """The programs of one module, and the folder that they go to."""

    module: Module
    results: Path

    def missing(self) -> list[str]:
        """Return the programs that have not been built."""
        return [name for name in self.module.names if not (self.results / name).exists()]


def build(jobs: Sequence[Job], go: Go, scratch: Path, log: Log) -> None:
    """Compile the programs that are missing."""
    count = sum(len(job.missing()) for job in jobs)
    if not count:
        return
    log(f"{count} programs of Kubernetes are built from Go modules, once: minutes on few cores.")
    go.caches.mkdir(exist_ok=True)
    for remains in go.caches.glob("go-build*"):
        shutil.rmtree(remains, ignore_errors=True)
    total = sum(len(job.module.names) for job in jobs)
    progress = Progress(log, total, done=total - count)
    for job in jobs:
        if job.missing():
            _compile(job, go, scratch / job.module.folder, progress)


def _compile(job: Job, go: Go, scratch: Path, progress: Progress) -> None:
    """Compile what a module lacks by one call, so that what its programs share is compiled once."""
    job.results.mkdir(parents=True, exist_ok=True)
    output, errors = scratch / "out", scratch / "errors"
    output.mkdir(parents=True)
    arguments = ["build", "-o", f"{output}/", *job.module.arguments(job.missing())]
    with errors.open("w") as stderr, _running(job.module, go, arguments, stderr.fileno()) as process:
        ended, latest = False, time.monotonic() + _LONGEST_SECONDS
        while not ended:
            ended = _ends(process)
            # Go moves a program here in one step after linking it: what has its name is whole.
            for name in job.missing():
                if (output / name).exists():
                    (output / name).rename(job.results / name)
                    progress.built(name, job.module.folder)
            progress.waiting(job.missing(), job.module.folder)
            if time.monotonic() > latest:
                raise EngineError(f"go build in {job.module.path} did not end within {_LONGEST_SECONDS} s: {_REMEDY}")
    if process.returncode != 0:
        raise build_error(job.module.path, arguments[:1], errors.read_text())


@contextmanager
def _running(module: Module, go: Go, arguments: list[str], stderr: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run Go, and stop it when the caller is stopped: interrupted, it removes what it left half-made."""
    process = subprocess.Popen(
        [go.command, *arguments], cwd=module.path, env=go.environment(), stdout=subprocess.DEVNULL, stderr=stderr
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ends(process: subprocess.Popen[bytes]) -> bool:
    """Wait a moment for the process's end."""
    try:
        process.wait(_LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True
