"""Processes that are known by more than their number."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from lab.nova_driver.processes import Launcher, kill


def test_a_record_survives_its_file(tmp_path: Path) -> None:
    launcher = Launcher.of(os.getpid())
    launcher.write(tmp_path / "launcher.json")
    assert Launcher.read(tmp_path / "launcher.json") == launcher
    assert launcher.lives()


def test_a_number_that_is_taken_again_is_another_process() -> None:
    assert not replace(Launcher.of(os.getpid()), born=1).lives()


def test_half_a_record_is_none(tmp_path: Path) -> None:
    (tmp_path / "launcher.json").write_text('{"pid": 1}')
    assert Launcher.read(tmp_path / "launcher.json") is None


def test_one_waits_for_the_end_and_leaves_no_zombie() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    launcher = Launcher.of(process.pid)
    assert not launcher.wait(0.01)
    kill(process.pid)
    assert launcher.wait(10)
    assert not launcher.lives()
    assert not Path(f"/proc/{process.pid}").exists()
    process.returncode = 0


def test_an_ordinary_process_is_no_machine() -> None:
    assert Launcher.of(os.getpid()).first_process() is None
