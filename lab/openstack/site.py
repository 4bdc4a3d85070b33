"""Where the lab of this machine lives, and which ports it takes."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
REGION = "RegionOne"

# The same cloud as its servers see it: loopback is their own there, so they have an address for its APIs, the external
# network's gateway, and find it in the catalogue by this region.
NODES_HOST = "198.18.0.1"
NODES_REGION = "nodes"

# The ports that OpenStack's documentation gives its services, and the three daemons' own.
# epmd has a port of ours: the usual one may belong to another Erlang of this machine.
PORTS = {
    "keystone": 5000,
    "placement": 8778,
    "nova": 8774,
    "neutron": 9696,
    "glance": 9292,
    "cinder": 8776,
    "octavia": 9876,
    "heat": 8004,
    "barbican": 9311,
    "swift": 8080,
    "swift-account": 6202,
    "swift-container": 6201,
    "swift-object": 6200,
    "memcached": 11211,
    "rabbitmq": 5672,
    "rabbitmq-distribution": 5673,
    "epmd": 4370,
}


@dataclass(frozen=True)
class Site:
    """One lab: its state folder, the cache it draws from, and the shift of its ports."""

    state: Path
    cache: Path
    offset: int = 0

    @classmethod
    def from_environment(cls) -> Site:
        """Read `CECF_LAB`, `CECF_CACHE` and `CECF_LAB_PORT_OFFSET`."""
        return cls(
            state=_folder("CECF_LAB", "XDG_STATE_HOME", ".local/state", "cecf/lab"),
            cache=_folder("CECF_CACHE", "XDG_CACHE_HOME", ".cache", "cecf"),
            offset=int(os.environ.get("CECF_LAB_PORT_OFFSET") or 0),
        )

    @property
    def etc(self) -> Path:
        """Rendered configuration."""
        return self.state / "etc"

    @property
    def var(self) -> Path:
        """What the services keep: databases, images, locks."""
        return self.state / "var"

    @property
    def log(self) -> Path:
        """One file a service."""
        return self.state / "log"

    @property
    def run(self) -> Path:
        """One process record a service."""
        return self.state / "run"

    @property
    def bin(self) -> Path:
        """Programs for the caller's PATH."""
        return self.state / "bin"

    @property
    def drivers(self) -> Path:
        """Our drivers' copy that the services import, apart from any checkout."""
        return self.state / "drivers"

    @property
    def clouds(self) -> Path:
        """The clients' clouds.yaml."""
        return self.state / "clouds.yaml"

    @property
    def stacks(self) -> Path:
        """The Pulumi engine's state of the stacks in this cloud."""
        return self.state / "stacks"

    @property
    def notice(self) -> Path:
        """Touched by Neutron whenever it may have changed, so that the fabric need not ask all the time."""
        return self.run / "neutron.changed"

    @property
    def mariadb_socket(self) -> Path:
        """MariaDB listens here and nowhere else."""
        return self.run / "mariadb.sock"

    def record(self, service: str) -> Path:
        """Where it is kept which process a service is."""
        return self.run / f"{service}.json"

    def log_file(self, service: str) -> Path:
        """Where a service writes."""
        return self.log / f"{service}.log"

    def port(self, service: str) -> int:
        """Port on which a service of this lab listens."""
        return PORTS[service] + self.offset

    def url(self, service: str, path: str = "") -> str:
        """Address of an API of this lab."""
        return f"http://{HOST}:{self.port(service)}{path}"

    def url_for_nodes(self, service: str, path: str = "") -> str:
        """Address of that API for the lab's servers."""
        return f"http://{NODES_HOST}:{self.port(service)}{path}"


def python_version() -> str:
    """Version that decides which wheels fit, as in `3.11`."""
    return ".".join(platform.python_version_tuple()[:2])


def _folder(own: str, xdg: str, home: str, name: str) -> Path:
    if chosen := os.environ.get(own):
        return Path(chosen).expanduser().absolute()
    base = os.environ.get(xdg)
    return (Path(base) if base else Path.home() / home) / name
