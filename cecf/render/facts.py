"""What a node's files are made of besides the plan: known only once the run goes on."""

import base64
import hashlib
import itertools
from dataclasses import dataclass

from cecf.pki.keys import KeyPair, Pki


@dataclass(frozen=True, kw_only=True)
class NodeFacts:
    """Keys, ids and addresses that the cloud or the program made for one node."""

    pki: Pki
    """The cluster's keys; only a control plane's files hold private ones."""
    data_volume: str | None = None
    """The id of the volume for etcd's data."""


def placeholder(*, data_volume: bool, generations: int = 1) -> NodeFacts:
    """Return facts as long as real ones: what is rendered with them is as long as what a node gets.

    As hard to compress, too. `generations`: how many of each authority are trusted.
    """
    kubernetes, front_proxy, etcd, service_account = (
        KeyPair(certificate=_noise(f"certificate {number}", 700 * generations), key=_noise(f"key {number}", 240))
        for number in range(4)
    )
    return NodeFacts(
        pki=Pki(
            kubernetes=kubernetes,
            front_proxy=front_proxy,
            etcd=etcd,
            service_account=service_account,
            token_seed=hashlib.sha256(b"token seed").hexdigest(),
        ),
        data_volume="0" * 36 if data_volume else None,
    )


def _noise(seed: str, length: int) -> str:
    """Return text that looks like base64 of chance, and is always the same."""
    blocks = (
        base64.b64encode(hashlib.sha512(f"{seed} {number}".encode()).digest()).decode() for number in itertools.count()
    )
    return "".join(itertools.islice(itertools.chain.from_iterable(blocks), length))
