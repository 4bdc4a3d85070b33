"""Everything in a cloud that a stack owns, found without the stack's state.

An object's owner is written into it by the very request that creates it, so that no interruption can leave one
unmarked: Neutron's and Octavia's `description`, Nova's and Cinder's `metadata`, the first part of a server group's
name. (Tags would be a second request in Neutron.)
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from openstack.block_storage.v3.volume import Volume
from openstack.compute.v2.server import Server
from openstack.connection import Connection
from openstack.network.v2.router import Router

from cecf.cloud import balancers

OWNER_KEY = "cecf-owner"
"""The metadata key of servers and volumes."""

POOL_KEY = "cecf-pool"
"""The metadata key of a server's pool."""

RELEASE_KEY = "cecf-kubernetes"
"""The metadata key of a server's Kubernetes release."""

GONE_TIMEOUT = 300
"""Seconds to wait until a deleted server or volume is gone."""

_INTERFACE_OWNERS = ("network:router_interface", "network:router_interface_distributed", "network:ha_router_replicated")


Find = Callable[..., Iterable[Any]]
"""Takes a connection, an owner and filters for the API (`name=...`, which may match more than that name)."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of object: how a stack's are found, and how one is removed for good."""

    noun: str
    find: Find
    remove: Callable[[Connection, Any], None]


@dataclass(frozen=True, kw_only=True)
class Owned:
    """An object of a stack."""

    kind: Kind
    id: str
    name: str
    found: Any

    def __str__(self) -> str:
        return f"{self.kind.noun} {self.name} ({self.id})"


def server_group_name(owner: str, name: str) -> str:
    """Return the name under which Nova keeps a server group; it has no other place for its owner."""
    return f"{owner}:{name}"


def owned(connection: Connection, owner: str) -> Iterator[Owned]:
    """Yield what `owner` has in the project, in an order in which it can be removed."""
    for kind in KINDS:
        yield from items(kind, kind.find(connection, owner))


def owned_by_name(connection: Connection, owner: str, kind: Kind, name: str) -> Iterator[Owned]:
    """Yield what `owner` has of one kind under one name: one object, or more after a mishap."""
    yield from (item for item in items(kind, kind.find(connection, owner, name=name)) if item.name == name)


def remove(connection: Connection, item: Owned) -> None:
    """Remove an object and return when it is gone. One that is gone already is no error."""
    item.kind.remove(connection, item.found)


def items(kind: Kind, found: Iterable[Any]) -> Iterator[Owned]:
    """Yield what was found of a kind."""
    return (Owned(kind=kind, id=item.id, name=item.name or "", found=item) for item in found)


def servers_of(cloud: Connection, owner: str, **query: Any) -> Iterator[Any]:
    """Yield the servers of an owner."""
    return (s for s in cloud.compute.servers(**query) if s.metadata.get(OWNER_KEY) == owner)


def _remove_server(cloud: Connection, server: Server) -> None:
    cloud.compute.delete_server(server)
    cloud.compute.wait_for_delete(server, interval=1, wait=GONE_TIMEOUT)


def volumes_of(cloud: Connection, owner: str, **query: Any) -> Iterator[Any]:
    """Yield the volumes of an owner."""
    return (v for v in cloud.block_storage.volumes(**query) if v.metadata.get(OWNER_KEY) == owner)


def remove_volume(cloud: Connection, volume: Volume) -> None:
    """Detach a volume, delete it, and return when it is gone."""
    for attachment in volume.attachments:
        server = cloud.compute.find_server(attachment["server_id"])
        if server:
            cloud.compute.delete_volume_attachment(server, volume.id)
    if volume.attachments:
        cloud.block_storage.wait_for_status(volume, "available", interval=1, wait=GONE_TIMEOUT)
    cloud.block_storage.delete_volume(volume.id)
    cloud.block_storage.wait_for_delete(volume, interval=1, wait=GONE_TIMEOUT)


def _server_groups(cloud: Connection, owner: str, **_query: Any) -> Iterator[Any]:
    prefix = server_group_name(owner, "")
    return (g for g in cloud.compute.server_groups() if g.name.startswith(prefix))


def _neutron(list_all: str) -> Find:
    """Find by description, in the credential's own project: an administrator's would see every project."""

    def find(cloud: Connection, owner: str, **query: Any) -> Iterable[Any]:
        found: Iterable[Any] = getattr(cloud.network, list_all)(
            description=owner, project_id=cloud.current_project_id, **query
        )
        return found

    return find


def router_interfaces(cloud: Connection, router: Router, **query: Any) -> Iterator[Any]:
    """Yield the ports by which a router leads into subnets."""
    ports = cloud.network.ports(device_id=router.id, **query)
    return (port for port in ports if port.device_owner in _INTERFACE_OWNERS)


def _remove_router(cloud: Connection, router: Router) -> None:
    for port in router_interfaces(cloud, router):
        router.remove_interface(cloud.network, port_id=port.id)
    cloud.network.delete_router(router)


def _credentials(cloud: Connection, owner: str, **_query: Any) -> Iterator[Any]:
    identity: Any = cloud.identity
    mine = identity.application_credentials(user=cloud.current_user_id)
    return (one for one in mine if one.description == owner)


def _remove_credential(cloud: Connection, credential: Any) -> None:
    identity: Any = cloud.identity
    identity.delete_application_credential(cloud.current_user_id, credential)


KINDS = (
    Kind(noun="server", find=servers_of, remove=_remove_server),
    Kind(noun="volume", find=volumes_of, remove=remove_volume),
    Kind(noun="floating IP", find=_neutron("ips"), remove=lambda cloud, found: cloud.network.delete_ip(found)),
    Kind(noun="load balancer", find=balancers.load_balancers, remove=balancers.remove_load_balancer),
    Kind(noun="router", find=_neutron("routers"), remove=_remove_router),
    Kind(noun="port", find=_neutron("ports"), remove=lambda cloud, found: cloud.network.delete_port(found)),
    Kind(noun="subnet", find=_neutron("subnets"), remove=lambda cloud, found: cloud.network.delete_subnet(found)),
    Kind(noun="network", find=_neutron("networks"), remove=lambda cloud, found: cloud.network.delete_network(found)),
    Kind(
        noun="security group",
        find=_neutron("security_groups"),
        remove=lambda cloud, found: cloud.network.delete_security_group(found),
    ),
    Kind(
        noun="server group",
        find=_server_groups,
        remove=lambda cloud, found: cloud.compute.delete_server_group(found),
    ),
    Kind(noun="application credential", find=_credentials, remove=_remove_credential),
)
"""Every kind that a stack can own, dependents first."""

LISTENER = Kind(noun="listener", find=balancers.listeners, remove=balancers.remove_listener)
"""A part of a load balancer, which goes with it."""

POOL = Kind(noun="pool", find=balancers.pools, remove=balancers.remove_pool)
"""The same."""
