"""Where servers really are, as Nova says: host and availability zone."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from cecf.cloud.connection import connect

Placements = dict[str, dict[str, str]]
Servers = Mapping[str, Mapping[str, str]]
"""`id` and planned `zone` of each server, by node name."""


def check_spread(cloud: str, groups: Mapping[str, Servers]) -> dict[str, Any]:
    """Return where the servers of each server group are, and every fault of their spread, for people.

    A fault is a server in another zone than planned, without a host, or on the host of another one of its group.
    `host` is Nova's `hostId`: the host's name, salted by project and hashed, so that hosts can be compared within a
    project but not named.
    """
    connection = connect(cloud)
    placements: Placements = {}
    for servers in groups.values():
        for name, server in servers.items():
            # A server that is gone has no host; the engine finds that out itself at its next refresh.
            found = connection.compute.find_server(server["id"])
            placements[name] = {
                "host": found.host_id or "" if found else "",
                "zone": found.availability_zone or "" if found else "",
            }
    faults = [fault for servers in groups.values() for fault in _faults(servers, placements)]
    return {"placements": placements, "faults": faults, "verified": not faults}


def _faults(servers: Servers, placements: Placements) -> Iterator[str]:
    for name, server in servers.items():
        if not placements[name]["host"]:
            yield f"{name} is on no host"
        elif placements[name]["zone"] != server["zone"]:
            yield f"{name} is in {placements[name]['zone']}, not in {server['zone']}"
    for one, other in combinations(servers, 2):
        host = placements[one]["host"]
        if host and host == placements[other]["host"]:
            yield f"{one} and {other} share a host"
