"""Waits until a cluster's API answers, so that what is installed into it comes after it.

A dynamic resource: it waits when the control plane is new, never on a run that changes nothing. The state holds its
provider by the class's full name, so the class must not move.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from cecf.cloud import connect
from cecf.kubernetes.api import KubernetesApi
from cecf.kubernetes.waiting import wait_for_api
from cecf_components.progress import waiting


class _ApiProvider(ResourceProvider):
    """Asks the endpoint for `/readyz`, and the consoles of the control plane for what keeps it."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(id_="ready", outs=self._awaited(props))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=any(olds.get(key) != news.get(key) for key in ("url", "servers")))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(outs=self._awaited(news))

    def _awaited(self, props: dict[str, Any]) -> dict[str, Any]:
        wait = waiting(props["name"], props["timeout_minutes"])
        wait_for_api(KubernetesApi(props["kubeconfig"]), connect(props["cloud"]), props["servers"], wait)
        return props


class ApiReady(Resource, module="cecf", name="ApiReady"):
    """An API that answers."""

    def __init__(self, name: str, props: Mapping[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions) -> None:
        """Wait; `props`: name, cloud, url, kubeconfig (secret), servers (id by node name), timeout_minutes."""
        super().__init__(_ApiProvider(), name, props, opts)
