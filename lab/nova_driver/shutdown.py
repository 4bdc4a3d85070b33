"""The end of all machines of a lab at once."""

from __future__ import annotations

import contextlib
import shutil
from concurrent.futures import ThreadPoolExecutor

from lab.nova_driver import life, loops, pool
from lab.nova_driver.model import MachineError
from lab.nova_driver.places import Places

_AT_ONCE = 8


def end_all(places: Places) -> int:
    """Cut the power of every machine, and take away mounts and block devices; return how many ran."""
    homes = places.homes()
    running = [home for home in homes if life.is_running(home)]
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        list(workers.map(life.crash, running))
    for home in homes:
        # One that cannot be read any more must not keep the others.
        with contextlib.suppress(MachineError):
            life.clear(places, home)
    pool.close(places)
    for file in loops.below(places.state):
        loops.detach(file)
    return len(running)


def remove_all(places: Places) -> None:
    """End every machine and delete it with its disk and all volumes; the images' copies stay."""
    end_all(places)
    shutil.rmtree(places.servers, ignore_errors=True)
    shutil.rmtree(places.volumes, ignore_errors=True)
    if places.pool_file.exists():
        pool.ensure(places)
        pool.remove_disks(places)
