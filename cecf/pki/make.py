"""Makes the keys and certificates of a new cluster.

ECDSA on P-256 throughout, as kubeadm's `encryptionAlgorithm: ECDSA-P256` makes the leaf certificates on the nodes.
"""

import base64
import secrets
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cecf.pki.keys import KeyPair, Pki

AUTHORITY_LIFE = timedelta(days=3650)
"""Ten years, kubeadm's own for its authorities."""

ADMIN_LIFE = timedelta(days=365)
"""A year, kubeadm's own for leaf certificates."""

CLOCK_SKEW = timedelta(minutes=5)
"""A certificate is valid from this long ago: a node's clock may be behind."""

ADMIN_GROUP = "kubeadm:cluster-admins"
"""Bound to cluster-admin by kubeadm; unlike `system:masters` it can be taken away."""


def make_pki(cluster: str, now: datetime | None = None) -> Pki:
    """Make new keys for a cluster, valid from `now` (UTC)."""
    start = now or datetime.now(UTC)
    authority_key, kubernetes = _authority("kubernetes", start)
    _, front_proxy = _authority("front-proxy-ca", start)
    _, etcd = _authority("etcd-ca", start)
    return Pki(
        kubernetes=kubernetes,
        front_proxy=front_proxy,
        etcd=etcd,
        service_account=_signing_pair(),
        admin=_client(f"{cluster}-admin", ADMIN_GROUP, authority_key, kubernetes, start),
        token_seed=secrets.token_hex(32),
        encryption_keys=(make_encryption_key(),),
    )


def make_encryption_key() -> str:
    """Make a key for Secrets in etcd: 32 bytes, as secretbox takes them, in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _authority(name: str, start: datetime) -> tuple[ec.EllipticCurvePrivateKey, KeyPair]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        _builder(subject, subject, key.public_key(), start, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key, KeyPair(certificate=_pem(certificate), key=_key_pem(key))


def _client(name: str, group: str, issuer_key: ec.EllipticCurvePrivateKey, issuer: KeyPair, start: datetime) -> KeyPair:
    key = ec.generate_private_key(ec.SECP256R1())
    authority = x509.load_pem_x509_certificate(issuer.certificate.encode())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    certificate = (
        _builder(subject, authority.subject, key.public_key(), start, ADMIN_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )
    return KeyPair(certificate=_pem(certificate), key=_key_pem(key))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - CLOCK_SKEW)
        .not_valid_after(start + life)
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
