"""Files as block devices."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from lab.nova_driver.commands import run
from lab.nova_driver.model import MachineError

_FREE_WITHIN = 30.0


def attach(file: Path) -> Path:
    """Return the file's block device, made if there is none: all who share a file have to share it."""
    if known := devices(file):
        if not _goes_away(known[0]):
            return known[0]
        wait_until_free(file)
    device = Path(run("losetup", "--find", "--show", file).strip())
    _forget_flushes(device)
    return device


def devices(file: Path) -> list[Path]:
    """List the block devices of a file."""
    return [Path(line.partition(":")[0]) for line in run("losetup", "--associated", file).splitlines()]


def detach(file: Path) -> None:
    """Give the file's block device back; one in use goes with its last user."""
    for device in devices(file) if file.exists() else ():
        run("losetup", "--detach", device, may_fail=True)


def wait_until_free(file: Path) -> None:
    """Wait until a file is no block device any more.

    A dead machine's file systems are unmounted some time after its last process has ended, and two devices on
    one file would spoil it.
    """
    end = time.monotonic() + _FREE_WITHIN
    while known := devices(file):
        if time.monotonic() > end:
            raise MachineError(f"{file} is still in use as {known[0]} after {_FREE_WITHIN:.0f} s")
        time.sleep(0.02)


def grow(file: Path) -> None:
    """Have the block device see the file's new size."""
    for device in devices(file):
        run("losetup", "--set-capacity", device)


def below(folder: Path) -> list[Path]:
    """List the files in a folder that are block devices now."""
    listed = run("losetup", "--list", "--json", "--output", "BACK-FILE")
    files = [Path(each["back-file"]) for each in json.loads(listed)["loopdevices"]] if listed else []
    return [file for file in files if file.is_relative_to(folder)]


def number(device: Path) -> tuple[int, int]:
    """Major and minor number of a device."""
    found = device.stat().st_rdev
    return os.major(found), os.minor(found)


def _goes_away(device: Path) -> bool:
    # The flag that it has when it was detached while in use.
    flag = Path(f"/sys/block/{device.name}/loop/autoclear")
    return flag.exists() and flag.read_text().strip() == "1"


def _forget_flushes(device: Path) -> None:
    """Let nothing wait for the real disk: what is written outlives any process, but not the power of this machine."""
    try:
        Path(f"/sys/block/{device.name}/queue/write_cache").write_text("write through")
    except OSError as error:
        raise MachineError(f"{device} cannot be set up: {error}") from error
