"""What the services' configurations have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.openstack.secret import Secrets
from lab.openstack.site import HOST, REGION, Site

Files = dict[str, str]
Section = Mapping[str, object]

# With room for the bursts of an engine that works in parallel.
_POOL = {"max_pool_size": 10, "max_overflow": 30}

RABBIT_USER = "lab"
DOMAIN = "Default"
SERVICE_PROJECT = "service"

RABBIT: Section = {
    # One node that starts empty: queues that survive it would only be slower.
    "rabbit_quorum_queue": False,
    "amqp_durable_queues": False,
    "heartbeat_in_pthread": False,
}
# Each process writes to its own standard error, and so to one file that bears its name.
LOGGING: Section = {"use_stderr": True, "default_log_levels": ("amqp=WARN", "sqlalchemy=WARN", "urllib3=WARN")}
NO_NOTIFICATIONS: Section = {"driver": "noop"}


def ini(sections: Mapping[str, Section]) -> str:
    """Render sections as oslo.config reads them."""
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {_value(value)}\n" for key, value in options.items())
        for name, options in sections.items()
    )


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(str(item) for item in value)
    return str(value)


@dataclass(frozen=True)
class Context:
    """The facts that a service's configuration is made of."""

    site: Site
    secrets: Secrets
    venv: Path

    def shipped(self, name: str) -> Path:
        """Path of a file that a service's package brings along, such as its paste.ini."""
        return self.venv / "etc" / name

    def database(self, name: str) -> Section:
        """Give a database section."""
        socket = self.site.mariadb_socket
        return {**_POOL, "connection": f"mysql+pymysql://root@localhost/{name}?unix_socket={socket}"}

    def transport(self) -> str:
        """Return the broker's address."""
        return f"rabbit://{RABBIT_USER}:{self.secrets['rabbitmq']}@{HOST}:{self.site.port('rabbitmq')}/"

    def memcached(self) -> str:
        """Return the cache's address."""
        return f"{HOST}:{self.site.port('memcached')}"

    def auth(self, user: str) -> dict[str, object]:
        """Section with which a service signs in as its own user."""
        return {
            "auth_type": "password",
            "auth_url": self.site.url("keystone", "/v3"),
            "username": user,
            "password": self.secrets[user],
            "project_name": SERVICE_PROJECT,
            "user_domain_name": DOMAIN,
            "project_domain_name": DOMAIN,
            "region_name": REGION,
        }

    def token(self, user: str) -> Section:
        """Section with which a service checks its callers' tokens."""
        return {
            **self.auth(user),
            "www_authenticate_uri": self.site.url("keystone", "/v3"),
            # Without the cache every call of every API asks Keystone once more.
            "memcached_servers": self.memcached(),
            "token_cache_time": 300,
            "service_token_roles": "service",
            "service_token_roles_required": True,
        }

    def lock(self, service: str) -> Section:
        """Section for the locks between one service's processes."""
        return {"lock_path": self.site.var / "lock" / service}
