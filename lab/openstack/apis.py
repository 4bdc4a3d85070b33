"""The APIs: how each is served, and how the service catalogue names it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Api:
    """One WSGI application."""

    service: str
    module: str
    threads: int
    types: tuple[str, ...]
    path: str = ""

    @property
    def name(self) -> str:
        """Name of its process."""
        return f"{self.service}-api"


APIS = (
    Api("keystone", "keystone.wsgi.api", 8, ("identity",), "/v3"),
    Api("placement", "placement.wsgi.api", 8, ("placement",)),
    Api("nova", "nova.wsgi.osapi_compute", 8, ("compute",), "/v2.1"),
    Api("neutron", "labdrivers.neutron_wsgi", 8, ("network",)),
    Api("glance", "glance.wsgi.api", 4, ("image",)),
    # Clients ask for either name of the volume API.
    Api("cinder", "cinder.wsgi.api", 6, ("volumev3", "block-storage"), "/v3/%(tenant_id)s"),
    Api("octavia", "octavia.wsgi.api", 6, ("load-balancer",)),
    Api("heat", "heat.wsgi.api", 4, ("orchestration",), "/v1/%(tenant_id)s"),
    Api("barbican", "labdrivers.barbican_wsgi", 2, ("key-manager",)),
)

# Keystone makes its own user; each of the others signs in as itself. Swift is not one application but four servers.
SERVICE_USERS = (*(api.service for api in APIS if api.service != "keystone"), "swift")
