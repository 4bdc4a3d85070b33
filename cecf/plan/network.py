"""Addresses: who gets a fixed one, and what is left for Neutron to hand out.

Control planes and the endpoint must know each other before they exist, so their addresses come from the reserved
range, by ordinal. Workers need no fixed address: Neutron allocates theirs from the rest, so that adding, removing or
renaming a pool can never move another pool's addresses.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from cecf.plan import names
from cecf.plan.catalog import Catalog
from cecf.settings import ClusterSettings, CreatedNetwork, ExistingNetwork

ENDPOINT_OFFSET = 5
"""Within the reserved range; the first addresses are the router's and, on many clouds, DHCP's."""

CONTROL_PLANE_OFFSET = 5
"""Added to the ordinal: control planes 1 to 5 have 6 to 10."""

ETCD_OFFSET = 10
"""Added to the ordinal: etcd's own servers 1 to 5 have 11 to 15."""

EVENTS_OFFSET = 15
"""Added to the ordinal: the servers of Events' etcd have 16 to 20."""

OVERLAY_BYTES = 50
"""Of each packet between pods on different nodes: the headers of VXLAN over IPv4."""


@dataclass(frozen=True, kw_only=True)
class CreatedNetworkPlan:
    """A network, subnet and router to create."""

    network: str
    subnet: str
    router: str
    cidr: IPv4Network
    gateway: IPv4Address
    pool_start: IPv4Address
    pool_end: IPv4Address
    dns_servers: tuple[IPv4Address, ...]
    mtu: int | None
    external_network_id: str


@dataclass(frozen=True, kw_only=True)
class ExistingNetworkPlan:
    """A network that is there already."""

    network_id: str
    subnet_id: str


def plan_network(settings: ClusterSettings, catalog: Catalog) -> CreatedNetworkPlan | ExistingNetworkPlan:
    """Return the network to create, or the one to use."""
    nodes = settings.network.nodes
    if isinstance(nodes, ExistingNetwork):
        return ExistingNetworkPlan(network_id=_found(catalog.network_id), subnet_id=_found(catalog.subnet_id))
    return CreatedNetworkPlan(
        network=names.part(settings.name, "network"),
        subnet=names.part(settings.name, "subnet"),
        router=names.part(settings.name, "router"),
        cidr=nodes.cidr,
        gateway=nodes.cidr[1],
        pool_start=nodes.reserved[-1] + 1,
        pool_end=nodes.cidr[-2],
        dns_servers=nodes.dns_servers,
        mtu=nodes.mtu,
        external_network_id=_found(catalog.external_network_id),
    )


def control_plane_address(nodes: CreatedNetwork | ExistingNetwork, ordinal: int) -> IPv4Address:
    """Return the fixed address of a control-plane server."""
    return nodes.reserved[CONTROL_PLANE_OFFSET + ordinal]


def etcd_address(nodes: CreatedNetwork | ExistingNetwork, pool: str, ordinal: int) -> IPv4Address:
    """Return the fixed address of a server of an etcd."""
    return nodes.reserved[(ETCD_OFFSET if pool == names.ETCD else EVENTS_OFFSET) + ordinal]


def _found(identifier: str | None) -> str:
    if identifier is None:
        raise ValueError("the catalog was made for other settings: an id that they need is missing")
    return identifier
