"""What a node's files are made of besides the plan: known only once the run goes on."""

import base64
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

from cecf.pki.keys import KeyPair, Pki
from cecf.plan import NodePlan, Role


@dataclass(frozen=True, kw_only=True)
class EtcdKeys:
    """What a node needs to be a member of etcd (`server` and `peer`), or a client of it (`client`)."""

    authority: str
    """The certificate of the authority that signed them, whose key no node has."""
    server: KeyPair | None = None
    peer: KeyPair | None = None
    client: KeyPair | None = None


@dataclass(frozen=True, kw_only=True)
class StoreKey:
    """A credential that opens the container of the snapshots and nothing else."""

    credential_id: str
    credential_secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class NodeFacts:
    """Keys, ids and addresses that the cloud or the program made for one node."""

    pki: Pki
    """The cluster's keys; only a control plane's files hold private ones."""
    volumes: Mapping[str, str] = field(default_factory=dict)
    """Ids of its volumes, by where they are mounted."""
    etcd: EtcdKeys | None = None
    """Its keys for etcd; none on a worker."""
    store_key: StoreKey | None = None
    """What opens the store of snapshots, where that is the cloud's object storage."""


def placeholder(node: NodePlan, generations: int = 1) -> NodeFacts:
    """Return facts as long as real ones: what is rendered with them is as long as what a node gets.

    As hard to compress, too. `generations`: how many of each authority are trusted.
    """
    kubernetes, front_proxy, etcd, service_account, server, peer, client = (
        KeyPair(certificate=_noise(f"certificate {number}", 720 * generations), key=_noise(f"key {number}", 240))
        for number in range(7)
    )
    member = node.is_member
    return NodeFacts(
        pki=Pki(
            kubernetes=kubernetes,
            front_proxy=front_proxy,
            etcd=etcd,
            service_account=service_account,
            backup_password=hashlib.sha256(b"backup password").hexdigest(),
            token_seed=hashlib.sha256(b"token seed").hexdigest(),
            encryption_keys=(base64.b64encode(hashlib.sha256(b"encryption").digest()).decode(),),
        ),
        volumes={volume.mount: "0" * 36 for volume in node.volumes},
        etcd=EtcdKeys(
            authority=etcd.certificate,
            server=server if member else None,
            peer=peer if member else None,
            client=client if node.role is Role.CONTROL_PLANE else None,
        ),
        store_key=StoreKey(credential_id="0" * 32, credential_secret=_noise("secret", 86)),
    )


def _noise(seed: str, length: int) -> str:
    """Return text that looks like base64 of chance, and is always the same."""
    blocks = (
        base64.b64encode(hashlib.sha512(f"{seed} {number}".encode()).digest()).decode() for number in itertools.count()
    )
    return "".join(itertools.islice(itertools.chain.from_iterable(blocks), length))
