"""The port matrix: who may reach what. Everything that is not written here is closed."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Literal

from cecf.plan import names
from cecf.plan.endpoint import API_SERVER_PORT
from cecf.plan.nodes import Role
from cecf.settings import ClusterSettings
from cecf.settings.load_balancer import OVN

VXLAN_PORT = 4789
ANYWHERE = IPv4Network("0.0.0.0/0")
VRRP = "vrrp"

Direction = Literal["ingress", "egress"]


@dataclass(frozen=True, kw_only=True)
class RulePlan:
    """One opening. `remote` is a range of addresses, or the role whose nodes are let in."""

    name: str
    direction: Direction
    protocol: str
    """IP protocol; empty: any."""
    port_min: int | None
    port_max: int | None
    remote: IPv4Network | Role


@dataclass(frozen=True, kw_only=True)
class SecurityGroupPlan:
    """The openings of one role's nodes."""

    name: str
    role: Role
    rules: tuple[RulePlan, ...]


@dataclass(frozen=True, kw_only=True)
class _Opening:
    """A row of the matrix."""

    to: Role
    purpose: str
    protocol: str
    ports: tuple[int, int] | None
    remotes: tuple[IPv4Network | Role, ...]


def plan_security_groups(settings: ClusterSettings) -> tuple[SecurityGroupPlan, ...]:
    """Return a security group for each role."""
    rows = list(_matrix(settings))
    return tuple(_group(settings.name, role, rows) for role in _roles(settings))


def _roles(settings: ClusterSettings) -> Iterator[Role]:
    for role in Role:
        if role is not Role.ETCD or settings.etcd.topology == "external" or settings.etcd.events:
            yield role


def _matrix(settings: ClusterSettings) -> Iterator[_Opening]:
    """Yield the openings; the ports are those of kubeadm's list of ports and protocols."""
    control, worker = Role.CONTROL_PLANE, Role.WORKER
    both = (control, worker)

    def row(
        to: Role, purpose: str, protocol: str, ports: tuple[int, int] | None, *remotes: IPv4Network | Role
    ) -> _Opening:
        return _Opening(to=to, purpose=purpose, protocol=protocol, ports=ports, remotes=remotes)

    for purpose, port, remotes in _ways_in(settings):
        yield row(control, purpose, "tcp", (port, port), *remotes)
    yield row(control, "api-server", "tcp", (API_SERVER_PORT, API_SERVER_PORT), *both)
    if settings.etcd.topology == "stacked":
        yield row(control, "etcd", "tcp", (2379, 2380), control)
    # Of servers that run nothing but etcd: API servers are its clients, and members talk among themselves.
    yield row(Role.ETCD, "etcd", "tcp", (2379, 2379), control)
    yield row(Role.ETCD, "members", "tcp", (2379, 2380), Role.ETCD)
    yield row(control, "scheduler-and-controllers", "tcp", (10257, 10259), control)
    if settings.control_plane.endpoint.kind == "virtual_address":
        yield row(control, "endpoint-election", VRRP, None, control)
    for role in both:
        yield row(role, "kubelet", "tcp", (10250, 10250), control)
        # Pods talk inside the overlay only, so that none reaches etcd or a kubelet by way of a wider opening.
        yield row(role, "overlay", "udp", (VXLAN_PORT, VXLAN_PORT), *both)


def _ways_in(settings: ClusterSettings) -> Iterator[tuple[str, int, tuple[IPv4Network | Role, ...]]]:
    """Yield purpose, port and sources of what comes to the API servers by way of the endpoint."""
    endpoint, subnet = settings.control_plane.endpoint, settings.network.nodes.cidr
    outside = tuple(cidr for cidr in endpoint.allowed_cidrs if cidr != subnet)
    match endpoint.kind:
        case "virtual_address":
            yield "endpoint", endpoint.port, (Role.CONTROL_PLANE, Role.WORKER, *endpoint.allowed_cidrs)
        case "load_balancer":
            # Connections and health checks come from addresses of Octavia's choice in the nodes' subnet; where it
            # balances in the network itself, from the clients' own.
            clients = outside if endpoint.load_balancer.provider == OVN else ()
            yield "load-balancer", API_SERVER_PORT, (subnet, *clients)
        case "external":
            yield "external-endpoint", API_SERVER_PORT, endpoint.allowed_cidrs


def _group(cluster: str, role: Role, rows: list[_Opening]) -> SecurityGroupPlan:
    name = names.part(cluster, role)
    ingress = (
        RulePlan(
            name=names.rule(name, row.purpose, remote),
            direction="ingress",
            protocol=row.protocol,
            port_min=row.ports[0] if row.ports else None,
            port_max=row.ports[1] if row.ports else None,
            remote=remote,
        )
        for row in rows
        if row.to is role
        for remote in row.remotes
    )
    egress = RulePlan(
        name=f"{name}-to-anywhere",
        direction="egress",
        protocol="",
        port_min=None,
        port_max=None,
        remote=ANYWHERE,
    )
    return SecurityGroupPlan(name=name, role=role, rules=(*ingress, egress))
