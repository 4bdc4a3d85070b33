"""Where a machine's control groups are, and its limits."""

from pathlib import Path

from lab.nova_driver import cgroups
from lab.nova_driver.model import Machine

MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 25 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
31 25 0:27 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
32 25 0:28 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
33 25 0:29 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""
GROUPS = """\
9:name=systemd:/
4:memory:/service/one
1:cpu,cpuacct:/
0::/two
"""


def test_a_group_is_found_in_every_hierarchy() -> None:
    found = {str(path) for path in cgroups.own_groups(MOUNTS, GROUPS)}
    root = "/sys/fs/cgroup"
    assert found == {f"{root}/systemd", f"{root}/memory/service/one", f"{root}/cpu,cpuacct", f"{root}/unified/two"}


def test_a_machine_started_from_a_machine_is_no_part_of_it() -> None:
    inside = Path("/sys/fs/cgroup/memory/service/cecf-machine-1/payload")
    assert cgroups._above_machines(inside) == Path("/sys/fs/cgroup/memory/service")
    assert cgroups._above_machines(inside.parents[1]) == inside.parents[1]


def test_memory_is_the_flavor_s_and_processors_are_shared_out(machine: Machine) -> None:
    limits = cgroups.limits(machine)
    assert limits["memory.limit_in_bytes"] == str(4 * 2**30)
    assert limits["cpu.shares"] == "2048"
    assert not [name for name in limits if "quota" in name]


def test_groups_are_removed_with_what_is_below_them(tmp_path: Path) -> None:
    (tmp_path / "machine/system.slice/kubelet.service").mkdir(parents=True)
    cgroups.remove([tmp_path / "machine", tmp_path / "gone"])
    assert not (tmp_path / "machine").exists()


def test_memory_is_what_processes_hold_below_the_group_too(tmp_path: Path) -> None:
    (tmp_path / "memory.stat").write_text("cache 1\nrss 2\ntotal_cache 300\ntotal_rss 4096\n")
    assert cgroups.memory([Path("/nowhere"), tmp_path]) == 4096
