"""What a machine is shown in place of what this one has."""

import subprocess

import pytest

from lab.nova_driver import live, shims

REAL = "MemTotal:       24684112 kB\nMemFree:         1000000 kB\nCached:           500 kB\nSwapTotal:       100 kB\n"
MOUNTS = """\
36 35 7:4 / / rw,relatime - ext4 /dev/loop4 rw
40 36 7:7 / /var/lib/etcd rw,relatime - ext4 /dev/vdb rw
41 36 7:7 /a /mnt/with\\040space rw,relatime - ext4 /dev/vdb rw
"""


def test_memory_is_the_flavor_s() -> None:
    lines = dict(line.split(":") for line in shims.meminfo(REAL, 4096).splitlines())
    assert lines["MemTotal"].split() == ["4194304", "kB"]
    assert lines["SwapTotal"].split() == ["0", "kB"]
    assert list(lines) == ["MemTotal", "MemFree", "Cached", "SwapTotal"]


@pytest.mark.parametrize("script", sorted(shims.FOLDER.glob("*.sh")), ids=lambda path: path.name)
def test_scripts_parse(script: object) -> None:
    subprocess.run(["/bin/sh", "-n", str(script)], check=True)


def test_mounts_of_a_device_are_found() -> None:
    assert live.mount_points(MOUNTS, 7, 7) == ["/var/lib/etcd", "/mnt/with space"]
    assert live.mount_points(MOUNTS, 7, 8) == []
