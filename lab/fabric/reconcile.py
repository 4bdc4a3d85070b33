"""Makes the kernel hold what it should: looks, and mends what differs.

The order never opens a path too early: taps die before their rules go, and live when theirs are there; a router's
rules come before its interfaces. One object that the kernel refuses is named, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable

from . import gate, host, kernel, routers
from .desired import GATE_TAP, HOST_TAP, Fabric
from .links import MACHINE_TAP, SETTINGS, LinkError, add_bridge, exists, locked, namespace

Attempt = Callable[..., bool]
"""Calls its first argument with the others; tells whether the kernel took that."""


def plugged(offset: int) -> dict[str, str]:
    """Return the ports that have a machine's tap, each with the bridge it is plugged into."""
    if not exists(namespace(offset)):
        return {}
    taps = (link for link in kernel.links(namespace(offset)).values() if link.alias.startswith(f"{MACHINE_TAP} "))
    return {link.alias.split()[1]: link.master for link in taps}


def reconcile(offset: int, fabric: Fabric) -> tuple[str, ...]:
    """Make one lab's part of the kernel so; return a line for whatever it refused."""
    inside = namespace(offset)
    problems: list[str] = []

    def attempt(step: Callable[..., None], *arguments: object) -> bool:
        try:
            step(*arguments)
        except (LinkError, OSError) as reason:
            problems.append(str(reason))
            return False
        return True

    attempt(host.shut, offset, fabric.outside)
    if not exists(inside):
        return tuple(problems)
    with locked(offset):
        _switch(inside, fabric, attempt, up=False)
        attempt(_sweep, inside)
        attempt(routers.sweep, inside, fabric.routers)
        attempt(_bridges, inside, fabric)
        for plan in fabric.routers:
            attempt(routers.make, inside, plan, attempt)
        attempt(host.make, offset, fabric.host, attempt)
        attempt(gate.make, offset, fabric.gate, attempt)
        if attempt(_rules, inside, fabric.ruleset):
            _switch(inside, fabric, attempt, up=True)
        attempt(_sweep_bridges, inside, fabric)
    return tuple(problems)


def _rules(inside: str, ruleset: str) -> None:
    # Without this setting, security groups would hold for nobody.
    kernel.set_sysctls(inside, SETTINGS)
    kernel.set_rules(inside, ruleset)


def _switch(inside: str, fabric: Fabric, attempt: Attempt, *, up: bool) -> None:
    """Let the taps live that have rules, or let all others die."""
    for link in kernel.links(inside).values():
        wanted = link.name in fabric.live
        if link.alias.startswith(f"{MACHINE_TAP} ") and link.up != wanted and wanted == up:
            attempt(kernel.ip, inside, "link", "set", link.name, "up" if up else "down")


def _sweep(inside: str) -> None:
    """Remove what a killed process has left half made; nobody makes anything now."""
    for name, link in kernel.links(inside).items():
        if link.kind == "veth" and name.startswith("tap") and name not in (HOST_TAP, GATE_TAP) and not link.alias:
            kernel.ip(inside, "link", "delete", name)


def _bridges(inside: str, fabric: Fabric) -> None:
    links = kernel.links(inside)
    for name, mtu in fabric.bridges.items():
        if name not in links:
            add_bridge(inside, name, mtu)


def _sweep_bridges(inside: str, fabric: Fabric) -> None:
    links = kernel.links(inside)
    used = {link.master for link in links.values()} | set(fabric.bridges)
    for name, link in links.items():
        if link.kind == "bridge" and name not in used:
            kernel.ip(inside, "link", "delete", name)
