"""What a router is in the kernel: its interfaces, its routes, and the translation of its addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv4Network

from .links import bridge, tap
from .model import Cloud, FloatingIp, Port, Route, Router

INSIDE = ("network:router_interface", "network:router_interface_distributed", "network:ha_router_replicated_interface")
OUTSIDE = "network:router_gateway"

_ANYWHERE = IPv4Network("0.0.0.0/0")


@dataclass(frozen=True)
class Interface:
    """One port of a router, from its bridge to its namespace."""

    port: str
    name: str
    tap: str
    bridge: str
    mac: str
    mtu: int
    addresses: tuple[IPv4Interface, ...]


@dataclass(frozen=True)
class RouterPlan:
    """One router's namespace."""

    id: str
    interfaces: tuple[Interface, ...]
    routes: tuple[Route, ...]
    ruleset: str

    @property
    def namespace(self) -> str:
        """Name as Neutron's own agents give it."""
        return namespace(self.id)


def namespace(router: str) -> str:
    """Name a router's network namespace."""
    return f"qrouter-{router}"


def plan(cloud: Cloud, router: Router) -> RouterPlan:
    """Decide all that one router is."""
    ports = sorted((port for port in cloud.ports.values() if port.device == router.id), key=lambda port: port.id)
    floating = sorted(
        (each for each in cloud.floating_ips.values() if each.router == router.id), key=lambda each: each.outside
    )
    gateway = next((port for port in ports if port.owner == OUTSIDE and port.up), None)
    interfaces = [_interface(cloud, port, "qr") for port in ports if port.owner in INSIDE and port.up]
    routes = router.routes
    if gateway:
        outside = _interface(cloud, gateway, "qg", [IPv4Interface(each.outside) for each in floating])
        interfaces.append(outside)
        routes = (*routes, *_default(cloud, gateway, routes))
    text = _ruleset(router, gateway, floating) if gateway and gateway.fixed else ""
    return RouterPlan(router.id, tuple(each for each in interfaces if each), tuple(sorted(set(routes), key=str)), text)


def _interface(cloud: Cloud, port: Port, kind: str, further: Iterable[IPv4Interface] = ()) -> Interface:
    own = (
        IPv4Interface(f"{each.address}/{cloud.subnets[each.subnet_id].cidr.prefixlen}")
        for each in port.fixed
        if each.subnet_id in cloud.subnets
    )
    return Interface(
        port=port.id,
        name=tap(port.id).replace("tap", f"{kind}-", 1),
        tap=tap(port.id),
        bridge=bridge(port.network_id),
        mac=port.mac,
        mtu=cloud.networks[port.network_id].mtu,
        addresses=(*own, *further),
    )


def _default(cloud: Cloud, gateway: Port, others: Iterable[Route]) -> Iterable[Route]:
    subnets = (cloud.subnets[each.subnet_id] for each in gateway.fixed if each.subnet_id in cloud.subnets)
    hop = next((subnet.gateway for subnet in subnets if subnet.gateway), None)
    if hop and not any(route.destination == _ANYWHERE for route in others):
        yield Route(_ANYWHERE, hop)


def _ruleset(router: Router, gateway: Port, floating: Sequence[FloatingIp]) -> str:
    outside, own = tap(gateway.id).replace("tap", "qg-", 1), gateway.fixed[0].address
    inward = ", ".join(f"{each.outside} : {each.inside}" for each in floating)
    # Of several floating IPs on one address, the first is its sender.
    senders = {each.inside: each.outside for each in reversed(floating)}
    outward = ", ".join(f"{inside} : {address}" for inside, address in sorted(senders.items()))
    lines = [
        "table ip cecf {",
        "  chain arrive {",
        "    type nat hook prerouting priority dstnat; policy accept;",
        *([f"    dnat to ip daddr map {{ {inward} }}"] if floating else []),
        "  }",
        "  chain leave {",
        "    type nat hook postrouting priority srcnat; policy accept;",
        f'    iifname "{outside}" accept',
        # Who calls a floating IP from inside must hear the answer from there, not from the server beside it.
        f'    oifname != "{outside}" ct status dnat goto translated',
        f'    oifname "{outside}" goto {"translated" if router.snat else "floating"}',
        "  }",
        "  chain floating {",
        *([f"    snat to ip saddr map {{ {outward} }}"] if floating else []),
        "  }",
        f"  chain translated {{\n    jump floating\n    snat to {own}\n  }}",
        "  chain pass {",
        "    type filter hook forward priority 0; policy accept;",
        # Inside addresses are nobody's business outside; without SNAT they are meant to be known there.
        *([f'    iifname "{outside}" {rest}' for rest in _ENTERING] if router.snat else []),
        "  }",
        "}",
        "",
    ]
    return "\n".join(lines)


_ENTERING = ("ct state established,related accept", "ct status dnat accept", "drop")
