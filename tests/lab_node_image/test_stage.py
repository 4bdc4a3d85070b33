"""A mounted disk leaves nothing behind, however its command ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab.node_image import stage
from lab.openstack.shell import LabError, run

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="mounting a disk needs root"),
]

WAIT = 20
"""Seconds for the kernel to take the namespaces of a killed command away."""

KILLED = """
import sys
from pathlib import Path
from lab.node_image import stage
stage.on_disk(Path(sys.argv[1]), "sh", "-c", 'touch "$1"; sleep 60', "sh", sys.argv[2])
"""


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """Give a small disk with an empty file system."""
    made = tmp_path / "disk.raw"
    with made.open("wb") as file:
        file.truncate(2**23)
    run(["mkfs.ext4", "-q", made])
    return made


def loops(disk: Path) -> str:
    """Return the loop devices of a disk, one a line."""
    return run(["losetup", "--associated", disk])


def within(seconds: float, disk: Path) -> bool:
    """Tell whether the disk has no loop device any more before the time is up."""
    end = time.monotonic() + seconds
    while loops(disk) and time.monotonic() < end:
        time.sleep(0.2)
    return not loops(disk)


def test_what_a_command_writes_stays_and_the_mount_does_not(disk: Path) -> None:
    root = stage.mount_point(disk)
    stage.on_disk(disk, "sh", "-c", f"echo kept > {root}/file")
    assert not root.exists()
    assert within(WAIT, disk)
    assert run(["debugfs", "-R", "cat /file", disk]).endswith("kept\n")


def test_a_daemon_that_a_command_leaves_ends_with_it(disk: Path) -> None:
    root = stage.mount_point(disk)
    stage.on_disk(disk, "sh", "-c", f"cd {root} && sleep 60 & echo $! > /dev/null")
    assert within(WAIT, disk)


def test_a_failed_command_says_why_and_leaves_nothing(disk: Path) -> None:
    with pytest.raises(LabError, match="no such luck"):
        stage.on_disk(disk, "sh", "-c", "echo no such luck; exit 3")
    assert within(WAIT, disk)


def test_when_the_setup_is_killed_the_kernel_takes_all_away(disk: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    with subprocess.Popen([sys.executable, "-c", KILLED, disk, begun]) as process:
        end = time.monotonic() + WAIT
        while not begun.exists() and time.monotonic() < end:
            time.sleep(0.1)
        assert loops(disk)
        process.send_signal(signal.SIGKILL)
    assert within(WAIT, disk)
