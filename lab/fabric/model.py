"""What the fabric has to know of Neutron's objects, and nothing else of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network


@dataclass(frozen=True)
class Network:
    """One segment."""

    id: str
    name: str
    mtu: int
    external: bool
    segment: int | None
    """Number that no other network of its kind has: its VXLAN or VLAN id."""


@dataclass(frozen=True)
class Subnet:
    """Addresses of a network."""

    id: str
    network_id: str
    cidr: IPv4Network
    gateway: IPv4Address | None


@dataclass(frozen=True)
class Fixed:
    """One address of a port."""

    subnet_id: str
    address: IPv4Address


@dataclass(frozen=True)
class Pair:
    """Sender that a port may be besides itself."""

    network: IPv4Network
    mac: str


@dataclass(frozen=True)
class Port:
    """One plug of a network."""

    id: str
    network_id: str
    mac: str
    fixed: tuple[Fixed, ...]
    pairs: tuple[Pair, ...] = ()
    groups: tuple[str, ...] = ()
    secure: bool = True
    """Whether its senders are checked and its security groups hold."""
    up: bool = True
    owner: str = ""
    device: str = ""

    @property
    def senders(self) -> tuple[Pair, ...]:
        """Everything that may speak through it: itself, and what it was allowed to be."""
        return (*(Pair(IPv4Network(each.address), self.mac) for each in self.fixed), *self.pairs)


@dataclass(frozen=True)
class Rule:
    """What a security group lets pass in one direction."""

    group: str
    ingress: bool
    protocol: int | None = None
    low: int | None = None
    """First port, or ICMP type."""
    high: int | None = None
    """Last port, or ICMP code."""
    prefix: IPv4Network | None = None
    remote_group: str = ""
    remote_addresses: str = ""
    """Address group."""


@dataclass(frozen=True)
class Route:
    """Next hop of a destination."""

    destination: IPv4Network
    via: IPv4Address


@dataclass(frozen=True)
class Router:
    """What joins networks; its ports are found by its id."""

    id: str
    external_network: str = ""
    snat: bool = True
    up: bool = True
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True)
class FloatingIp:
    """Outside address of an inside one."""

    id: str
    router: str
    outside: IPv4Address
    inside: IPv4Address


@dataclass(frozen=True)
class Cloud:
    """Everything that was read at one time."""

    networks: Mapping[str, Network] = field(default_factory=dict)
    subnets: Mapping[str, Subnet] = field(default_factory=dict)
    ports: Mapping[str, Port] = field(default_factory=dict)
    routers: Mapping[str, Router] = field(default_factory=dict)
    floating_ips: Mapping[str, FloatingIp] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    address_groups: Mapping[str, tuple[IPv4Network, ...]] = field(default_factory=dict)
