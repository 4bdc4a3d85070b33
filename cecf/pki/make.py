"""Makes keys and certificates: those of a new cluster, and single leaf certificates.

ECDSA on P-256 throughout, as kubeadm's `encryptionAlgorithm: ECDSA-P256` makes the leaf certificates on the nodes.
"""

import base64
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Literal, get_args

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cecf.pki.authorities import KINDS
from cecf.pki.keys import KeyPair, Pki

AUTHORITY_LIFE_DAYS = 3650
"""Ten years, kubeadm's own for its authorities."""

LEAF_LIFE_DAYS = 365
"""A year, kubeadm's own for leaf certificates."""

CLOCK_SKEW = timedelta(minutes=5)
"""A certificate is valid from this long ago: a node's clock may be behind."""

Usage = Literal["server", "client"]
"""What a leaf certificate may be shown as, in TLS."""

USAGES: tuple[Usage, ...] = get_args(Usage)

_EXTENDED_USAGE = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """What is written into a leaf certificate."""

    common_name: str
    """Who it is: to Kubernetes, the user's name."""
    organizations: tuple[str, ...] = ()
    """To Kubernetes, the user's groups."""
    dns_names: tuple[str, ...] = ()
    """Names under which a server is reached."""
    addresses: tuple[str, ...] = ()
    """IP addresses under which a server is reached."""
    usages: tuple[Usage, ...]
    """What it may be shown as; both for etcd's peers."""
    life_days: int = LEAF_LIFE_DAYS
    """Days that it is valid, but never longer than its authority."""


def make_pki(cluster: str, now: datetime | None = None) -> Pki:
    """Make new keys for a cluster, with authorities of the first generation, valid from `now` (UTC)."""
    return Pki(
        **make_authorities(cluster, now=now),
        service_account=_signing_pair(),
        backup_password=secrets.token_hex(32),
        token_seed=secrets.token_hex(32),
        encryption_keys=(make_encryption_key(),),
    )


def make_encryption_key() -> str:
    """Make a key for Secrets in etcd: 32 bytes, as secretbox takes them, in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def make_authorities(
    cluster: str, generation: int = 1, life_days: int = AUTHORITY_LIFE_DAYS, now: datetime | None = None
) -> dict[str, KeyPair]:
    """Make one authority of each kind, valid from `now` (UTC)."""
    start = now or datetime.now(UTC)
    end = start + timedelta(days=life_days)
    # Each generation by another name: who looks for an issuer by its name finds the right one at once.
    number = "" if generation == 1 else f"-{generation}"
    return {kind: _authority(cluster, f"{name}{number}", start, end) for kind, name in KINDS.items()}


def make_leaf(authority: KeyPair, leaf: Leaf, now: datetime | None = None) -> KeyPair:
    """Make a new key and its certificate, signed by `authority` and valid from `now` (UTC).

    Where the authority's `certificate` is a bundle, its first certificate is the one that signs.
    """
    start = now or datetime.now(UTC)
    issuer = x509.load_pem_x509_certificate(authority.certificate.encode())
    signer = serialization.load_pem_private_key(authority.key.encode(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is none of an elliptic curve")
    key = ec.generate_private_key(ec.SECP256R1())
    # A client that trusts the authority no more would refuse it anyway; so what it says of its end is true.
    end = min(start + timedelta(days=leaf.life_days), issuer.not_valid_after_utc)
    builder = (
        _builder(_subject(leaf), issuer.subject, key.public_key(), start, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_EXTENDED_USAGE[usage] for usage in leaf.usages]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if names := [*_names(leaf)]:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return KeyPair(certificate=_pem(builder.sign(signer, hashes.SHA256())), key=_key_pem(key))


def expires(certificate: str) -> datetime:
    """Return until when a certificate (PEM; of a bundle the first one) is valid, in UTC."""
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc


def fingerprint(certificate: str) -> str:
    """Return the SHA-256 of a certificate (PEM; of a bundle the first one), in hexadecimal digits."""
    return x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA256()).hex()


def _subject(leaf: Leaf) -> x509.Name:
    groups = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, name) for name in leaf.organizations]
    return x509.Name([*groups, x509.NameAttribute(NameOID.COMMON_NAME, leaf.common_name)])


def _names(leaf: Leaf) -> Iterable[x509.GeneralName]:
    yield from map(x509.DNSName, leaf.dns_names)
    yield from (x509.IPAddress(ip_address(address)) for address in leaf.addresses)


def _authority(cluster: str, name: str, start: datetime, end: datetime) -> KeyPair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(Leaf(common_name=name, organizations=(cluster,), usages=()))
    certificate = (
        _builder(subject, subject, key.public_key(), start, end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return KeyPair(certificate=_pem(certificate), key=_key_pem(key))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - CLOCK_SKEW)
        .not_valid_after(end)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=authority,
        crl_sign=False,
        content_commitment=False,
        key_encipherment=not authority,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _signing_pair() -> KeyPair:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return KeyPair(certificate=public.decode(), key=_key_pem(key))


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()
