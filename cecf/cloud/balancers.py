"""Octavia's load balancers: found by their owner, and removed with all that is in them.

While Octavia works on a load balancer (its status is PENDING_...), it refuses every change of it and of its parts with
409. So each removal waits for that to end, before and after.
"""

from collections.abc import Iterator
from typing import Any

from openstack.connection import Connection
from openstack.exceptions import ForbiddenException
from openstack.utils import iterate_timeout

PENDING_TIMEOUT = 900
"""Seconds. A load balancer may be a server that has to be built and booted first."""

SERVICE = "load-balancer"
"""Octavia's name in a cloud's catalog of services."""


def load_balancers(cloud: Connection, owner: str, **query: Any) -> Iterator[Any]:
    """Find by description."""
    yield from of_project(cloud, description=owner, **query)


def of_project(cloud: Connection, **query: Any) -> Iterator[Any]:
    """Find in the credential's own project. Where there is no Octavia, or none for this credential, there are none."""
    if cloud.endpoint_for(SERVICE) is None:
        return
    try:
        yield from cloud.load_balancer.load_balancers(project_id=cloud.current_project_id, **query)
    except ForbiddenException:
        return


def listeners(cloud: Connection, owner: str, **query: Any) -> Iterator[Any]:
    """Find by description."""
    yield from cloud.load_balancer.listeners(**_of(cloud, owner), **query)


def pools(cloud: Connection, owner: str, **query: Any) -> Iterator[Any]:
    """Find by description."""
    yield from cloud.load_balancer.pools(**_of(cloud, owner), **query)


def remove_load_balancer(cloud: Connection, found: Any) -> None:
    """Delete a load balancer with its parts and its port, and return when it is gone."""
    if _settled(cloud, found.id):
        cloud.load_balancer.delete_load_balancer(found.id, cascade=True)
        cloud.load_balancer.wait_for_delete(found, interval=1, wait=PENDING_TIMEOUT)


def remove_broken(cloud: Connection, owner: str) -> list[str]:
    """Delete the owner's load balancers that are in ERROR; return what was removed, for people.

    Octavia lets nothing in one be changed or deleted, so the engine, which takes it down part by part, cannot begin.
    """
    broken = [found for found in load_balancers(cloud, owner) if found.provisioning_status == "ERROR"]
    for found in broken:
        remove_load_balancer(cloud, found)
    return [f"load balancer {found.name} ({found.id}), which was in ERROR" for found in broken]


def remove_listener(cloud: Connection, found: Any) -> None:
    """Delete a listener."""
    _wait_for_all(cloud, found.load_balancers)
    cloud.load_balancer.delete_listener(found.id)
    _wait_for_all(cloud, found.load_balancers)


def remove_pool(cloud: Connection, found: Any) -> None:
    """Delete a pool; its listener stays."""
    _wait_for_all(cloud, found.loadbalancers)
    cloud.load_balancer.delete_pool(found.id)
    _wait_for_all(cloud, found.loadbalancers)


def remove_monitor_of(cloud: Connection, pool_id: str) -> list[str]:
    """Delete the health monitor of a pool, which has one at most; return what was removed, for people."""
    pool = cloud.load_balancer.find_pool(pool_id)
    if pool is None or not pool.health_monitor_id:
        return []
    _wait_for_all(cloud, pool.loadbalancers)
    cloud.load_balancer.delete_health_monitor(pool.health_monitor_id)
    _wait_for_all(cloud, pool.loadbalancers)
    return [f"health monitor {pool.health_monitor_id} of pool {pool.name}"]


def _of(cloud: Connection, owner: str) -> dict[str, Any]:
    """Return the filter for the owner's, in the credential's own project."""
    return {"description": owner, "project_id": cloud.current_project_id}


def _wait_for_all(cloud: Connection, references: Any) -> None:
    for reference in references or ():
        _settled(cloud, reference["id"])


def _settled(cloud: Connection, identifier: str) -> Any | None:
    """Wait until Octavia does not work on a load balancer any more; return it, or none when it is gone."""
    for _ in iterate_timeout(PENDING_TIMEOUT, f"load balancer {identifier} stays PENDING", wait=1):
        found = cloud.load_balancer.find_load_balancer(identifier)
        if found is None or not found.provisioning_status.startswith("PENDING_"):
            break
    return found
