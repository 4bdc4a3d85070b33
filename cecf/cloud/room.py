"""Whether a project has room for what a cluster still needs, told with the amounts that are missing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from keystoneauth1.exceptions import ClientException
from openstack.connection import Connection
from openstack.exceptions import SDKException

from cecf.cloud.balancers import load_balancers
from cecf.cloud.owned import KINDS, servers_of, volumes_of
from cecf.cloud.quotas import Room, raising, rooms
from cecf.plan import ClusterPlan, demand
from cecf.plan.demand import Item
from cecf.problems import CloudUnavailableError, InvalidInputError, Problem


@dataclass(frozen=True, kw_only=True)
class Need:
    """What a run takes of one quota, and what there is. All amounts in the quota's own unit."""

    quota: str
    amount: int
    room: Room | None
    """None where there is no such quota, or the credential may not see it."""
    each: bool = False
    """Whether the quota bounds each object by itself; then nothing of it is ever used."""

    @property
    def lacks(self) -> int:
        """By how much the quota is too small."""
        if not self.room:
            return 0
        return (Room(limit=self.room.limit, used=0) if self.each else self.room).lacks(self.amount)


def needs(connection: Connection, plan: ClusterPlan, there: tuple[Item, ...]) -> tuple[Need, ...]:
    """Return what the plan takes of the project's quotas on top of what the stack has there already."""
    coming = demand.to_come(demand.items(plan), there)
    bounds = demand.largest(plan) if coming else {}
    found = rooms(connection, {*coming, *bounds})
    return (
        *(Need(quota=quota, amount=amount, room=found.get(quota)) for quota, amount in coming.items()),
        *(Need(quota=quota, amount=size, room=found.get(quota), each=True) for quota, size in bounds.items()),
    )


def check_room(connection: Connection, plan: ClusterPlan, owner: str, cloud: str) -> None:
    """Raise `InvalidInputError` with every quota that is too small, `CloudUnavailableError` where nobody answers."""
    try:
        found = needs(connection, plan, tuple(holdings(connection, owner)))
    except (SDKException, ClientException) as error:
        raise CloudUnavailableError(cloud, error) from None
    project = str(connection.current_project_id)
    shortages = [shortage(need, need.room, project) for need in found if need.room and need.lacks]
    if shortages:
        raise InvalidInputError(shortages)


def shortage(need: Need, room: Room, project: str) -> Problem:
    """Return what is missing of a quota, and the command for it."""
    unit = {"ram": " MiB"}.get(need.quota, " GiB" if "gigabytes" in need.quota else "")
    used = "for each" if need.each else f"{room.used} used"
    return Problem(
        path="",
        what=f"the project's quota of {need.quota} lacks {need.lacks}{unit}",
        why=f"{need.amount}{unit} needed, {room.limit} allowed, {used}",
        mend=f"have an administrator run: {raising(need.quota, room.limit + need.lacks, project)}",
    )


def holdings(connection: Connection, owner: str) -> Iterator[Item]:
    """Yield what `owner` has, as far as quotas count it."""
    for found in servers_of(connection, owner):
        flavor = found.flavor
        yield demand.server(found.name, flavor.original_name or "", flavor.vcpus or 0, flavor.ram or 0)
    for found in volumes_of(connection, owner):
        yield demand.volume(found.name, found.volume_type or "", found.size)
    for found in load_balancers(connection, owner):
        yield demand.load_balancer(found.name, _members(connection, found.id))
    for kind in KINDS:
        for found in kind.find(connection, owner) if kind.noun in _TAKEN else ():
            # A floating IP's name is its address; a server group's begins with its owner.
            name = "" if kind.noun == "floating IP" else (found.name or "").removeprefix(f"{owner}:")
            yield Item(noun=kind.noun, name=name, takes=_TAKEN[kind.noun](found))


_TAKEN: Mapping[str, Callable[[Any], Mapping[str, int]]] = {
    "floating IP": lambda _found: {"floatingip": 1},
    "router": lambda _found: {"router": 1, "port": 1},
    "port": lambda _found: {"port": 1},
    "subnet": lambda _found: {"subnet": 1},
    "network": lambda _found: {"network": 1},
    "security group": lambda found: {
        "security_group": 1,
        "security_group_rule": len(found.security_group_rules or ()),
    },
    "server group": lambda _found: {"server_groups": 1},
}
"""What one object takes, by its kind."""


def _members(connection: Connection, balancer: str) -> int:
    return sum(len(pool.members or ()) for pool in connection.load_balancer.pools(loadbalancer_id=balancer))
