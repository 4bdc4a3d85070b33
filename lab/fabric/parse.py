"""Neutron's JSON becomes the model; an object that makes no sense is left out and named.

Only what is checked here gets into rules and commands: no text of a tenant does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network
from typing import Any, TypeVar

from .model import Cloud, Fixed, FloatingIp, Network, Pair, Port, Route, Router, Rule, Subnet

Json = Mapping[str, Any]
Raw = Mapping[str, Sequence[Json]]
"""Objects as the API lists them, by the name of their collection."""

_Any = TypeVar("_Any")

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{2,40}")
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_LARGEST_PORT = 65535
_LARGEST_CODE = 255
_ICMP = 1

PROTOCOLS = {
    "icmp": _ICMP,
    "igmp": 2,
    "ipip": 4,
    "tcp": 6,
    "egp": 8,
    "udp": 17,
    "dccp": 33,
    "rsvp": 46,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "ospf": 89,
    "vrrp": 112,
    "pgm": 113,
    "sctp": 132,
    "udplite": 136,
}
"""Names that Neutron knows, without IPv6's own; it knows any number too."""


def parse(raw: Raw) -> tuple[Cloud, tuple[str, ...]]:
    """Return what makes sense, and a line for each object that does not."""
    problems: list[str] = []

    def each(collection: str, read: Callable[[Json], _Any | None]) -> dict[str, _Any]:
        return dict(_read(collection, raw.get(collection, ()), read, problems))

    rules = [rule for group in each("security_groups", _rules_of).values() for rule in group]
    cloud = Cloud(
        networks=each("networks", _network),
        subnets=each("subnets", _subnet),
        ports=each("ports", _port),
        routers=each("routers", _router),
        floating_ips=each("floatingips", _floating_ip),
        rules=dict(_read("security_group_rules", rules, _rule, problems)),
        address_groups=each("address_groups", _address_group),
    )
    return cloud, tuple(problems)


def _read(
    collection: str, objects: Iterable[Json], read: Callable[[Json], _Any | None], problems: list[str]
) -> Iterable[tuple[str, _Any]]:
    for json in objects:
        try:
            identity, made = _id(json["id"]), read(json)
        except (AttributeError, KeyError, TypeError, ValueError) as reason:
            name = json.get("id") if isinstance(json, Mapping) else json
            kind = type(reason).__name__
            problems.append(f"{collection} {str(name)[:40]!r} is left out, as it makes no sense: {kind}: {reason}")
        else:
            if made is not None:
                yield identity, made


def _network(json: Json) -> Network:
    segment = json.get("provider:segmentation_id")
    return Network(
        id=json["id"],
        name=str(json.get("name") or ""),
        mtu=_between(json.get("mtu") or 1500, 68, _LARGEST_PORT),
        external=bool(json.get("router:external")),
        segment=None if segment is None else int(segment),
    )


def _subnet(json: Json) -> Subnet | None:
    cidr = ip_network(_text(json["cidr"]))
    if not isinstance(cidr, IPv4Network):
        return None
    gateway = json.get("gateway_ip")
    return Subnet(json["id"], _id(json["network_id"]), cidr, IPv4Address(_text(gateway)) if gateway else None)


def _port(json: Json) -> Port:
    mac = _mac(json["mac_address"])
    pairs = (_pair(each, mac) for each in json.get("allowed_address_pairs") or ())
    fixed = ((each["subnet_id"], ip_address(_text(each["ip_address"]))) for each in json.get("fixed_ips") or ())
    return Port(
        id=json["id"],
        network_id=_id(json["network_id"]),
        mac=mac,
        fixed=tuple(Fixed(_id(subnet), each) for subnet, each in fixed if isinstance(each, IPv4Address)),
        pairs=tuple(pair for pair in pairs if pair),
        groups=tuple(sorted(_id(group) for group in json.get("security_groups") or ())),
        secure=json.get("port_security_enabled", True) is not False,
        up=json.get("admin_state_up", True) is not False,
        owner=str(json.get("device_owner") or ""),
        device=str(json.get("device_id") or ""),
    )


def _pair(json: Json, own: str) -> Pair | None:
    network = ip_network(_text(json["ip_address"]), strict=False)
    return Pair(network, _mac(json.get("mac_address") or own)) if isinstance(network, IPv4Network) else None


def _rules_of(json: Json) -> list[Json]:
    return list(json["security_group_rules"])


def _rule(json: Json) -> Rule | None:
    if json.get("ethertype", "IPv4") != "IPv4":
        return None
    protocol = _protocol(json.get("protocol"))
    low, high = json.get("port_range_min"), json.get("port_range_max")
    largest = _LARGEST_CODE if protocol == _ICMP else _LARGEST_PORT
    prefix = json.get("remote_ip_prefix")
    return Rule(
        group=_id(json["security_group_id"]),
        ingress={"ingress": True, "egress": False}[json["direction"]],
        protocol=protocol,
        low=None if low is None else _between(low, 0, largest),
        high=None if high is None else _between(high, 0, largest),
        prefix=IPv4Network(_text(prefix), strict=False) if prefix else None,
        remote_group=_optional_id(json.get("remote_group_id")),
        remote_addresses=_optional_id(json.get("remote_address_group_id")),
    )


def _protocol(value: Any) -> int | None:
    if value in (None, "", "any"):
        return None
    number = PROTOCOLS.get(str(value).lower())
    number = _between(value, 0, _LARGEST_CODE) if number is None else number
    # Neutron takes 0 for any.
    return number or None


def _router(json: Json) -> Router:
    outside = json.get("external_gateway_info") or {}
    routes = (
        Route(IPv4Network(_text(each["destination"]), strict=False), IPv4Address(_text(each["nexthop"])))
        for each in json.get("routes") or ()
        if isinstance(ip_address(_text(each["nexthop"])), IPv4Address)
    )
    return Router(
        id=json["id"],
        external_network=_optional_id(outside.get("network_id")),
        snat=outside.get("enable_snat", True) is not False,
        up=json.get("admin_state_up", True) is not False,
        routes=tuple(routes),
    )


def _floating_ip(json: Json) -> FloatingIp | None:
    if not (json.get("router_id") and json.get("fixed_ip_address")):
        return None
    inside, outside = IPv4Address(_text(json["fixed_ip_address"])), IPv4Address(_text(json["floating_ip_address"]))
    return FloatingIp(json["id"], _id(json["router_id"]), outside, inside)


def _address_group(json: Json) -> tuple[IPv4Network, ...]:
    networks = (ip_network(_text(each), strict=False) for each in json.get("addresses") or ())
    return tuple(network for network in networks if isinstance(network, IPv4Network))


def _text(value: Any) -> str:
    # `ipaddress` would take a number for an address.
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not an address")  # noqa: TRY004 (as for any other value)
    return value


def _id(value: Any) -> str:
    return _matching(_ID, value, "an id")


def _optional_id(value: Any) -> str:
    return _id(value) if value else ""


def _mac(value: Any) -> str:
    return _matching(_MAC, str(value).lower(), "a MAC address")


def _matching(pattern: re.Pattern[str], value: Any, kind: str) -> str:
    if not (isinstance(value, str) and pattern.fullmatch(value)):
        raise ValueError(f"{value!r} is not {kind}")
    return value


def _between(value: Any, least: int, most: int) -> int:
    number = int(value)
    if not least <= number <= most:
        raise ValueError(f"{number} is not between {least} and {most}")
    return number
