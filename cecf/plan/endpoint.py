"""The one address of the API, and what leads from it to the API servers: their own programs, Octavia, or others."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from cecf.plan import names
from cecf.plan.catalog import Catalog
from cecf.plan.network import ENDPOINT_OFFSET, control_plane_address
from cecf.settings import ClusterSettings, CreatedNetwork
from cecf.settings.control_plane import Access, EndpointKind
from cecf.settings.load_balancer import OVN, Algorithm, Probe

API_SERVER_PORT = 6443
"""TCP port of each API server on its own server."""

SILENCE_MS = 900_000
"""Milliseconds. An open watch may be silent for this long; Octavia's default of 50 s would break it again and again."""

CONNECT_MS = 1_000
"""Milliseconds until another API server is tried: to one that has lost power nothing answers."""


@dataclass(frozen=True, kw_only=True)
class MonitorPlan:
    """How each API server is asked whether it is well. All times in seconds.

    One that is lost gets no new connection after two failed questions: in 13 s at most.
    """

    type: Probe
    url_path: str | None
    """Asked for by GET, and 200 is well; none for a probe that knows no paths."""
    delay: int = 5
    timeout: int = 3
    """Less than the delay, or questions would overtake each other."""
    failures: int = 2
    successes: int = 2


@dataclass(frozen=True, kw_only=True)
class MemberPlan:
    """An API server behind the load balancer, which need not be there yet."""

    name: str
    address: IPv4Address
    port: int = API_SERVER_PORT


@dataclass(frozen=True, kw_only=True)
class LoadBalancerPlan:
    """What Octavia is asked for."""

    provider: str
    flavor_id: str | None
    availability_zone: str | None
    algorithm: Algorithm
    allowed_cidrs: tuple[IPv4Network, ...]
    """Who may connect; empty where the provider cannot tell: there the nodes' security groups see the client."""
    connect_ms: int | None
    """Milliseconds; none where the provider opens no connections of its own. So for the next."""
    silence_ms: int | None
    monitor: MonitorPlan
    members: tuple[MemberPlan, ...]


@dataclass(frozen=True, kw_only=True)
class EndpointPlan:
    """The address that the API servers share."""

    name: str
    kind: EndpointKind
    address: IPv4Address | str
    """From the reserved range; for `external` what the settings name, which may be a DNS name."""
    port: int
    access: Access
    external_network: str | None
    """Where its floating IP is from; none without one."""
    load_balancer: LoadBalancerPlan | None
    """For the kind `load_balancer` alone."""

    @property
    def on_nodes(self) -> bool:
        """Whether the control planes themselves answer for the address."""
        return self.kind == "virtual_address"

    @property
    def host_port(self) -> str:
        """Address and port, as kubeadm and kubelets want it."""
        return f"{self.address}:{self.port}"

    @property
    def url(self) -> str:
        """The API's address inside of the cluster's network."""
        return f"https://{self.host_port}"


def plan_endpoint(settings: ClusterSettings, catalog: Catalog) -> EndpointPlan:
    """Return the endpoint, with its address."""
    endpoint, nodes = settings.control_plane.endpoint, settings.network.nodes
    outside = nodes.external_network if isinstance(nodes, CreatedNetwork) else None
    return EndpointPlan(
        name=names.part(settings.name, "api"),
        kind=endpoint.kind,
        # The settings have it for `external` alone, and always for that.
        address=endpoint.address or nodes.reserved[ENDPOINT_OFFSET],
        port=endpoint.port,
        access=endpoint.access,
        external_network=(endpoint.external_network or outside) if endpoint.access == "floating_ip" else None,
        load_balancer=_load_balancer(settings, catalog) if endpoint.kind == "load_balancer" else None,
    )


def _load_balancer(settings: ClusterSettings, catalog: Catalog) -> LoadBalancerPlan:
    endpoint, nodes = settings.control_plane.endpoint, settings.network.nodes
    wanted = endpoint.load_balancer
    in_the_network = wanted.provider == OVN
    others = tuple(cidr for cidr in endpoint.allowed_cidrs if cidr != nodes.cidr)
    return LoadBalancerPlan(
        provider=wanted.provider,
        flavor_id=catalog.load_balancer_flavor_id if wanted.flavor else None,
        availability_zone=wanted.availability_zone,
        algorithm=wanted.chosen_algorithm,
        allowed_cidrs=() if in_the_network else (nodes.cidr, *others),
        connect_ms=None if in_the_network else CONNECT_MS,
        silence_ms=None if in_the_network else SILENCE_MS,
        monitor=MonitorPlan(type=wanted.chosen_probe, url_path="/readyz" if wanted.chosen_probe == "HTTPS" else None),
        members=tuple(
            MemberPlan(
                name=names.node(settings.name, names.CONTROL_PLANE, ordinal),
                address=control_plane_address(nodes, ordinal),
            )
            for ordinal in range(1, settings.control_plane.count + 1)
        ),
    )
