"""Neutron's objects as its API lists them, made up for tests."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

Json = dict[str, Any]

EVERYTHING_OUT = {"direction": "egress"}


@dataclass
class Objects:
    """A cloud's objects; those of another `world` have other ids."""

    world: str = ""
    raw: dict[str, list[Json]] = field(default_factory=dict)

    def id(self, name: str) -> str:
        """Return the id of whatever has this name."""
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{self.world}/{name}"))

    def add(self, collection: str, name: str, **fields: Any) -> str:
        """Add one object, in place of the one that had its name."""
        identity = self.id(name)
        self.remove(collection, name)
        self.raw.setdefault(collection, []).append({"id": identity, "name": name, **fields})
        return identity

    def remove(self, collection: str, name: str) -> None:
        """Remove one object."""
        old = self.raw.get(collection, [])
        self.raw[collection] = [each for each in old if each["id"] != self.id(name)]

    def network(self, name: str, cidr: str, *, segment: int | None = None, mtu: int = 1450) -> str:
        """Add a network with one subnet; without a segment it is an external one."""
        external = {"router:external": segment is None, "provider:segmentation_id": segment}
        identity = self.add("networks", name, mtu=mtu, **external)
        gateway = str(IPv4Network(cidr)[1])
        self.add("subnets", f"{name}-v4", network_id=identity, cidr=cidr, gateway_ip=gateway)
        return identity

    def group(self, name: str, *rules: Mapping[str, Any]) -> str:
        """Add a security group."""
        identity = self.id(name)
        own = [
            {"id": self.id(f"{name}/{number}"), "security_group_id": identity, "ethertype": "IPv4", **rule}
            for number, rule in enumerate(rules)
        ]
        return self.add("security_groups", name, security_group_rules=own)

    def port(self, name: str, network: str, address: str, *groups: str, **fields: Any) -> str:
        """Add a port; its MAC follows from its name."""
        identity = self.id(name)
        return self.add(
            "ports",
            name,
            network_id=self.id(network),
            mac_address=mac(identity),
            fixed_ips=[{"subnet_id": self.id(f"{network}-v4"), "ip_address": address}],
            security_groups=[self.id(group) for group in groups],
            **fields,
        )

    def router(self, name: str, insides: Mapping[str, str], outside: tuple[str, str] | None, **fields: Any) -> str:
        """Add a router with its addresses in networks, and the one in the external network."""
        identity = self.id(name)
        for network, address in insides.items():
            owner = "network:router_interface"
            self.port(f"{name}-{network}", network, address, device_id=identity, device_owner=owner)
        if outside:
            owner = "network:router_gateway"
            self.port(f"{name}-{outside[0]}", *outside, device_id=identity, device_owner=owner)
            fields["external_gateway_info"] = {"network_id": self.id(outside[0])} | fields.pop("gateway", {})
        return self.add("routers", name, **fields)

    def floating_ip(self, outside: str, router: str, inside: str) -> str:
        """Point a floating IP at an address behind a router."""
        fields = {"router_id": self.id(router), "fixed_ip_address": inside, "floating_ip_address": outside}
        return self.add("floatingips", outside, **fields)


def mac(identity: str) -> str:
    """Return the MAC address of the port with this id."""
    return "fa:16:3e:" + ":".join(identity[at : at + 2] for at in (0, 2, 4))


def ingress(protocol: str | int | None = None, ports: Iterable[int] = (), **fields: Any) -> Json:
    """Let something in."""
    low_and_high = dict(zip(("port_range_min", "port_range_max"), ports, strict=False))
    return {"direction": "ingress", "protocol": protocol, **low_and_high, **fields}
