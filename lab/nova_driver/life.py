"""A machine's life: switched on, asked to stop, cut off its power, and removed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lab.fabric import links
from lab.nova_driver import cgroups, loops, pool, shims
from lab.nova_driver.model import MachineError, Nic, Volume
from lab.nova_driver.places import Home, Places
from lab.nova_driver.processes import Launcher, kill, send

POWER_OFF = signal.SIGRTMIN + 4
"""Tells systemd to power the machine off, as the button of a machine does."""

_DIES_WITHIN = 10.0
_STARTS_WITHIN = 20.0
_LAST_WORDS = 600


def is_running(home: Home) -> bool:
    """Tell whether the machine runs."""
    launcher = Launcher.read(home.launcher)
    return launcher is not None and launcher.lives()


def first_process(home: Home) -> int:
    """Find the machine's PID 1, as it is called out here."""
    launcher = Launcher.read(home.launcher)
    found = launcher.first_process() if launcher else None
    if found is None:
        raise MachineError(f"the machine of server {home.uuid} does not run")
    return found


def wait(home: Home) -> None:
    """Wait until the machine has ended."""
    if launcher := Launcher.read(home.launcher):
        launcher.wait()


def start(places: Places, home: Home) -> None:
    """Switch the machine on; one that runs goes on running."""
    if is_running(home):
        return
    machine = home.read()
    clear(places, home)
    pool.ensure(places)
    if not places.disk(machine.uuid).exists():
        raise MachineError(f"the disk of server {machine.uuid} is gone: rebuild the server, or delete it")
    loops.wait_until_free(places.disk(machine.uuid))
    for nic in machine.nics:
        plug(places, nic)
    shims.write(home, machine)
    if home.console.exists():
        home.console.replace(home.console.with_suffix(".previous.log"))
    try:
        _launch(places, home)
    except MachineError:
        power_cut(places, home)
        raise


def ask_to_stop(home: Home, seconds: float, again_after: float) -> bool:
    """Press the power button, again from time to time, and wait; say whether the machine has stopped."""
    launcher = Launcher.read(home.launcher)
    end = time.monotonic() + seconds
    while launcher and launcher.lives() and time.monotonic() < end:
        if first := launcher.first_process():
            send(first, POWER_OFF)
        launcher.wait(min(again_after or seconds, max(end - time.monotonic(), 0)))
    return not is_running(home)


def power_cut(places: Places, home: Home) -> None:
    """End the machine as a power failure would, and give back what it had of this one."""
    crash(home)
    clear(places, home)


def crash(home: Home) -> None:
    """End the machine behind everybody's back.

    Its first process goes first: with that the kernel ends all that run in the machine, which would outlive nspawn.
    """
    launcher = Launcher.read(home.launcher)
    if not launcher:
        return
    # What stands still does not even die.
    cgroups.freeze(home.groups(), frozen=False)
    if first := launcher.first_process():
        kill(first)
        launcher.wait(_DIES_WITHIN)
    for pid in launcher.family():
        kill(pid)
    launcher.wait(_DIES_WITHIN)


def clear(places: Places, home: Home) -> None:
    """Take away what a dead machine has left: its mounts and its disk's device went with it."""
    machine = home.read()
    for nic in machine.nics:
        unplug(places, nic.port_id)
    cgroups.remove(home.groups())
    home.cgroups.unlink(missing_ok=True)
    home.launcher.unlink(missing_ok=True)
    for volume in machine.volumes:
        release_volume(places, home, volume)


def plug(places: Places, nic: Nic) -> None:
    """Lay a port's cable."""
    _patiently(lambda: links.plug(places.offset, nic.port_id, nic.network_id, nic.mtu))


def unplug(places: Places, port_id: str) -> None:
    """Take a port's cable away."""
    _patiently(lambda: links.unplug(places.offset, port_id))


def release_volume(places: Places, home: Home, volume: Volume) -> None:
    """Give a volume's block device back, unless another machine uses it too."""
    others = [other for other in places.homes() if other != home and is_running(other)]
    if volume.id not in {each.id for other in others for each in other.read().volumes}:
        loops.detach(Path(volume.path))


def remove(places: Places, home: Home) -> None:
    """End the machine and delete it with its disk."""
    if home.exists():
        power_cut(places, home)
    pool.remove_disk(places, home.uuid)
    shutil.rmtree(home.folder, ignore_errors=True)


def _launch(places: Places, home: Home) -> None:
    reader, writer = os.pipe()
    module = (sys.executable, "-m", "lab.nova_driver.launch")
    words = (str(places.state), str(places.offset), home.uuid, str(writer))
    try:
        with home.console.open("ab") as console:
            process = subprocess.Popen(
                ["/usr/bin/unshare", "--mount", "--net", "--propagation", "private", "--", *module, *words],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                # No part of nova-compute: the machine outlives it.
                start_new_session=True,
                pass_fds=(writer,),
            )
    finally:
        os.close(writer)
    # The launcher reaps it, whoever waits for that; here nobody does.
    process.returncode = 0
    with os.fdopen(reader) as answer:
        if problem := answer.read():
            raise MachineError(problem)
    _wait_until_it_runs(home)


def _wait_until_it_runs(home: Home) -> None:
    launcher = Launcher.read(home.launcher)
    end = time.monotonic() + _STARTS_WITHIN
    while not launcher or not launcher.first_process():
        if not launcher or not launcher.lives() or time.monotonic() > end:
            words = home.console.read_text(errors="replace")[-_LAST_WORDS:]
            raise MachineError(f"the machine did not start; it said: {words}")
        time.sleep(0.02)


def _patiently(change: Callable[[], object]) -> None:
    # A dead machine's cable vanishes by itself some time later, maybe just as it is being removed.
    for pause in (0.05, 0.2, 1.0):
        try:
            change()
        except links.LinkError:
            time.sleep(pause)
        else:
            return
    change()
