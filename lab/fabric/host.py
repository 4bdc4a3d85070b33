"""The machine's own place on the external network: the only thing of the lab outside its namespaces.

The machine has one address there, and one route to each address that is really in use. Nothing of the rest goes where
its default route leads: a floating IP that nothing answers at is refused here. Another network of the same range, to
which this machine has a route, is reached as before.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from . import kernel
from .desired import HOST_TAP, HostPort
from .links import LinkError, namespace, run

_LAST_RESORT = 1 << 20
"""A route's metric, to which a lab's number is added: any other route to the range comes first."""


def link(offset: int) -> str:
    """Name the machine's interface."""
    return f"cecf-pub-{offset}" if offset else "cecf-public"


def make(offset: int, wanted: HostPort | None, attempt: Callable[..., bool]) -> None:
    """Cable the machine to the external network, or remove the cable."""
    inside, name = namespace(offset), link(offset)
    near = kernel.links(inside)
    if wanted is None:
        if HOST_TAP in near:
            kernel.ip(inside, "link", "delete", HOST_TAP)
        return
    if name not in kernel.links(""):
        if HOST_TAP not in near:
            kernel.ip(inside, "link", "add", HOST_TAP, "type", "veth", "peer", name, "address", wanted.mac)
        # Its end is to say nothing by itself.
        kernel.ip(inside, "link", "set", name, "addrgenmode", "none", "netns", str(os.getpid()))
    kernel.shape(inside, HOST_TAP, wanted.mtu, wanted.bridge)
    kernel.shape("", name, wanted.mtu, "")
    _address(name, IPv4Interface(wanted.address))
    _routes(name, wanted, attempt)


def shut(offset: int, outside: IPv4Network | None) -> None:
    """Refuse what is for the external network's range and has no route of its own; for none, refuse nothing more."""
    metric = _LAST_RESORT + offset
    shown = json.loads(run("ip", "-j", "-4", "route", "show", "type", "unreachable") or "[]")
    present = {each["dst"] for each in shown if each.get("metric") == metric}
    wanted = {str(outside)} if outside else set()
    for verb, ranges in (("delete", present - wanted), ("add", wanted - present)):
        for each in ranges:
            run("ip", "route", verb, "unreachable", each, "metric", str(metric))


def _address(name: str, wanted: IPv4Interface) -> None:
    everywhere = kernel.addresses("")
    own = everywhere.pop(name)
    taken = next((other for other, found in everywhere.items() if wanted.ip in {each.ip for each in found}), "")
    if taken:
        raise LinkError(f"floating IPs cannot be reached from this machine: {taken} has {wanted.ip} (another lab?)")
    for address in sorted(own - {wanted}):
        run("ip", "addr", "delete", str(address), "dev", name)
    if wanted not in own:
        run("ip", "addr", "add", str(wanted), "dev", name)


def _routes(name: str, wanted: HostPort, attempt: Callable[..., bool]) -> None:
    shown = json.loads(run("ip", "-j", "-4", "route", "show", "dev", name) or "[]")
    present = {each["dst"] for each in shown}
    reached = {str(address) for address in wanted.reached}
    for destination in sorted(present - reached):
        attempt(run, "ip", "route", "delete", destination, "dev", name)
    for address in sorted(reached - present):
        attempt(_route, name, address, str(wanted.address))


def _route(name: str, address: str, source: str) -> None:
    for other, found in kernel.addresses("").items():
        if any(IPv4Address(address) in each.network for each in found):
            raise LinkError(f"{address} cannot be reached from this machine: {other} is in a network that has it too")
    run("ip", "route", "add", address, "dev", name, "scope", "link", "src", source)
