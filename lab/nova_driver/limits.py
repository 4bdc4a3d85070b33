"""Limits of the whole computer that many machines together reach: raised while there are machines, then put back."""

from __future__ import annotations

import json
from pathlib import Path

from lab.nova_driver.places import Places

_NEEDED = {
    # All machines share root's: systemd, udev, containerd and the kubelet take some twenty a machine.
    Path("/proc/sys/fs/inotify/max_user_instances"): 8192,
}


def lift(places: Places) -> None:
    """Raise what is too low, and keep what it was."""
    before = {str(path): path.read_text().strip() for path, needed in _NEEDED.items() if _value(path) < needed}
    if not before:
        return
    record = _record(places)
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(before))
    for path in before:
        Path(path).write_text(str(_NEEDED[Path(path)]))


def put_back(places: Places) -> None:
    """Make them what they were before this lab raised them."""
    record = _record(places)
    if record.exists():
        for path, value in json.loads(record.read_text()).items():
            Path(path).write_text(value)
        record.unlink()


def _value(path: Path) -> int:
    return int(path.read_text())


def _record(places: Places) -> Path:
    return places.folder / "limits.json"
