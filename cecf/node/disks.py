"""The volumes of a node: mounted, made blank ones a file system, and measured before anything depends on them."""

import os
import subprocess
import time
from pathlib import Path

from cecf.node.tools import Facts, GivenUpError, run, say, wait

BY_ID = Path("/dev/disk/by-id")

WRITES = 500
"""Of the test, as many as a busy second of a cluster makes."""

WRITE_BYTES = 2300
"""Of each: what etcd's documentation measures a disk with."""


def mount(facts: Facts) -> None:
    """Mount each volume at its place, and make its file system if it has never had one."""
    for place, volume in facts["volumes"].items():
        _mount(Path(place), volume)


def _mount(place: Path, volume: str) -> None:
    if place.is_mount():
        return
    # As much of a volume's id as the serial number of every kind of disk holds; some hold all of it.
    pattern = f"*{volume[:20]}*"

    def disk() -> Path | None:
        found = sorted(path for path in BY_ID.glob(pattern) if "-part" not in path.name)
        return found[0] if found else None

    wait("data-disk", f"volume {volume} to be attached", lambda: disk() is not None)
    device = str(disk())
    if _is_blank(device):
        say("data-disk", "making a file system on a blank volume")
        run("mkfs.ext4", "-q", "-L", "cecf-etcd", device)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    run("mount", "-o", "noatime", device, str(place))
    run("resize2fs", device, check=False)  # the volume may have grown since


def _is_blank(device: str) -> bool:
    """Tell whether there is nothing on a disk; raises OSError for one that cannot be read, which is never formatted."""
    with Path(device).open("rb") as disk:
        disk.read(1 << 20)
    probe = subprocess.run(["/usr/sbin/blkid", "--probe", device], capture_output=True, text=True, check=False)
    # `blkid` says nothing, and ends with 2, where it finds nothing that it knows.
    return (probe.returncode, probe.stdout, probe.stderr) == (2, "", "")


def check(facts: Facts) -> None:
    """Measure how long writes to etcd's log take until they are on the disk; raises `GivenUpError` if that is asked."""
    etcd = facts["etcd"]
    if etcd["disk_check"] == "off":
        return
    took = fsync_p99_ms(Path(etcd["wal"]).parent)
    bound = etcd["fsync_p99_ms"]
    verdict = "within" if took <= bound else "OVER"
    text = f"99 of 100 writes are on the disk after {took:.1f} ms, {verdict} the bound of {bound} ms"
    if took > bound and etcd["disk_check"] == "fail":
        raise GivenUpError(f"{text}: give etcd a faster volume type, or set cluster.etcd.disk_check")
    say("disk-check", text)


def fsync_p99_ms(folder: Path) -> float:
    """Return the 99th percentile, in ms, of writes like those of etcd's log into a folder."""
    file = folder / "cecf-write-test"
    data, times = os.urandom(WRITE_BYTES), []
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        for _ in range(WRITES):
            began = time.monotonic()
            os.write(descriptor, data)
            os.fdatasync(descriptor)
            times.append(time.monotonic() - began)
    finally:
        os.close(descriptor)
        file.unlink()
    return sorted(times)[WRITES * 99 // 100 - 1] * 1000
