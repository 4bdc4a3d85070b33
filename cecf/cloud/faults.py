"""The cloud's own words for a failure, and what a person can do about it."""

import re

from openstack.connection import Connection

from cecf.cloud.owned import OWNER_KEY

_HINTS = {
    r"no valid host": "no host of that zone has room, or the server group's anti-affinity leaves none: look at "
    "`openstack hypervisor stats show`; another zone or flavor helps, or anti_affinity 'preferred' for a worker pool",
    r"quota exceeded|overquota|exceeds? .*quota|overlimit": "the project's quota is used up: look at "
    "`openstack quota show --usage`; have it raised, or lower the pool's count",
    r"quota has been met": "the project's quota of load balancers is used up: look at "
    "`openstack loadbalancer quota show <project>`; have it raised, or set "
    "cecf:cluster.control_plane.endpoint.kind to 'virtual_address'",
    r"(loadbalancer|_lb_).* unexpected state 'error'": "Octavia could not build it; only its operator sees why: a lack "
    "of room, image or network for amphorae, say; the next run replaces it",
    r"still in use|already in use": "something that this stack does not know uses it: look at "
    "`openstack port list --long`",
}
"""What people can do, by a pattern in the cloud's words."""


def hint(text: str) -> str | None:
    """Return what to do about a failure, if its words are known."""
    return next((advice for pattern, advice in _HINTS.items() if re.search(pattern, text, re.IGNORECASE)), None)


def server_fault(connection: Connection, owner: str, name: str) -> str | None:
    """Return Nova's words on why the stack's server `name` is in ERROR, or none when it is not."""
    for server in connection.compute.servers(name=f"^{re.escape(name)}$", status="ERROR"):
        if server.metadata.get(OWNER_KEY) == owner:
            fault = connection.compute.get_server(server.id).fault or {}
            return str(fault.get("message", "no reason given"))
    return None
