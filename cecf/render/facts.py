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
    public_address: str | None = None
    """The endpoint's floating IP."""
    data_volume: str | None = None
    """The id of the volume for etcd's data."""


def placeholder(*, public: bool, data_volume: bool) -> NodeFacts:
    """Return facts as long as real ones: what is rendered with them is as long as what a node gets.

    As hard to compress, too.
    """
    pair = KeyPair(certificate=_noise(660), key=_noise(240))
    return NodeFacts(
        pki=Pki(kubernetes=pair, front_proxy=pair, etcd=pair, service_account=pair, admin=pair, token_seed="00" * 32),
        public_address="255.255.255.255" if public else None,
        data_volume="0" * 36 if data_volume else None,
    )


def _noise(length: int) -> str:
    """Return text that looks like base64 of chance, and is always the same."""
    blocks = (base64.b64encode(hashlib.sha512(str(number).encode()).digest()).decode() for number in itertools.count())
    return "".join(itertools.islice(itertools.chain.from_iterable(blocks), length))
