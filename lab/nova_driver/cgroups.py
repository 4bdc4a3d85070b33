"""A machine's control groups: one in every hierarchy, below the group of whoever starts it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from lab.nova_driver.model import Machine

_PREFIX = "cecf-machine-"
_SHARES_PER_CPU = 1024
_REMOVED_WITHIN = 5.0


def own_groups(mounts: str, groups: str) -> list[Path]:
    """List this process's group in each hierarchy, from the texts of its mountinfo and cgroup files."""
    mine = {}
    for line in groups.splitlines():
        _, names, path = line.split(":", 2)
        mine[frozenset(names.split(",")) - {""}] = path
    found = []
    for line in mounts.splitlines():
        place, _, kind = line.partition(" - ")
        name, _, options = kind.split(" ", 2)
        if name not in ("cgroup", "cgroup2"):
            continue
        offered = set(options.split(",")) if name == "cgroup" else set()
        for controllers, path in mine.items():
            if controllers <= offered and bool(controllers) == (name == "cgroup"):
                found.append(Path(place.split()[4]) / path.lstrip("/"))
    return found


def make(machine: Machine) -> list[Path]:
    """Make the machine's groups with its limits."""
    own = own_groups(Path("/proc/self/mountinfo").read_text(), Path("/proc/self/cgroup").read_text())
    return [_make(_above_machines(group), machine) for group in own]


def join(groups: list[Path], pid: int) -> None:
    """Move a process into the groups."""
    for group in groups:
        (group / "cgroup.procs").write_text(str(pid))


def remove(groups: list[Path]) -> None:
    """Remove the groups with all that the machine has made below them; its processes are dead or dying."""
    end = time.monotonic() + _REMOVED_WITHIN
    while (left := [group for group in groups if group.exists()]) and time.monotonic() < end:
        for group in left:
            _remove_tree(group)
        if any(group.exists() for group in left):
            time.sleep(0.05)


def memory(groups: list[Path]) -> int:
    """Return what the machine's processes hold in memory, without the files that the kernel keeps for them."""
    for group in groups:
        with contextlib.suppress(OSError, StopIteration, ValueError):
            lines = (group / "memory.stat").read_text().splitlines()
            return int(next(line.split()[1] for line in lines if line.startswith(("total_rss ", "anon "))))
    return 0


def freeze(groups: list[Path], *, frozen: bool) -> None:
    """Have all processes stand still, or go on."""
    for state in _freezers(groups):
        state.write_text("FROZEN" if frozen else "THAWED")


def is_frozen(groups: list[Path]) -> bool:
    """Tell whether the processes stand still."""
    return any(state.read_text().strip() != "THAWED" for state in _freezers(groups))


def limits(machine: Machine) -> dict[str, str]:
    """Give the limits by the name of their file; a hierarchy has some of these.

    Processors are shared out, not cut off: what is idle anyone may use.
    """
    return {
        "memory.limit_in_bytes": str(machine.memory_mib * 2**20),
        "memory.max": str(machine.memory_mib * 2**20),
        "cpu.shares": str(machine.vcpus * _SHARES_PER_CPU),
    }


def _freezers(groups: list[Path]) -> list[Path]:
    return [state for group in groups if (state := group / "freezer.state").exists()]


def _above_machines(group: Path) -> Path:
    # A machine that restarts itself is in its own group already.
    return next((parent.parent for parent in (group, *group.parents) if parent.name.startswith(_PREFIX)), group)


def _make(parent: Path, machine: Machine) -> Path:
    group = parent / f"{_PREFIX}{machine.uuid}"
    group.mkdir(exist_ok=True)
    # In this hierarchy a group without them takes no process.
    for name in ("cpuset.cpus", "cpuset.mems"):
        if (parent / name).exists():
            (group / name).write_text((parent / name).read_text())
    for name, value in limits(machine).items():
        if (group / name).exists():
            (group / name).write_text(value)
    return group


def _remove_tree(group: Path) -> None:
    with contextlib.suppress(OSError):
        for child in group.iterdir():
            if child.is_dir() and not child.is_symlink():
                _remove_tree(child)
        group.rmdir()
