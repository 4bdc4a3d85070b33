"""The command line of a machine."""

from lab.nova_driver import nspawn
from lab.nova_driver.model import Machine
from lab.nova_driver.places import Places


def test_the_machine_gets_its_own_folders_and_nothing_else_of_this_one(places: Places, machine: Machine) -> None:
    home = places.home(machine.uuid)
    words = nspawn.command(home, machine)
    bound = [word.partition("=")[2].partition(":")[0] for word in words if word.startswith("--bind")]
    assert [path for path in bound if not path.startswith(str(home.folder))] == ["/dev/kmsg"]
    assert f"--directory={home.root}" in words


def test_it_is_told_who_it_is_and_starts_with_the_shim(places: Places, machine: Machine) -> None:
    words = nspawn.command(places.home(machine.uuid), machine)
    assert {f"--uuid={machine.uuid}", "--hostname=node-1"} <= set(words)
    assert words[-1] == "/run/lab/init.sh"


def test_it_owns_neither_clock_nor_kernel(places: Places, machine: Machine) -> None:
    dropped = next(word for word in nspawn.command(places.home("x"), machine) if word.startswith("--drop-capability="))
    assert {"CAP_SYS_TIME", "CAP_SYS_MODULE"} <= set(dropped.partition("=")[2].split(","))


def test_it_lives_in_the_namespaces_of_its_launcher(places: Places, machine: Machine) -> None:
    assert "--network-namespace-path=/proc/self/ns/net" in nspawn.command(places.home("x"), machine)
    assert nspawn.ENVIRONMENT["SYSTEMD_NSPAWN_API_VFS_WRITABLE"] == "network"
