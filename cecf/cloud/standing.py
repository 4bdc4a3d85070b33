"""What a stack has before a run changes anything, as far as its quorums depend on it."""

from openstack.connection import Connection

from cecf.cloud.leftovers import was_used
from cecf.cloud.owned import KINDS
from cecf.plan.standing import Standing

_FIND = {kind.noun: kind.find for kind in KINDS}


def look_at(connection: Connection, owner: str) -> Standing:
    """Return which of a stack's servers run, and which of its volumes may hold data."""
    servers = list(_FIND["server"](connection, owner))
    return Standing(
        running=frozenset(server.name for server in servers if server.status == "ACTIVE"),
        holding=frozenset(server.name for server in servers if server.attached_volumes),
        used=frozenset(volume.name for volume in _FIND["volume"](connection, owner) if was_used(volume)),
    )
