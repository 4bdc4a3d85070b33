"""The cluster's store."""

from typing import Annotated, Literal

from pydantic import Field

from cecf.settings.base import Model
from cecf.settings.types import Name, QuorumSize


class EtcdVolume(Model):
    """A volume for etcd alone: its fsync must not wait for container images or logs."""

    type: Name = "ssd"
    """The volume type; etcd wants a WAL fsync under 10 ms at the 99th percentile."""
    size_gib: Annotated[int, Field(ge=1, le=1000)] = 10
    """GiB; more than the backend quota (8 GiB at most) plus the WAL and snapshots."""


class EtcdSettings(Model):
    """How many members keep the data, where they run and on what."""

    topology: Literal["stacked"] = "stacked"
    """`stacked`: one member on each control-plane server."""
    members: QuorumSize | None = None
    """Members: 1, 3 or 5; empty: one on each control-plane server."""
    volume: EtcdVolume = EtcdVolume()
    """The volume of each member."""
