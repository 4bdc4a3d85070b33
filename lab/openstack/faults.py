"""Faults that a test can bring about through the administrator's APIs, and that end with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from openstack.connection import Connection

from lab.openstack.topology import ZONES, host_uuid

# With this trait Nova marks a disabled host for the scheduler.
_CLOSED = "COMPUTE_STATUS_DISABLED"
_MICROVERSION = "1.6"
_ATTEMPTS = 10


@contextmanager
def zone_without_room(admin: Connection, zone: str) -> Iterator[None]:
    """Have Nova find "No valid host" for every new server of a zone; those that run there stay.

    Disabling the zone's compute services would not do: a zone without an enabled service does
    not exist for Nova's API, which then refuses the server with 400 and never asks the scheduler.
    """
    hosts = ZONES[zone]
    try:
        for host in hosts:
            _change_traits(admin, host, lambda traits: traits | {_CLOSED})
        yield
    finally:
        for host in hosts:
            _change_traits(admin, host, lambda traits: traits - {_CLOSED})


def _change_traits(admin: Connection, host: str, change: Callable[[set[str]], set[str]]) -> None:
    url = f"/resource_providers/{host_uuid(host)}/traits"
    for _ in range(_ATTEMPTS):
        document = admin.placement.get(url, microversion=_MICROVERSION).json()
        document["traits"] = sorted(change(set(document["traits"])))
        response = admin.placement.put(url, json=document, microversion=_MICROVERSION)
        if response.status_code != HTTPStatus.CONFLICT:
            response.raise_for_status()
            return
    raise RuntimeError(f"Placement changes {host} faster than {_ATTEMPTS} attempts")
