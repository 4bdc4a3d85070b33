"""What a stack's state knows of its cluster. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cecf.automation.events import name_of
from cecf.automation.stack import SERVER
from cecf.cloud.owned import POOL_KEY
from cecf.plan import names

_POOL = "cecf:index:WorkerPool"

Resource = Mapping[str, Any]
"""A resource as the state has it."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the state knows."""

    ids: frozenset[str]
    """Of every object."""
    servers: frozenset[str]
    """The names of the program's servers, made or about to be made."""
    pools: frozenset[str]
    """The worker pools' names."""
    alive: bool
    """Whether there is a cluster: with none of its control planes there is none, whatever else is left."""
    blank: bool
    """Whether it knows nothing at all."""


def known(cluster: str, resources: Sequence[Resource], pending: Iterable[tuple[str, Mapping[str, Any]]]) -> Known:
    """Return what a state knows of a cluster; `pending` are types and inputs of creations that were interrupted."""
    interrupted = list(pending)
    servers = [resource["inputs"] for resource in resources if resource["type"] == SERVER]
    begun = [inputs for token, inputs in interrupted if token == SERVER]
    return Known(
        ids=frozenset(resource["id"] for resource in resources if resource.get("id")),
        servers=frozenset(str(inputs.get("name")) for inputs in (*servers, *begun)),
        pools=frozenset(_pools(cluster, resources)),
        alive=any(inputs.get("metadata", {}).get(POOL_KEY) == names.CONTROL_PLANE for inputs in servers),
        blank=not resources and not interrupted,
    )


def _pools(cluster: str, resources: Iterable[Resource]) -> Iterator[str]:
    prefix = names.part(cluster, "")
    return (name_of(each["urn"]).removeprefix(prefix) for each in resources if each["type"] == _POOL)
