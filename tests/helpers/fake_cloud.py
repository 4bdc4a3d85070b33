"""A small cloud in memory: openstacksdk's own objects in lists, and the few calls that `cecf.cloud` makes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from openstack.block_storage.v3.snapshot import Snapshot
from openstack.block_storage.v3.type import Type
from openstack.block_storage.v3.volume import Volume
from openstack.compute.v2.availability_zone import AvailabilityZone
from openstack.compute.v2.flavor import Flavor
from openstack.compute.v2.server import Server
from openstack.compute.v2.server_group import ServerGroup
from openstack.connection import Connection
from openstack.exceptions import ForbiddenException, NotFoundException
from openstack.identity.v3.application_credential import ApplicationCredential
from openstack.image.v2.image import Image
from openstack.load_balancer.v2.availability_zone import AvailabilityZone as BalancerZone
from openstack.load_balancer.v2.flavor import Flavor as BalancerFlavor
from openstack.load_balancer.v2.listener import Listener
from openstack.load_balancer.v2.load_balancer import LoadBalancer
from openstack.load_balancer.v2.pool import Pool
from openstack.load_balancer.v2.provider import Provider
from openstack.network.v2.floating_ip import FloatingIP
from openstack.network.v2.network import Network
from openstack.network.v2.port import Port
from openstack.network.v2.router import Router
from openstack.network.v2.security_group import SecurityGroup
from openstack.network.v2.security_group_rule import SecurityGroupRule
from openstack.network.v2.subnet import Subnet

PROJECT = "project-id"
"""The credential's own project; objects are in it unless they say otherwise."""

USER = "user-id"
"""The credential's own user."""

IDENTITY, OBJECTS = "https://keystone.example/v3", "https://swift.example:8080/v1/AUTH_0123456789abcdef"
"""Public addresses in the catalogue of services."""


@dataclass(kw_only=True)
class FakeCloud:
    """What a project has. `log` keeps, in order, what was asked of the cloud to be changed."""

    zones: list[AvailabilityZone] = field(default_factory=list)
    flavors: list[Flavor] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    volume_types: list[Type] = field(default_factory=list)
    networks: list[Network] = field(default_factory=list)
    subnets: list[Subnet] = field(default_factory=list)
    routers: list[Router] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    security_groups: list[SecurityGroup] = field(default_factory=list)
    rules: list[SecurityGroupRule] = field(default_factory=list)
    floating_ips: list[FloatingIP] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)
    server_groups: list[ServerGroup] = field(default_factory=list)
    volumes: list[Volume] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    load_balancers: list[LoadBalancer] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)
    balancer_providers: list[Provider] = field(default_factory=list)
    balancer_flavors: list[BalancerFlavor] = field(default_factory=list)
    balancer_zones: list[BalancerZone] = field(default_factory=list)
    credentials: list[ApplicationCredential] = field(default_factory=list)
    services: dict[str, str] = field(default_factory=lambda: {"identity": IDENTITY, "object-store": OBJECTS})
    """The public addresses of services, by their type."""
    region: str | None = "RegionOne"
    """The region that clouds.yaml names."""
    octavia: Literal["there", "forbidden", "absent"] = "there"
    pending: int = 0
    """How many more times a look at a load balancer finds Octavia at work on it."""
    consoles: dict[str, str] = field(default_factory=dict)
    """What each server's console shows, by its id; of another one there is none."""
    log: list[str] = field(default_factory=list)
    current_project_id: str = PROJECT
    current_user_id: str = USER

    @property
    def connection(self) -> Connection:
        """The cloud as product code sees it."""
        return cast("Connection", self)

    @property
    def compute(self) -> "_Compute":
        """Nova."""
        return _Compute(self)

    @property
    def network(self) -> "_Network":
        """Neutron."""
        return _Network(self)

    @property
    def block_storage(self) -> "_BlockStorage":
        """Cinder."""
        return _BlockStorage(self)

    @property
    def image(self) -> "_Image":
        """Glance."""
        return _Image(self)

    @property
    def load_balancer(self) -> "_LoadBalancing":
        """Octavia."""
        return _LoadBalancing(self)

    @property
    def identity(self) -> "_Identity":
        """Keystone."""
        return _Identity(self)

    @property
    def session(self) -> "_Session":
        """What has read the catalogue of services."""
        return _Session(self)

    @property
    def config(self) -> "_Config":
        """What clouds.yaml says."""
        return _Config(self)

    def endpoint_for(self, service_type: str) -> str | None:
        """Return where a service is, if the catalog of services has it."""
        assert service_type == "load-balancer"
        return None if self.octavia == "absent" else "http://octavia"

    def remove(self, noun: str, items: list[Any], item: object) -> None:
        """Delete an object, given itself or its id."""
        identifier = item if isinstance(item, str) else cast("Any", item).id
        items[:] = [i for i in items if i.id != identifier]
        self.log.append(f"delete {noun} {identifier}")


class _Service:
    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud


class _Session(_Service):
    def get_endpoint(self, *, service_type: str, interface: str) -> str | None:
        assert interface == "public"
        return self._cloud.services.get(service_type)


class _Config(_Service):
    def get_region_name(self) -> str | None:
        return self._cloud.region


class _Identity(_Service):
    def application_credentials(self, user: str) -> list[ApplicationCredential]:
        assert user == USER
        return list(self._cloud.credentials)

    def delete_application_credential(self, user: str, credential: ApplicationCredential) -> None:
        assert user == USER
        self._cloud.remove("application credential", self._cloud.credentials, credential)


class _Image(_Service):
    def images(self, **query: Any) -> Iterator[Image]:
        return _matching(self._cloud.images, query)


class _Compute(_Service):
    def availability_zones(self) -> list[AvailabilityZone]:
        return self._cloud.zones

    def flavors(self) -> list[Flavor]:
        return self._cloud.flavors

    def servers(self, *, name: str = "", **query: Any) -> Iterator[Server]:
        return (s for s in _matching(self._cloud.servers, query) if re.search(name, s.name))

    def get_server(self, identifier: str) -> Server:
        return next(s for s in self._cloud.servers if s.id == identifier)

    def find_server(self, identifier: str) -> Server | None:
        return next((s for s in self._cloud.servers if s.id == identifier), None)

    def delete_server(self, server: Server) -> None:
        self._cloud.remove("server", self._cloud.servers, server)

    def wait_for_delete(self, server: Server, **_: int) -> None:
        self._cloud.log.append(f"wait until server {server.id} is gone")

    def server_groups(self) -> list[ServerGroup]:
        return list(self._cloud.server_groups)

    def delete_server_group(self, group: ServerGroup) -> None:
        self._cloud.remove("server group", self._cloud.server_groups, group)

    def get_server_console_output(self, identifier: str, length: int) -> dict[str, str]:
        if identifier not in self._cloud.consoles:
            raise NotFoundException(f"no console of {identifier}")
        lines = self._cloud.consoles[identifier].splitlines(keepends=True)
        return {"output": "".join(lines[-length:])}

    def delete_volume_attachment(self, server: Server | str, volume: Volume | str) -> None:
        identifiers = [item if isinstance(item, str) else item.id for item in (server, volume)]
        self._cloud.log.append(f"detach {identifiers[1]} from {identifiers[0]}")


class _BlockStorage(_Service):
    def types(self) -> list[Type]:
        return self._cloud.volume_types

    def volumes(self, **query: Any) -> Iterator[Volume]:
        return _matching(self._cloud.volumes, query)

    def snapshots(self) -> list[Snapshot]:
        return list(self._cloud.snapshots)

    def delete_snapshot(self, snapshot: Snapshot) -> None:
        self._cloud.remove("snapshot", self._cloud.snapshots, snapshot)

    def find_volume(self, identifier: str) -> Volume | None:
        return next((v for v in self._cloud.volumes if v.id == identifier), None)

    def delete_volume(self, volume: Volume | str) -> None:
        self._cloud.remove("volume", self._cloud.volumes, volume)

    def wait_for_status(self, volume: Volume, status: str, **_: int) -> None:
        self._cloud.log.append(f"wait until volume {volume.id} is {status}")

    def wait_for_delete(self, found: Volume | Snapshot, **_: int) -> None:
        self._cloud.log.append(f"wait until {type(found).__name__.lower()} {found.id} is gone")


class _Answer:
    """What Neutron answers to a request of a router."""

    ok = True
    status_code = 200

    def json(self) -> dict[str, Any]:
        return {}


class _Network(_Service):
    retriable_status_codes = None

    def networks(self, **query: Any) -> Iterator[Network]:
        return _matching(self._cloud.networks, query)

    def subnets(self, **query: Any) -> Iterator[Subnet]:
        return _matching(self._cloud.subnets, query)

    def routers(self, **query: Any) -> Iterator[Router]:
        return _matching(self._cloud.routers, query)

    def find_router(self, identifier: str) -> Router | None:
        return next((r for r in self._cloud.routers if r.id == identifier), None)

    def ports(self, *, fixed_ips: str = "", security_groups: tuple[str, ...] = (), **query: Any) -> Iterator[Port]:
        subnet = fixed_ips.removeprefix("subnet_id=")
        for port in _matching(self._cloud.ports, query):
            in_subnet = any(ip["subnet_id"] == subnet for ip in port.fixed_ips or [])
            if (in_subnet or not subnet) and set(security_groups) <= set(port.security_group_ids or []):
                yield port

    def security_groups(self, **query: Any) -> Iterator[SecurityGroup]:
        return _matching(self._cloud.security_groups, query)

    def security_group_rules(self, **query: Any) -> Iterator[SecurityGroupRule]:
        return _matching(self._cloud.rules, query)

    def ips(self, **query: Any) -> Iterator[FloatingIP]:
        return _matching(self._cloud.floating_ips, query)

    def delete_ip(self, item: FloatingIP) -> None:
        self._cloud.remove("floating IP", self._cloud.floating_ips, item)

    def put(self, url: str, *, json: dict[str, str], **_: object) -> _Answer:
        """Take the request by which a router gives up an interface."""
        ((key, value),) = json.items()
        self._cloud.log.append(f"put {url} {key}={value}")
        return _Answer()

    def delete_port(self, item: Port) -> None:
        self._cloud.remove("port", self._cloud.ports, item)

    def delete_subnet(self, item: Subnet) -> None:
        self._cloud.remove("subnet", self._cloud.subnets, item)

    def delete_network(self, item: Network) -> None:
        self._cloud.remove("network", self._cloud.networks, item)

    def delete_router(self, item: Router) -> None:
        self._cloud.remove("router", self._cloud.routers, item)

    def delete_security_group(self, item: SecurityGroup) -> None:
        self._cloud.remove("security group", self._cloud.security_groups, item)

    def delete_security_group_rule(self, item: SecurityGroupRule) -> None:
        self._cloud.remove("rule", self._cloud.rules, item)


class _LoadBalancing(_Service):
    def _allowed(self) -> None:
        assert self._cloud.octavia != "absent"
        if self._cloud.octavia == "forbidden":
            raise ForbiddenException("Policy does not allow this request to be performed.")

    def providers(self) -> list[Provider]:
        self._allowed()
        return self._cloud.balancer_providers

    def flavors(self) -> list[BalancerFlavor]:
        return self._cloud.balancer_flavors

    def availability_zones(self) -> list[BalancerZone]:
        return self._cloud.balancer_zones

    def load_balancers(self, **query: Any) -> Iterator[LoadBalancer]:
        self._allowed()
        return _matching(self._cloud.load_balancers, query)

    def listeners(self, **query: Any) -> Iterator[Listener]:
        return _matching(self._cloud.listeners, query)

    def pools(self, **query: Any) -> Iterator[Pool]:
        return _matching(self._cloud.pools, query)

    def find_pool(self, identifier: str) -> Pool | None:
        return next((p for p in self._cloud.pools if p.id == identifier), None)

    def find_load_balancer(self, identifier: str) -> LoadBalancer | None:
        found = next((b for b in self._cloud.load_balancers if b.id == identifier), None)
        if found:
            idle = "ERROR" if found.provisioning_status == "ERROR" else "ACTIVE"
            found.provisioning_status = "PENDING_UPDATE" if self._cloud.pending else idle
            self._cloud.pending = max(0, self._cloud.pending - 1)
            self._cloud.log.append(f"load balancer {identifier} is {found.provisioning_status}")
        return found

    def delete_load_balancer(self, identifier: str, *, cascade: bool) -> None:
        assert cascade
        self._cloud.remove("load balancer", self._cloud.load_balancers, identifier)

    def wait_for_delete(self, found: LoadBalancer, **_: int) -> None:
        self._cloud.log.append(f"wait until load balancer {found.id} is gone")

    def delete_listener(self, identifier: str) -> None:
        self._cloud.remove("listener", self._cloud.listeners, identifier)

    def delete_pool(self, identifier: str) -> None:
        self._cloud.remove("pool", self._cloud.pools, identifier)

    def delete_health_monitor(self, identifier: str) -> None:
        self._cloud.log.append(f"delete health monitor {identifier}")


def _matching(items: list[Any], query: dict[str, Any]) -> Iterator[Any]:
    return (item for item in list(items) if all(_value(item, key) == value for key, value in query.items()))


def _value(item: Any, key: str) -> object:
    value: object = getattr(item, key)
    return PROJECT if key == "project_id" and value is None else value
