"""Asks Nova where the servers of each group really are.

A resource of its own, not an `apply`: it asks when a server is new, and again on `pulumi refresh` (hosts change under
live migration), but never on a run that changes nothing. The state holds its provider by the class's full name, so a
class that moves leaves stacks behind which cannot be refreshed or destroyed.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from cecf.cloud.spread import check_spread


class _SpreadProvider(ResourceProvider):
    """Reads `hostId` and zone of each server through openstacksdk."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(id_="spread", outs=self._checked(props))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=any(olds.get(key) != news.get(key) for key in ("cloud", "groups")))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(outs=self._checked(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(id_, self._checked(props))

    def _checked(self, props: dict[str, Any]) -> dict[str, Any]:
        return {**props, **check_spread(props["cloud"], props["groups"])}


class SpreadCheck(Resource, module="cecf", name="SpreadCheck"):
    """Where the servers of each server group are, and whether that is as planned."""

    placements: pulumi.Output[dict[str, dict[str, str]]]
    """`host` (Nova's salted `hostId`) and `zone`, by node name."""
    faults: pulumi.Output[list[str]]
    """What is wrong: a server in another zone than planned, on no host, or on one with another of its group."""
    verified: pulumi.Output[bool]
    """Whether nothing is."""

    def __init__(
        self,
        name: str,
        cloud: str,
        groups: Mapping[str, Mapping[str, Mapping[str, pulumi.Input[str]]]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Check `groups`: `id` and planned `zone` of each server, by node name, by server group name."""
        props = {"cloud": cloud, "groups": groups, "placements": None, "faults": None, "verified": None}
        super().__init__(_SpreadProvider(), name, props, opts)
