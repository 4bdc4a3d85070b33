"""Cables between servers and networks: the names of everything in the kernel, and how a port is plugged.

Nova's driver uses this inside OpenStack's environment, so it needs the standard library and `ip` only.
All cables end in one network namespace, the fabric, apart from whatever else the machine has.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAMESPACES = Path("/run/netns")

MACHINE_TAP = "machine"
"""First word of the alias of a machine's tap; the port's full id follows it."""

_PATIENCE = 5.0
"""Seconds that another process has to finish making a namespace."""

# What a kernel's name of an interface leaves of an id, as Neutron's own agents cut it.
_ID = 11

SETTINGS = {
    # Neither the fabric nor its bridges are anybody's neighbours or routers.
    "net.ipv6.conf.all.disable_ipv6": 1,
    "net.ipv6.conf.default.disable_ipv6": 1,
    "net.ipv4.ip_forward": 0,
    # Bridged packets pass conntrack, which this kernel's bridge has none of itself.
    "net.bridge.bridge-nf-call-iptables": 1,
    "net.bridge.bridge-nf-call-ip6tables": 0,
    "net.bridge.bridge-nf-call-arptables": 0,
}
"""The fabric's own namespace."""


class LinkError(RuntimeError):
    """The kernel refused; the message says what, and why."""


def namespace(offset: int) -> str:
    """Name the network namespace of the lab whose ports are shifted by `offset`."""
    return f"cecf-fabric-{offset}" if offset else "cecf-fabric"


def bridge(network_id: str) -> str:
    """Name a network's bridge."""
    return f"brq{network_id[:_ID]}"


def tap(port_id: str) -> str:
    """Name a port's end of the cable at its bridge."""
    return f"tap{port_id[:_ID]}"


def peer(port_id: str) -> str:
    """Name the other end of the cable, which goes to the machine."""
    return f"nic{port_id[:_ID]}"


def exists(name: str) -> bool:
    """Tell whether there is such a network namespace, and not only the file that is about to be one."""
    try:
        return (NAMESPACES / name).stat().st_dev == Path("/proc/self/ns/net").stat().st_dev
    except FileNotFoundError:
        return False


def ensure_namespace(offset: int) -> str:
    """Make the lab's network namespace if it is missing, and return its name."""
    name = namespace(offset)
    if not exists(name):
        # Two may be at it at once; what follows needs either's.
        refusal = _try("ip", "netns", "add", name)
        until = time.monotonic() + _PATIENCE
        while not exists(name):
            if time.monotonic() > until:
                raise LinkError(f"network namespace {name} does not come up: {refusal}")
            time.sleep(0.01)
        settings = (f"{key}={value}" for key, value in SETTINGS.items())
        run("nsenter", f"--net={NAMESPACES / name}", "sysctl", "-q", "-w", *settings)
    return name


def plug(offset: int, port_id: str, network_id: str, mtu: int) -> str:
    """Cable a port to its network's bridge, and return the end that is to be moved to the machine.

    That end is in the fabric's namespace afterwards, down: one that a machine has had is replaced, as
    a killed machine's end lives on for a while. The cable is dead until the fabric has written the port's rules.
    """
    inside = ensure_namespace(offset)
    with locked(offset):
        links = interfaces(inside)
        if tap(port_id) in links and peer(port_id) not in links:
            run("ip", "-n", inside, "link", "delete", tap(port_id))
            links.discard(tap(port_id))
        if bridge(network_id) not in links:
            add_bridge(inside, bridge(network_id), mtu)
        if tap(port_id) not in links:
            ends = ("add", tap(port_id), "mtu", str(mtu), "type", "veth", "peer", peer(port_id), "mtu", str(mtu))
            run("ip", "-n", inside, "link", *ends)
        owner = ("alias", f"{MACHINE_TAP} {port_id}")
        run("ip", "-n", inside, "link", "set", tap(port_id), "master", bridge(network_id), *owner)
    return peer(port_id)


def unplug(offset: int, port_id: str) -> None:
    """Remove a port's cable, whose both ends vanish wherever they are."""
    inside = namespace(offset)
    if exists(inside):
        with locked(offset):
            if tap(port_id) in interfaces(inside):
                run("ip", "-n", inside, "link", "delete", tap(port_id))


def add_bridge(inside: str, name: str, mtu: int) -> None:
    """Make a network's bridge: all of its segment's traffic goes everywhere it should, and at once."""
    kind = ("type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
    run("ip", "-n", inside, "link", "add", name, "mtu", str(mtu), *kind)
    run("ip", "-n", inside, "link", "set", name, "up")


def interfaces(inside: str) -> set[str]:
    """Name the interfaces of a namespace."""
    return {link["ifname"] for link in json.loads(run("ip", "-n", inside, "-j", "link", "show"))}


@contextmanager
def locked(offset: int) -> Iterator[None]:
    """Keep a bridge from being swept between its making and its first tap."""
    with (NAMESPACES / namespace(offset)).open("rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def run(*command: str, text: str = "", may_fail: bool = False) -> str:
    """Run a program to its end and return what it says; an error is the kernel's own words."""
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=30)
    except FileNotFoundError:
        raise LinkError(f"{command[0]} is not installed: `python -m lab up` installs what the lab needs") from None
    if done.returncode and not may_fail:
        raise LinkError(f"`{' '.join(command)}` failed: {done.stderr.strip() or done.returncode}")
    return done.stdout


def _try(*command: str) -> str:
    """Run a program; return why it failed, if it did."""
    try:
        run(*command)
    except LinkError as reason:
        return str(reason)
    return ""
