"""A project's quotas, as each service tells them to the project's own credential, and the command that raises one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from openstack.connection import Connection
from openstack.exceptions import SDKException

from cecf.cloud.balancers import SERVICE

UNLIMITED = -1
_HIDDEN = (403, 404)
"""HTTP statuses of a service that does not show quotas to everybody, or knows none."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """A quota, with what of it is used."""

    limit: int
    """`UNLIMITED` where there is none."""
    used: int

    def lacks(self, amount: int) -> int:
        """Return by how much it is too small for an amount on top of what is used."""
        return 0 if self.limit == UNLIMITED else max(0, self.used + amount - self.limit)


@dataclass(frozen=True, kw_only=True)
class _Service:
    """Who keeps quotas. `options` are openstackclient's, by the quota's name."""

    read: Callable[[Connection, str], Mapping[str, Room]]
    options: Mapping[str, str]
    command: str = "openstack quota set"


def rooms(connection: Connection, quotas: Iterable[str]) -> dict[str, Room]:
    """Return the quotas of those names, as far as there are such and the credential may see them.

    Only the services that keep one of them are asked.
    """
    wanted, project = set(quotas), str(connection.current_project_id)
    found: dict[str, Room] = {}
    for service in {id(one): one for one in map(_service_of, wanted)}.values():
        try:
            found |= service.read(connection, project)
        except SDKException as error:
            if getattr(error, "status_code", None) not in _HIDDEN:
                raise
    return {quota: found[quota] for quota in wanted if quota in found}


def raising(quota: str, limit: int, project: str) -> str:
    """Return the command by which an administrator raises a quota."""
    service, (name, sort) = _service_of(quota), _parts(quota)
    of_type = f" --volume-type {sort}" if sort else ""
    return f"{service.command} {service.options[name]} {limit}{of_type} {project}"


def _parts(quota: str) -> tuple[str, str]:
    """Return a quota's name, and the volume type that it is for: `gigabytes_ssd` is `gigabytes` of `ssd`."""
    for name in ("volumes", "gigabytes"):
        if quota.startswith(f"{name}_"):
            return name, quota.removeprefix(f"{name}_")
    return quota, ""


def _service_of(quota: str) -> _Service:
    name, _ = _parts(quota)
    return next(service for service in _SERVICES if name in service.options)


def _nova(connection: Connection, project: str) -> dict[str, Room]:
    found: Any = connection.compute.get_quota_set(project, usage=True)
    return _with_usage(found, found.usage)


def _cinder(connection: Connection, project: str) -> dict[str, Room]:
    found: Any = connection.block_storage.get_quota_set(project, usage=True)
    return _with_usage(found, found.usage)


def _with_usage(found: Any, usage: Mapping[str, int]) -> dict[str, Room]:
    limits = found.to_dict()
    return {name: Room(limit=limits[name], used=used) for name, used in usage.items() if name in limits}


def _neutron(connection: Connection, project: str) -> dict[str, Room]:
    # The SDK's class leaves out what it does not know; the API's own words are as short.
    answer = connection.network.get(f"/quotas/{project}/details.json")
    if answer.status_code in _HIDDEN:
        return {}
    details = answer.json()["quota"]
    return {name: Room(limit=of["limit"], used=of["used"] + of["reserved"]) for name, of in details.items()}


def _octavia(connection: Connection, project: str) -> dict[str, Room]:
    """Octavia does not tell what is used; it is counted."""
    if connection.endpoint_for(SERVICE) is None:
        return {}
    octavia: Any = connection.load_balancer
    quota, own = octavia.get_quota(project), {"project_id": project}
    pools = list(octavia.pools(**own))
    used = {
        "load_balancer": len(list(octavia.load_balancers(**own))),
        "listener": len(list(octavia.listeners(**own))),
        "pool": len(pools),
        "health_monitor": sum(bool(pool.health_monitor_id) for pool in pools),
        "member": sum(len(pool.members or ()) for pool in pools),
    }
    return {name: Room(limit=_or_unlimited(getattr(quota, f"{name}s")), used=count) for name, count in used.items()}


def _or_unlimited(limit: int | None) -> int:
    return UNLIMITED if limit is None else limit


_SERVICES = (
    _Service(
        read=_nova,
        options={
            "instances": "--instances",
            "cores": "--cores",
            "ram": "--ram",
            "server_groups": "--server-groups",
            "server_group_members": "--server-group-members",
        },
    ),
    _Service(
        read=_cinder,
        options={
            "volumes": "--volumes",
            "gigabytes": "--gigabytes",
            "per_volume_gigabytes": "--per-volume-gigabytes",
        },
    ),
    _Service(
        read=_neutron,
        options={
            "network": "--networks",
            "subnet": "--subnets",
            "router": "--routers",
            "port": "--ports",
            "floatingip": "--floating-ips",
            "security_group": "--secgroups",
            "security_group_rule": "--secgroup-rules",
        },
    ),
    _Service(
        read=_octavia,
        options={
            "load_balancer": "--loadbalancer",
            "listener": "--listener",
            "pool": "--pool",
            "member": "--member",
            "health_monitor": "--healthmonitor",
        },
        command="openstack loadbalancer quota set",
    ),
)
