"""What a stack has before a run changes anything, as far as it matters to what a run may do."""

from openstack.connection import Connection

from cecf.cloud.leftovers import was_used
from cecf.cloud.owned import POOL_KEY, RELEASE_KEY, servers_of, volumes_of
from cecf.plan import names
from cecf.plan.standing import Standing


def look_at(connection: Connection, owner: str) -> Standing:
    """Return which of a stack's servers run, which of its volumes may hold data, and what its API servers are."""
    servers = list(servers_of(connection, owner))
    return Standing(
        running=frozenset(server.name for server in servers if server.status == "ACTIVE"),
        holding=frozenset(server.name for server in servers if server.attached_volumes),
        used=frozenset(volume.name for volume in volumes_of(connection, owner) if was_used(volume)),
        # A server from before there were upgrades does not say it.
        releases=frozenset(
            server.metadata[RELEASE_KEY]
            for server in servers
            if server.metadata.get(POOL_KEY) == names.CONTROL_PLANE and RELEASE_KEY in server.metadata
        ),
    )
