"""Routers in the kernel: a namespace each, cabled to the bridges of its networks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from . import kernel
from .kernel import Link
from .links import exists, run
from .routing import Interface, RouterPlan, namespace

_TAP = "router"
"""First word of the alias of a router's tap; the router's id follows it."""

_SETTINGS = {
    "net.ipv4.ip_forward": 1,
    "net.ipv4.conf.all.rp_filter": 0,
    "net.ipv4.conf.default.rp_filter": 0,
    # A floating IP is answered for on the outside only, and an address inside on its own network only.
    "net.ipv4.conf.all.arp_ignore": 1,
    "net.ipv4.conf.all.arp_announce": 2,
    # A translated packet may leave where it came in: there is no shorter way to tell of.
    "net.ipv4.conf.all.send_redirects": 0,
    "net.ipv4.conf.default.send_redirects": 0,
    "net.ipv6.conf.all.disable_ipv6": 1,
    "net.ipv6.conf.default.disable_ipv6": 1,
}


def of(links: Mapping[str, Link]) -> dict[str, str]:
    """Return the taps of routers in a fabric, each with its router's id."""
    taps = (link for link in links.values() if link.alias.startswith(f"{_TAP} "))
    return {link.name: link.alias.split()[1] for link in taps}


def sweep(inside: str, plans: Sequence[RouterPlan]) -> None:
    """Remove routers and interfaces that are not wanted any more."""
    wanted = {plan.id: {each.tap for each in plan.interfaces} for plan in plans}
    for tap, router in of(kernel.links(inside)).items():
        # The namespace goes first: as long as a tap is there, what is left of its router can be found.
        if not wanted.get(router) and exists(namespace(router)):
            run("ip", "netns", "delete", namespace(router))
        if tap not in wanted.get(router, ()):
            # Its other end may be about to take it along.
            run("ip", "-n", inside, "link", "delete", tap, may_fail=True)


def make(inside: str, plan: RouterPlan, attempt: Callable[..., bool]) -> None:
    """Make one router as it is planned."""
    links = kernel.links(inside)
    for interface in plan.interfaces:
        if interface.tap not in links:
            _cable(inside, plan, interface)
    if not plan.interfaces:
        return
    if not exists(plan.namespace):
        run("ip", "netns", "add", plan.namespace)
    kernel.set_sysctls(plan.namespace, _SETTINGS)
    kernel.set_rules(plan.namespace, plan.ruleset)
    for interface in plan.interfaces:
        attempt(_interface, inside, plan.namespace, interface)
    _routes(plan, attempt)


def _cable(inside: str, plan: RouterPlan, interface: Interface) -> None:
    ends = ("add", interface.tap, "type", "veth", "peer", interface.name)
    kernel.ip(inside, "link", *ends)
    kernel.ip(inside, "link", "set", interface.tap, "alias", f"{_TAP} {plan.id}")


def _interface(inside: str, router: str, interface: Interface) -> None:
    links, far = kernel.links(inside), kernel.links(router)
    if interface.name in links:
        kernel.ip(inside, "link", "set", interface.name, "netns", router)
        far = kernel.links(router)
    if interface.name not in far:
        # Half a cable: the next look makes a whole one.
        kernel.ip(inside, "link", "delete", interface.tap)
        return
    end, tap = far[interface.name], links[interface.tap]
    mtu = ("mtu", str(interface.mtu))
    if (end.mac, end.mtu, end.up) != (interface.mac, interface.mtu, True):
        kernel.ip(router, "link", "set", end.name, "address", interface.mac, *mtu, "up")
    if (tap.master, tap.mtu, tap.up) != (interface.bridge, interface.mtu, True):
        kernel.ip(inside, "link", "set", tap.name, "master", interface.bridge, *mtu, "up")
    _addresses(router, interface)


def _addresses(router: str, interface: Interface) -> None:
    present = kernel.addresses(router)[interface.name]
    for address in sorted(present - set(interface.addresses)):
        kernel.ip(router, "addr", "delete", str(address), "dev", interface.name)
    missing = [address for address in interface.addresses if address not in present]
    for address in missing:
        kernel.ip(router, "addr", "add", str(address), "dev", interface.name)
    if missing:
        kernel.announce(router, interface.name, [address.ip for address in missing])


def _routes(plan: RouterPlan, attempt: Callable[..., bool]) -> None:
    shown = json.loads(kernel.ip(plan.namespace, "-j", "-4", "route", "show", "proto", "static"))
    # The kernel calls 0.0.0.0/0 "default", and leaves out the length of a single address.
    present = {(each["dst"], each.get("gateway", "")) for each in shown}
    wanted = {
        ("default" if not route.destination.prefixlen else str(route.destination).removesuffix("/32"), str(route.via))
        for route in plan.routes
    }
    for destination, via in sorted(present - wanted):
        attempt(_route, plan, "delete", destination, via)
    for destination, via in sorted(wanted - present):
        attempt(_route, plan, "replace", destination, via)


def _route(plan: RouterPlan, verb: str, destination: str, via: str) -> None:
    kernel.ip(plan.namespace, "route", verb, destination, "via", via, "proto", "static")
