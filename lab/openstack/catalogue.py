"""The service catalogue: where each service is, for this machine and for the lab's servers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lab.openstack.apis import APIS
from lab.openstack.site import NODES_REGION, REGION, Site

# Type, and path of a project's account.
_OBJECTS = ("object-store", "/v1/AUTH_%(tenant_id)s")

# What servers may use themselves. Keystone has no entry in their region: a client is told where Keystone is, and a
# service that looks for it without naming a region must find the one that it can reach.
FOR_NODES = ("keystone", "swift")


@dataclass(frozen=True)
class Endpoint:
    """One address of one service."""

    service: str
    kind: str
    region: str
    url: str


def endpoints(site: Site) -> Iterator[Endpoint]:
    """Give every address that the catalogue names."""
    for api in APIS:
        for kind in api.types:
            yield Endpoint(api.service, kind, REGION, site.url(api.service, api.path))
    kind, path = _OBJECTS
    yield Endpoint("swift", kind, REGION, site.url("swift", path))
    yield Endpoint("swift", kind, NODES_REGION, site.url_for_nodes("swift", path))
