"""A named group of equal worker nodes."""

from typing import Annotated, Literal

from pydantic import Field

from cecf.settings.base import Model
from cecf.settings.types import Name


class WorkerPoolSettings(Model):
    """Worker nodes of one flavor. The pool's key is its identity, a node's ordinal is the node's."""

    count: Annotated[int, Field(ge=0, le=1000)] = 1
    """Nodes; the plan takes the lowest ordinals that are not retired."""
    retired: frozenset[Annotated[int, Field(ge=1)]] = frozenset()
    """Ordinals that are not used: to remove a node from the middle, name its ordinal here and lower `count`."""
    flavor: Name = "m1.medium"
    """The flavor of each node."""
    zones: tuple[Name, ...] = ()
    """Availability zones of the pool; empty: the cluster's."""
    anti_affinity: Literal["required", "preferred"] = "preferred"
    """Whether two nodes may share a host when there is no other: `required` fails instead."""
