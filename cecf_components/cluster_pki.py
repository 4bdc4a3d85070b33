"""Makes a cluster's keys and certificates, once.

A dynamic resource: the keys are made when the cluster is, kept encrypted in the state, and never made anew by a
preview or a second run. The state holds its provider by the class's full name, so the class must not move.
"""

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider

from cecf.pki.keys import Pki, admin_kubeconfig
from cecf.pki.make import make_pki


class _PkiProvider(ResourceProvider):
    """Makes keys; reads nothing and deletes nothing, since they are in the state only."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(id_=props["cluster"], outs={**props, "pki": make_pki(props["cluster"]).as_data()})

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=False)


class ClusterPki(Resource, module="cecf", name="ClusterPki"):
    """Three authorities, the key that signs service accounts' tokens, the administrator's certificate; all secret."""

    pki: pulumi.Output[dict[str, Any]]
    """`cecf.pki.keys.Pki` as data; secret."""

    def __init__(self, name: str, cluster: str, opts: pulumi.ResourceOptions) -> None:
        """Make the keys of `cluster`."""
        self._cluster = cluster
        secret = pulumi.ResourceOptions(additional_secret_outputs=["pki"])
        super().__init__(
            _PkiProvider(), name, {"cluster": cluster, "pki": None}, pulumi.ResourceOptions.merge(opts, secret)
        )

    def kubeconfig(self, url: pulumi.Input[str]) -> pulumi.Output[str]:
        """Return the administrator's kubeconfig for the API at `url`; secret."""
        return pulumi.Output.all(self.pki, url).apply(
            lambda known: admin_kubeconfig(Pki.from_data(known[0]), self._cluster, known[1])
        )
