"""What the members of an etcd need before their servers exist: volumes for the data, keys and certificates."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import pulumi

# By their names: the SDK loads a module when it is first used, which two threads of a run may do at the same time, and
# one of them then sees a half of it.
from pulumi_openstack.blockstorage import Volume
from pulumi_openstack.identity import ApplicationCredential

from cecf.cloud.owned import OWNER_KEY
from cecf.pki.keys import KeyPair
from cecf.pki.make import Leaf, Usage
from cecf.plan import EtcdPlan, NodePlan, VolumePlan
from cecf.plan.etcd import BackupPlan
from cecf.render.facts import EtcdKeys
from cecf.settings.certificates import CertificateSettings
from cecf_components.base import CecfComponent
from cecf_components.certificate import Certificate
from cecf_components.cluster_pki import ClusterPki
from cecf_components.guard import Guard

_USAGES: Mapping[str, tuple[Usage, ...]] = {
    # etcd's gateway of JSON is a client of its own server, with the server's certificate.
    "server": ("server", "client"),
    "peer": ("server", "client"),
    "client": ("client",),
}
"""What each certificate of a node is for."""


class EtcdClusterArgs(TypedDict):
    """What `EtcdCluster` is made from."""

    etcds: Sequence[EtcdPlan]
    """That of the cluster's data, and that of Events if they have one."""
    clients: Sequence[NodePlan]
    """The nodes whose API servers are its clients."""
    pki: ClusterPki
    """Whose authority signs."""
    lives: CertificateSettings
    """How long certificates live, and when they are made anew."""
    protect: bool
    """Whether a run that would delete a volume is refused."""
    guard: Guard
    """The stack's mark and hooks."""


class EtcdCluster(CecfComponent):
    """Volumes that outlive the members' servers, and for each server its own keys; no server has the authority's."""

    volume_ids: Mapping[str, Mapping[str, pulumi.Output[str]]]
    """The volumes' ids by where they are mounted, by node name."""
    store_key: pulumi.Output[dict[str, str]] | None
    """What opens the store of snapshots in the cloud's object storage, as `StoreKey`'s data; secret."""

    def __init__(self, name: str, args: EtcdClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args["guard"], opts)
        members = [node for etcd in args["etcds"] for node in etcd.members]
        kept = pulumi.ResourceOptions.merge(self._object(member=True), pulumi.ResourceOptions(protect=args["protect"]))
        self.volume_ids = {
            node.name: {volume.mount: self._volume(volume, kept) for volume in node.volumes} for node in members
        }
        backups = [etcd.backup for etcd in args["etcds"] if etcd.backup and etcd.backup.object_storage]
        self.store_key = self._store_key(name, backups[0]) if backups else None
        self._lives = args["lives"]
        self._authority = args["pki"].pki.apply(lambda pki: pki["etcd"])
        self._certificates = {
            **{(node.name, use): self._certificate(node, use) for node in members for use in ("server", "peer")},
            **{(node.name, "client"): self._certificate(node, "client") for node in args["clients"]},
        }
        self.register_outputs({"volume_ids": self.volume_ids})

    @property
    def expires(self) -> Mapping[str, pulumi.Output[str]]:
        """Until when each certificate is valid (RFC 3339, UTC), by node and what it is for."""
        return {f"{node} etcd {use}": made.expires for (node, use), made in self._certificates.items()}

    def keys(self, node: NodePlan) -> pulumi.Output[dict[str, Any] | None]:
        """Return a node's `EtcdKeys` as data, secret; none for a node that has nothing to do with etcd."""
        own = {use: made for (name, use), made in self._certificates.items() if name == node.name}
        if not own:
            return pulumi.Output.from_input(None)
        pairs = {use: {"certificate": made.certificate, "key": made.key} for use, made in own.items()}
        return pulumi.Output.all(authority=self._authority.apply(lambda pair: pair["certificate"]), **pairs)

    def _store_key(self, name: str, backup: BackupPlan) -> pulumi.Output[dict[str, str]]:
        """Make a credential that opens one container, and nothing else of the project."""
        account = backup.object_storage.path if backup.object_storage else ""
        container = f"{account}/{backup.container}"
        credential = ApplicationCredential(
            f"{name}-backup",
            name=f"{name}-backup",
            description=self._guard.owner,
            access_rules=[
                {"service": "object-store", "method": method, "path": path}
                for path in (container, f"{container}/**")
                for method in ("GET", "HEAD", "PUT", "POST", "DELETE")
            ],
            opts=self._object(),
        )
        return pulumi.Output.secret(pulumi.Output.all(credential_id=credential.id, credential_secret=credential.secret))

    def _certificate(self, node: NodePlan, use: str) -> Certificate:
        leaf = Leaf(
            common_name=node.name if use != "client" else f"kube-apiserver-{node.name}",
            dns_names=(node.name, "localhost"),
            addresses=("127.0.0.1", str(node.address)),
            usages=_USAGES[use],
            life_days=self._lives.life_days,
        )
        name = f"{node.name}-etcd-{use}-certificate"
        return Certificate(name, self._authority, leaf, self._lives.renew_before_days, self._child())

    def _volume(self, plan: VolumePlan, options: pulumi.ResourceOptions) -> pulumi.Output[str]:
        volume = Volume(
            plan.name,
            name=plan.name,
            size=plan.size_gib,
            volume_type=plan.type,
            enable_online_resize=True,
            metadata={OWNER_KEY: self._guard.owner},
            opts=options,
        )
        return volume.id


def etcd_keys(data: Mapping[str, Any] | None) -> EtcdKeys | None:
    """Return what `EtcdCluster.keys` gave as data."""
    if data is None:
        return None
    pairs = {use: KeyPair(**pair) for use, pair in data.items() if use != "authority"}
    return EtcdKeys(authority=data["authority"], **pairs)
