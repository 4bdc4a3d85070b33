"""What a cloud has, as far as a plan needs it: data, filled in by `cecf.cloud`."""

from collections.abc import Mapping
from dataclasses import dataclass

from cecf.plan.standing import NOTHING, Standing


@dataclass(frozen=True, kw_only=True)
class Flavor:
    """A size of server: virtual cores, MiB of memory, GiB of root disk."""

    id: str
    name: str
    vcpus: int
    ram_mib: int
    disk_gib: int


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """The ids behind the names that the settings use. Every name in the settings is in here, or look-up failed."""

    image_id: str
    flavors: Mapping[str, Flavor]
    """Every one that the project sees."""
    external_network_id: str | None = None
    """Of the network that a created router leads to; none for an existing network."""
    network_id: str | None = None
    """Of an existing network; none for a created one."""
    subnet_id: str | None = None
    """Of the existing network's subnet."""
    load_balancer_flavor_id: str | None = None
    """Octavia's, if the settings name one."""
    object_storage: "ObjectStorage | None" = None
    """Where nodes find it; none where no snapshots go there."""
    standing: Standing = NOTHING
    """What the stack has already."""


@dataclass(frozen=True, kw_only=True)
class ObjectStorage:
    """The cloud's object storage, as nodes see it."""

    auth_url: str
    """Keystone's public URL."""
    region: str
    path: str
    """The account's path in the service's URL, such as `/v1/AUTH_<project>`."""
