"""Waits until a server that Kubernetes does not know has become what it is to be: a member of etcd.

A dynamic resource, one for each such server. No run can reach it, so its console is asked, where it says what it does.
The state holds its provider by the class's full name, so the class must not move.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from cecf.cloud import connect
from cecf.kubernetes.waiting import wait_for_boot
from cecf_components.progress import waiting


def booted(props: Mapping[str, Any]) -> None:
    """Return once the server of `props` says that it is done."""
    wait = waiting(props["name"], props["timeout_minutes"])
    wait_for_boot(connect(props["cloud"]), props["node"], props["server"], wait)


class _MemberProvider(ResourceProvider):
    """Waits when the server is another one."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        booted(props)
        return CreateResult(id_=props["node"], outs=props)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=olds.get("server") != news.get("server"))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        booted(news)
        return UpdateResult(outs=news)


class MemberReady(Resource, module="cecf", name="MemberReady"):
    """A member of etcd that is well and votes."""

    def __init__(self, name: str, props: Mapping[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions) -> None:
        """Wait; `props`: name, cloud, node, server (id), timeout_minutes."""
        super().__init__(_MemberProvider(), name, props, opts)
