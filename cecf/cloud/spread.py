"""Where servers really are, as Nova says: host and availability zone."""

from collections.abc import Mapping
from typing import Any

from cecf.cloud.connection import connect


def check_spread(cloud: str, groups: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return where the servers of each group are, and the groups in which two share a host.

    `groups` has server ids by node name, by server group name. `host` is Nova's `hostId`: the host's name, salted by
    project and hashed, so that hosts can be compared within a project but not named.
    """
    connection = connect(cloud)
    placements: dict[str, dict[str, str]] = {}
    for servers in groups.values():
        for name, server_id in servers.items():
            # A server that is gone has no host; the engine finds that out itself at its next refresh.
            server = connection.compute.find_server(server_id)
            placements[name] = {
                "host": server.host_id or "" if server else "",
                "zone": server.availability_zone or "" if server else "",
            }
    shared = [name for name, servers in groups.items() if not _distinct([placements[s]["host"] for s in servers])]
    return {"placements": placements, "shared": sorted(shared), "verified": not shared}


def _distinct(hosts: list[str]) -> bool:
    """Tell whether no two are the same; a server without a host has not been placed."""
    return all(hosts) and len(set(hosts)) == len(hosts)
