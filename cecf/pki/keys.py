"""The keys and certificates of a cluster, and what is computed from them. Pure.

They are made once by the program and kept, encrypted, in the stack's state: so a joining control plane needs nobody to
hand it a key over SSH, and the administrator's kubeconfig is known before the first server boots.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

import yaml

_TOKEN_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"  # noqa: S105 (the characters of any token)


ADMIN, VIEWER = "admin", "viewer"

GROUPS = {ADMIN: "kubeadm:cluster-admins", VIEWER: "cecf:viewers"}
"""The group of each role's certificate. kubeadm binds its own to cluster-admin; unlike `system:masters` it can be taken
away. CECF binds the other one to reading."""


@dataclass(frozen=True, kw_only=True)
class KeyPair:
    """A private key and its certificate (or public key), both PEM."""

    certificate: str
    """Of an authority, a bundle: the certificate that signs, then those that are trusted besides."""
    key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Pki:
    """Everything secret that a cluster begins with."""

    kubernetes: KeyPair
    """The authority of the API server, its clients and the kubelets."""
    front_proxy: KeyPair
    """The authority of the aggregation layer."""
    etcd: KeyPair
    """The authority of etcd's servers, peers and clients."""
    service_account: KeyPair
    """Signs service accounts' tokens; its `certificate` is the public key."""
    backup_password: str = field(repr=False)
    """What snapshots of etcd are encrypted with."""
    token_seed: str = field(repr=False)
    """What the nodes' bootstrap tokens are derived from."""
    encryption_keys: tuple[str, ...] = field(repr=False)
    """Encrypt Secrets in etcd: each 32 bytes in base64. The first one writes, every one reads."""

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data, for the stack's state."""
        return {**asdict(self), "encryption_keys": list(self.encryption_keys)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return what `as_data` gave. Raises `ValueError` for keys that another release of cecf has made."""
        if data.keys() != (names := {each.name for each in fields(cls)}):
            odd = ", ".join(sorted(names ^ data.keys()))
            raise ValueError(
                f"the cluster's keys in the state are another release's, which differ in {odd}; "
                "nothing moves a cluster between releases yet. Mend: run that release, or destroy the stack first"
            )
        parts: dict[str, Any] = {
            name: KeyPair(**value) if isinstance(value, Mapping) else value for name, value in data.items()
        }
        return cls(**{**parts, "encryption_keys": tuple(data["encryption_keys"])})


def join_token(pki: Pki, node: str) -> str:
    """Return the bootstrap token of a node: `<6 characters>.<16 characters>`, its own and always the same.

    It opens nothing by itself: the API server knows it only while the program lets the node in.
    """
    digest = int.from_bytes(hmac.digest(bytes.fromhex(pki.token_seed), node.encode(), hashlib.sha256), "big")
    characters = []
    for _ in range(22):
        digest, position = divmod(digest, len(_TOKEN_ALPHABET))
        characters.append(_TOKEN_ALPHABET[position])
    return f"{''.join(characters[:6])}.{''.join(characters[6:])}"


def encryption_key_name(key: str) -> str:
    """Return the name under which etcd's values say which key they need.

    It follows from the key, not from its place in the list, so a rotation may move it. Of 256 bits of chance a digest
    tells nothing.
    """
    return f"key-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, kw_only=True)
class Api:
    """A cluster's API, as a client finds and knows it."""

    cluster: str
    url: str
    server_name: str
    """An address in the API servers' certificates: they are known by it, whatever address leads to them."""
    authorities: str
    """Whom to trust, PEM."""


def client_kubeconfig(api: Api, role: str, client: KeyPair) -> str:
    """Return the kubeconfig of a role of `GROUPS`, whose certificate is `client`."""
    credential = {"client-certificate-data": _base64(client.certificate), "client-key-data": _base64(client.key)}
    document = _kubeconfig(api.authorities, api.cluster, api.url, user_name(api.cluster, role), credential)
    document["clusters"][0]["cluster"]["tls-server-name"] = api.server_name
    return yaml.safe_dump(document, sort_keys=False)


def user_name(cluster: str, role: str) -> str:
    """Return under which name Kubernetes knows who has a role's certificate."""
    return f"{cluster}-{role}"


def join_kubeconfig(pki: Pki, cluster: str, url: str, node: str) -> str:
    """Return the kubeconfig, as JSON, with which a node asks to be let in: the authority to trust, and its token."""
    return json.dumps(_kubeconfig(pki.kubernetes.certificate, cluster, url, node, {"token": join_token(pki, node)}))


def _kubeconfig(trusted: str, cluster: str, url: str, user: str, credential: Mapping[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": cluster,
                "cluster": {"server": url, "certificate-authority-data": _base64(trusted)},
            }
        ],
        "users": [{"name": user, "user": dict(credential)}],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": user}}],
        "current-context": cluster,
    }


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
