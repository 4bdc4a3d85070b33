"""Makes a cluster's keys and certificates, once.

A dynamic resource: the keys are made when the cluster is, kept encrypted in the state, and never made anew by a
preview or a second run. The state holds its provider by the class's full name, so the class must not move.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from cecf.pki.keys import Pki, admin_kubeconfig
from cecf.pki.make import make_pki


def _command(path: str, value: str) -> str:
    if (path, value) == ("etcd.events.members", "0"):
        return "pulumi config rm --path 'cecf:cluster.etcd.events'"
    return f"pulumi config set --path 'cecf:cluster.{path}' '{value}'"


class _PkiProvider(ResourceProvider):
    """Makes keys; reads nothing and deletes nothing, since they are in the state only."""

    serialize_as_secret_always = False

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuse, in a preview already, what would break the cluster that has these keys."""
        before, now = olds.get("birth") or {}, news.get("birth") or {}
        return CheckResult(
            inputs=news,
            failures=[
                CheckFailure(
                    property_=f"cecf:cluster.{path}",
                    reason=f"the running cluster has {value} and cannot get {now[path]}; set it back: "
                    f"{_command(path, value)}",
                )
                for path, value in before.items()
                if path in now and now[path] != value
            ],
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(id_=props["cluster"], outs={**props, "pki": make_pki(props["cluster"]).as_data()})

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=olds.get("birth") != news.get("birth"))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(outs={**news, "pki": olds["pki"]})


class ClusterPki(Resource, module="cecf", name="ClusterPki"):
    """Three authorities, the key that signs service accounts' tokens, the administrator's certificate; all secret."""

    pki: pulumi.Output[dict[str, Any]]
    """`cecf.pki.keys.Pki` as data; secret."""

    def __init__(self, name: str, cluster: str, birth: Mapping[str, str], opts: pulumi.ResourceOptions) -> None:
        """Make the keys of `cluster`. `birth`: what it can never change, by the path of the setting."""
        self._cluster = cluster
        secret = pulumi.ResourceOptions(additional_secret_outputs=["pki"])
        super().__init__(
            _PkiProvider(),
            name,
            {"cluster": cluster, "birth": dict(birth), "pki": None},
            pulumi.ResourceOptions.merge(opts, secret),
        )

    def kubeconfig(self, url: pulumi.Input[str], server_name: str) -> pulumi.Output[str]:
        """Return the administrator's kubeconfig for the API at `url`, known there by `server_name`; secret."""
        return pulumi.Output.all(self.pki, url).apply(
            lambda known: admin_kubeconfig(Pki.from_data(known[0]), self._cluster, known[1], server_name)
        )
