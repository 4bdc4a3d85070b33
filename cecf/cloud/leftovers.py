"""What an interrupted creation left in the cloud: the object is there, the state does not know it.

Before the engine creates an object there can be none with its name and owner, since every object of a stack is
deleted before it is replaced. One that is found was left by a run that was killed between the request and the state,
or is a server that Nova could not build; the creation would fail on it (or double it), so it is removed. One that is
*in use* is something else: evidence that the state was lost. That is refused, never removed.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from openstack.connection import Connection

from cecf.cloud.balancers import remove_monitor_of
from cecf.cloud.owned import (
    GONE_TIMEOUT,
    KINDS,
    LISTENER,
    POOL,
    Kind,
    Owned,
    owned_by_name,
    remove,
    router_interfaces,
)

Inputs = Mapping[str, Any]

CREATION = timedelta(minutes=15)
"""How long making a volume may take; what changes it later is its use."""


class StateLostError(Exception):
    """An object that the state does not know is in use: the state is not this cloud's."""

    def __init__(self, item: Owned) -> None:
        super().__init__(
            f"{item} exists and is in use, but the state does not know it; nothing was changed. "
            "Is this the right state backend (`pulumi whoami -v`)? Otherwise restore the state, or `pulumi import` it"
        )


def remove_leftovers(connection: Connection, owner: str, token: str, inputs: Inputs) -> list[str]:
    """Remove what stands in the way of creating a resource, and return what was removed, for people.

    `token` is the resource's Pulumi type, `inputs` its inputs by their camelCase names.
    """
    if find := _PARTS.get(token):
        return find(connection, inputs)
    if token not in _WHOLES:
        return []
    kind, in_use = _WHOLES[token]
    removed = []
    for item in owned_by_name(connection, owner, kind, inputs["name"]):
        if in_use(connection, item.found):
            raise StateLostError(item)
        remove(connection, item)
        removed.append(str(item))
    return removed


def in_use(connection: Connection, item: Owned) -> bool:
    """Tell whether something that a later step makes hangs on an object."""
    return next((test for kind, test in _WHOLES.values() if kind.noun == item.kind.noun), _never)(
        connection, item.found
    )


def was_used(volume: Any) -> bool:
    """Tell whether a volume is or was attached, and so may hold data: the last change is of that time, then."""
    if volume.attachments or not volume.updated_at:
        return bool(volume.attachments)
    return datetime.fromisoformat(volume.updated_at) - datetime.fromisoformat(volume.created_at) > CREATION


def _never(_cloud: Connection, _found: Any) -> bool:
    return False


def _has_ports(**query: Callable[[Any], object]) -> Callable[[Connection, Any], bool]:
    """Return a test for ports that match; each value of the query is made from the object."""

    def test(cloud: Connection, found: Any) -> bool:
        ports = cloud.network.ports(**{key: value(found) for key, value in query.items()})
        return any(port.device_owner not in _CLOUD_OWNED for port in ports)

    return test


def _protects(cloud: Connection, group: Any) -> bool:
    """Tell whether a security group has rules of its own, which come after it, or ports."""
    if any(rule["direction"] == "ingress" for rule in group.security_group_rules or ()):
        return True
    return any(True for _ in cloud.network.ports(security_groups=[group.id]))


def _whole(noun: str, in_use: Callable[[Connection, Any], bool]) -> tuple[Kind, Callable[[Connection, Any], bool]]:
    return next(kind for kind in KINDS if kind.noun == noun), in_use


_CLOUD_OWNED = ("network:dhcp", "network:distributed", "network:router_gateway")
"""Ports that the cloud makes for itself; they come and go with their network or router."""

_WHOLES = {
    # Nobody can tell who uses one; its secret is known to the run that made it only, and that was lost.
    "openstack:identity/applicationCredential:ApplicationCredential": _whole("application credential", _never),
    "openstack:blockstorage/volume:Volume": _whole("volume", lambda _, found: was_used(found)),
    "openstack:compute/instance:Instance": _whole("server", lambda _, found: bool(found.attached_volumes)),
    "openstack:compute/serverGroup:ServerGroup": _whole("server group", lambda _, found: bool(found.member_ids)),
    "openstack:loadbalancer/listener:Listener": (LISTENER, lambda _, found: bool(found.default_pool_id)),
    "openstack:loadbalancer/loadBalancer:LoadBalancer": _whole("load balancer", lambda _, found: bool(found.listeners)),
    "openstack:loadbalancer/pool:Pool": (POOL, lambda _, found: bool(found.members)),
    "openstack:networking/network:Network": _whole("network", _has_ports(network_id=lambda found: found.id)),
    "openstack:networking/port:Port": _whole("port", lambda _, found: bool(found.device_id)),
    "openstack:networking/router:Router": _whole("router", _has_ports(device_id=lambda found: found.id)),
    "openstack:networking/secGroup:SecGroup": _whole("security group", _protects),
    "openstack:networking/subnet:Subnet": _whole("subnet", _has_ports(fixed_ips=lambda found: f"subnet_id={found.id}")),
}
"""Objects that carry a name and an owner, and how to tell that something which a later step makes hangs on one."""


def _router_interface(cloud: Connection, inputs: Inputs) -> list[str]:
    router = cloud.network.find_router(inputs["routerId"])
    if router is None:
        return []
    removed = []
    for port in router_interfaces(cloud, router, fixed_ips=f"subnet_id={inputs['subnetId']}"):
        router.remove_interface(cloud.network, subnet_id=inputs["subnetId"])
        removed.append(f"interface {port.id} of router {router.name}")
    return removed


def _rule(cloud: Connection, inputs: Inputs) -> list[str]:
    group, name = inputs["securityGroupId"], inputs.get("description")
    removed = []
    for rule in cloud.network.security_group_rules(security_group_id=group):
        if name and rule.description == name:
            cloud.network.delete_security_group_rule(rule)
            removed.append(f"security rule {name} ({rule.id})")
    return removed


def _attachment(cloud: Connection, inputs: Inputs) -> list[str]:
    server_id, volume_id = inputs["instanceId"], inputs["volumeId"]
    volume = cloud.block_storage.find_volume(volume_id)
    if volume is None or not any(a["server_id"] == server_id for a in volume.attachments):
        return []
    cloud.compute.delete_volume_attachment(server_id, volume_id)
    cloud.block_storage.wait_for_status(volume, "available", interval=1, wait=GONE_TIMEOUT)
    return [f"attachment of volume {volume.name} ({volume.id})"]


def _floating_ip(cloud: Connection, inputs: Inputs) -> list[str]:
    removed = []
    for address in cloud.network.ips(port_id=inputs["portId"]):
        if address.description == inputs.get("description"):
            cloud.network.delete_ip(address)
            removed.append(f"floating IP {address.floating_ip_address} ({address.id})")
    return removed


def _monitor(cloud: Connection, inputs: Inputs) -> list[str]:
    return remove_monitor_of(cloud, inputs["poolId"])


_PARTS: dict[str, Callable[[Connection, Inputs], list[str]]] = {
    "openstack:compute/volumeAttach:VolumeAttach": _attachment,
    "openstack:loadbalancer/monitor:Monitor": _monitor,
    "openstack:networking/floatingIp:FloatingIp": _floating_ip,
    "openstack:networking/routerInterface:RouterInterface": _router_interface,
    "openstack:networking/secGroupRule:SecGroupRule": _rule,
}
"""Objects that are part of another and known by it. A pool's members are none: they are set as one list."""
