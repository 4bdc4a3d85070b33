"""The shape of the cloud: its zones with their hosts, and its volume backends."""

from __future__ import annotations

import uuid

HOSTS_PER_ZONE = 3
ZONES = {
    zone: tuple(f"{zone}-host{number}" for number in range(1, HOSTS_PER_ZONE + 1)) for zone in ("az1", "az2", "az3")
}
HOSTS = tuple(host for hosts in ZONES.values() for host in hosts)

# A volume type of this name leads to a backend of this name.
VOLUME_BACKENDS = ("ssd", "hdd")


def host_uuid(host: str) -> str:
    """Identity of a host's compute node; nova-compute refuses to start under a new one."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, host))
