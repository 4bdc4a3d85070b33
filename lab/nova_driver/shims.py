"""What the lab adds to a machine from outside, so that the image is what any cloud could boot."""

from __future__ import annotations

import shutil
from pathlib import Path

from lab.nova_driver import volumes
from lab.nova_driver.model import Machine, Volume
from lab.nova_driver.places import Home

FOLDER = Path(__file__).with_name("shims")


def write(home: Home, machine: Machine) -> None:
    """Write them anew, as this start of the machine needs them."""
    shutil.rmtree(home.shims, ignore_errors=True)
    shutil.copytree(FOLDER, home.shims)
    for script in home.shims.glob("*.sh"):
        script.chmod(0o755)
    (home.shims / "meminfo").write_text(meminfo(Path("/proc/meminfo").read_text(), machine.memory_mib))
    (home.shims / "volumes").write_text("".join(map(_device, machine.volumes)))


def meminfo(real: str, mib: int) -> str:
    """Give /proc/meminfo of an idle machine with so much memory; it stands still."""
    size = mib * 1024
    values = {"MemTotal": size, "MemFree": size * 7 // 8, "MemAvailable": size * 7 // 8}
    names = [line.partition(":")[0] for line in real.splitlines()]
    return "".join(f"{name + ':':<16}{values.get(name, 0):>8} kB\n" for name in names)


def _device(volume: Volume) -> str:
    major, minor = volumes.attach(volume)
    return f"{volume.device} {major} {minor} {volume.serial}\n"
