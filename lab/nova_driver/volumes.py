"""Cinder's volumes: sparse files, made when a machine uses them for the first time."""

from __future__ import annotations

import os
from pathlib import Path

from lab.nova_driver import loops
from lab.nova_driver.model import Volume


def attach(volume: Volume) -> tuple[int, int]:
    """Have a block device for the volume, and return its major and minor number."""
    file = Path(volume.path)
    provide(file, volume.size)
    return loops.number(loops.attach(file))


def provide(file: Path, size: int) -> None:
    """Have a file of at least so many bytes; machines that use it see it grow."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600)
    if file.stat().st_size < size:
        os.truncate(file, size)
    # Cinder may have made it larger already, which its device does not notice by itself.
    loops.grow(file)
