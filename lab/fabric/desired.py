"""What the kernel should hold for the machines that are plugged in: a pure function of what Neutron says."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from . import filters, routing
from .filters import Guarded
from .links import bridge, tap
from .model import Cloud, Network, Pair, Port, Subnet

HOST_NETWORK = "public"
"""The external network that the machine itself is reached by, and reaches."""

HOST_TAP = "taphost"
GATE_TAP = "tapgate"
_HOST_MARK = 1
_LAST_ZONE = 65535


@dataclass(frozen=True)
class HostPort:
    """The machine's own place on the external network."""

    bridge: str
    mac: str
    mtu: int
    address: IPv4Address
    reached: tuple[IPv4Address, ...]
    """Everything outside that answers: gateways of routers, and floating IPs."""


@dataclass(frozen=True)
class GatePort:
    """The cloud's own place there, at the address of the network's gateway."""

    bridge: str
    mac: str
    mtu: int
    address: IPv4Interface


@dataclass(frozen=True)
class Fabric:
    """Everything of one lab."""

    bridges: Mapping[str, int] = field(default_factory=dict)
    """MTU of each."""
    live: tuple[str, ...] = ()
    """Taps of machines that have rules; all others stay dead."""
    routers: tuple[routing.RouterPlan, ...] = ()
    host: HostPort | None = None
    gate: GatePort | None = None
    outside: IPv4Network | None = None
    """The external network's range."""
    ruleset: str = ""
    problems: tuple[str, ...] = ()


def fabric(cloud: Cloud, plugged: Mapping[str, str]) -> Fabric:
    """Decide everything for the ports that are `plugged`, each into the bridge of that name."""
    problems: list[str] = []
    machines = tuple(_machines(cloud, plugged, problems))
    if not machines:
        ruleset = filters.ruleset(cloud, (), (), {})
        return Fabric(outside=_outside(cloud), ruleset=ruleset, problems=tuple(problems))
    networks = {port.network_id for port in machines}
    routers = tuple(_routers(cloud, networks, problems))
    by_bridge = {bridge(network.id): network for network in cloud.networks.values()}
    used = {bridge(network) for network in networks} | {each.bridge for plan in routers for each in plan.interfaces}
    host, gate = _host(cloud, routers), _gate(cloud, routers)
    zones = _zones(by_bridge[name] for name in used)
    guarded = [Guarded(tap(port.id), mark(port.id), port.senders, port.groups) for port in machines if port.secure]
    if host:
        own = Pair(IPv4Network(host.address), host.mac)
        guarded.append(Guarded(HOST_TAP, _HOST_MARK, (own,), anything_out=True))
    unguarded = [tap(port.id) for port in machines if not port.secure]
    unguarded += [each.tap for plan in routers for each in plan.interfaces]
    unguarded += [GATE_TAP] if gate else []
    return Fabric(
        bridges={name: by_bridge[name].mtu for name in sorted(used)},
        live=tuple(sorted(tap(port.id) for port in machines)),
        routers=routers,
        host=host,
        gate=gate,
        outside=_outside(cloud),
        ruleset=filters.ruleset(cloud, guarded, unguarded, zones),
        problems=tuple(problems),
    )


def mark(port_id: str) -> int:
    """Return the packet mark that stands for a port: the first half of what its tap's name has of its id."""
    return int(port_id[:8], 16)


def _machines(cloud: Cloud, plugged: Mapping[str, str], problems: list[str]) -> Iterable[Port]:
    taken = {0: "no port", _HOST_MARK: "the machine's own"}
    for port_id, into in sorted(plugged.items()):
        port = cloud.ports.get(port_id)
        if port is None or port.network_id not in cloud.networks:
            problems.append(f"port {port_id} is plugged in, but Neutron has no such port: it stays dead")
        elif bridge(port.network_id) != into:
            problems.append(f"port {port_id} is plugged into {into}, which is not its network's: it stays dead")
        elif mark(port_id) in taken:
            problems.append(f"port {port_id} has the mark of {taken[mark(port_id)]}: it stays dead")
        elif port.up:
            taken[mark(port_id)] = port_id
            yield port


def _routers(cloud: Cloud, networks: set[str], problems: list[str]) -> Iterable[routing.RouterPlan]:
    """Plan the routers that a network with machines has."""
    inside = [port for port in cloud.ports.values() if port.owner in routing.INSIDE and port.network_id in networks]
    for router in sorted({port.device for port in inside}):
        if router not in cloud.routers or not cloud.routers[router].up:
            continue
        try:
            yield routing.plan(cloud, cloud.routers[router])
        except (KeyError, ValueError) as reason:
            problems.append(f"router {router} is left out, as it makes no sense: {reason!r}")


def _host(cloud: Cloud, routers: Iterable[routing.RouterPlan]) -> HostPort | None:
    network, subnet, reached = _ends(cloud, routers)
    if not (network and subnet and reached):
        return None
    # The last address that is free: pools are handed out from the first.
    address = subnet.cidr.broadcast_address - 1
    while address in reached:
        address -= 1
    return HostPort(bridge(network.id), _mac(address), network.mtu, address, reached)


def _gate(cloud: Cloud, routers: Iterable[routing.RouterPlan]) -> GatePort | None:
    network, subnet, reached = _ends(cloud, routers)
    if not (network and subnet and subnet.gateway and reached) or subnet.gateway in reached:
        return None
    address = IPv4Interface((subnet.gateway, subnet.cidr.prefixlen))
    return GatePort(bridge(network.id), _mac(subnet.gateway), network.mtu, address)


def _outside(cloud: Cloud) -> IPv4Network | None:
    subnet = _ends(cloud, ())[1]
    return subnet.cidr if subnet else None


def _ends(
    cloud: Cloud, routers: Iterable[routing.RouterPlan]
) -> tuple[Network | None, Subnet | None, tuple[IPv4Address, ...]]:
    """Return the external network, its addresses, and those of them that routers have."""
    external = (each for each in cloud.networks.values() if each.external and each.name == HOST_NETWORK)
    network = min(external, key=lambda each: each.id, default=None)
    subnets = (each for each in cloud.subnets.values() if network and each.network_id == network.id)
    subnet = min(subnets, key=lambda each: each.id, default=None)
    ends = (each for plan in routers for each in plan.interfaces if network and each.bridge == bridge(network.id))
    return network, subnet, tuple(sorted(address.ip for each in ends for address in each.addresses))


def _mac(address: IPv4Address) -> str:
    return "02:cf:" + ":".join(f"{byte:02x}" for byte in address.packed)


def _zones(networks: Iterable[Network]) -> dict[str, int]:
    """Give each network a conntrack zone that stays its own while others come and go: its segment's number."""
    zones: dict[str, int] = {}
    key: Callable[[Network], tuple[bool, str]] = lambda network: (network.segment is None, network.id)  # noqa: E731
    for network in sorted(networks, key=key):
        zone = (network.segment or zlib.crc32(network.id.encode())) % (_LAST_ZONE + 1)
        while zone in (0, *zones.values()):
            zone = (zone + 1) % (_LAST_ZONE + 1)
        zones[bridge(network.id)] = zone
    return zones
