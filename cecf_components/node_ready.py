"""Lets a server into its cluster and waits until Kubernetes says that it is Ready.

A dynamic resource, one for each node: another server under the node's name is let in anew, and a node whose server
goes is forgotten by Kubernetes first. The state holds its provider by the class's full name, so the class must not
move.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from cecf.cloud import connect
from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError, KubernetesApi
from cecf.kubernetes.draining import drain
from cecf.kubernetes.waiting import Joiner, forget_node, wait_for_node
from cecf_components.progress import teller, waiting

FORGET_MINUTES = 0.5
"""How long a Kubernetes that does not answer is asked to forget a node; the next server of the name asks again."""


def let_in(props: Mapping[str, Any]) -> None:
    """Let the node of `props` in, and return once it is Ready."""
    labels = props.get("labels") or {}
    joiner = Joiner(node=props["node"], server=props["server"], token=props["token"], labels=labels)
    wait = waiting(props["name"], props["timeout_minutes"])
    wait_for_node(KubernetesApi(props["kubeconfig"]), connect(props["cloud"]), joiner, wait)


class _NodeProvider(ResourceProvider):
    """Puts the node's bootstrap token, waits, and takes the token away."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        let_in(props)
        return CreateResult(id_=props["node"], outs=props)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        other_server = olds.get("server") != news.get("server")
        return DiffResult(
            changes=other_server or olds.get("kubeconfig") != news.get("kubeconfig"),
            replaces=["server"] if other_server else [],
            delete_before_replace=True,
        )

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(outs=news)

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        api = KubernetesApi(props["kubeconfig"])
        # A state from before there was any draining knows no time for it.
        minutes, patience = props.get("drain_minutes", 0), FORGET_MINUTES
        try:
            left = drain(api, id_, waiting(props["name"], minutes))
            if left:
                teller(props["name"])(f"{len(left)} pods did not leave within {minutes} min: {left[0]} ...")
        except (ApiUnreachableError, ApiRefusedError) as error:
            teller(props["name"])(f"its pods were not asked to leave: {error}")
            # It has been waited for already; where every control plane is lost, each would wait as long again.
            patience = FORGET_MINUTES / 5
        try:
            forget_node(api, id_, waiting(props["name"], patience))
        except (ApiUnreachableError, ApiRefusedError) as error:
            # Its server goes all the same; a Kubernetes that cannot be asked must not keep it.
            teller(props["name"])(f"Kubernetes was not told that the node goes: {error}")


class NodeReady(Resource, module="cecf", name="NodeReady"):
    """A node that is Ready."""

    def __init__(self, name: str, props: Mapping[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions) -> None:
        """Wait; `props`: name, cloud, node, server (id), kubeconfig and token (secret), and the minutes of waits."""
        super().__init__(_NodeProvider(), name, props, opts)
