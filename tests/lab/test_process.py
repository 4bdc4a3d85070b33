"""Processes and their identity, with processes that do nothing."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from lab.openstack import process
from lab.openstack.process import Record

_SLEEP = "import time; time.sleep(60)"
_FAMILY = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {_SLEEP!r}]); {_SLEEP}"
_STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {_SLEEP}"

Start = Callable[[str], Record]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start Python code as a service; whatever is left of it ends with the test."""
    records = []

    def start(code: str) -> Record:
        output = tmp_path / "service.log"
        record = process.start((sys.executable, "-c", code), os.environ, cwd=tmp_path, output=output, fingerprint="f")
        records.append(record)
        return record

    yield start
    process.stop(records, grace=0)
    for record in records:
        os.waitpid(record.pid, 0)


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _runs(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def test_record_survives_its_file(start: Start, tmp_path: Path) -> None:
    """What is written is what is read."""
    record = start(_SLEEP)
    record.write(tmp_path / "run/service.json")
    assert Record.read(tmp_path / "run/service.json") == record


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_half_a_record_is_none(tmp_path: Path, text: str) -> None:
    """A machine that died while it wrote leaves no trap."""
    path = tmp_path / "service.json"
    path.write_text(text)
    assert Record.read(path) is None


def test_service_leads_a_session_of_its_own(start: Start) -> None:
    """The end of the command that started it is not the end of the service."""
    record = start(_SLEEP)
    assert os.getsid(record.pid) == record.pid != os.getsid(0)


def test_reused_number_is_another_process(start: Start) -> None:
    """A process with the same number and another birth is never signalled."""
    record = replace(start(_SLEEP), created=time.time() - 3600)
    assert record.process() is None
    assert record.session() == []
    process.stop([record], grace=1)
    assert psutil.pid_exists(record.pid)


def test_stop_ends_the_whole_session(start: Start) -> None:
    """Children of a service end with it."""
    record = start(_FAMILY)
    _until(lambda: len(record.session()) == 2)
    children = record.session()
    process.stop([record], grace=5)
    assert record.process() is None
    assert not any(_runs(child) for child in children)


def test_stop_uses_force_after_the_grace(start: Start, tmp_path: Path) -> None:
    """A service that does not listen does not stay."""
    record = start(_STUBBORN)
    _until(lambda: "deaf" in (tmp_path / "service.log").read_text())
    process.stop([record], grace=0.2)
    assert record.process() is None


def test_orphans_of_a_dead_leader_are_found(start: Start) -> None:
    """A leader that was killed leaves children that still hold its port."""
    record = start(_FAMILY)
    _until(lambda: len(record.session()) == 2)
    os.kill(record.pid, signal.SIGKILL)
    _until(lambda: record.process() is None)
    orphans = [child for child in record.session() if _runs(child)]
    assert len(orphans) == 1
    process.stop([record], grace=0)
    assert not any(_runs(orphan) for orphan in orphans)
