"""Lets a server of a quorum be replaced only when the one before it is a member again.

A dynamic resource between two servers. When the cluster is made, it stands in nobody's way; when the first of the two
is another server than before, it waits until that one is well (a control plane's is let in, too), and only then the
second's turn comes. So what replaces all of them never takes away more than one at a time. The state holds its
provider by the class's full name, so the class must not move.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from cecf_components.member_ready import booted
from cecf_components.node_ready import let_in


class _TurnProvider(ResourceProvider):
    """Waits for a replaced server, and for nothing else."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(id_=props["node"], outs=props)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=olds.get("server") != news.get("server"))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        # Only a node of Kubernetes has a token; of others their console tells.
        (let_in if "token" in news else booted)(news)
        return UpdateResult(outs=news)


class Turn(Resource, module="cecf", name="Turn"):
    """The next server's turn to be replaced."""

    def __init__(self, name: str, props: Mapping[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions) -> None:
        """Stand between two servers; `props` as those of `NodeReady` or `MemberReady`, of the first of them."""
        super().__init__(_TurnProvider(), name, props, opts)
