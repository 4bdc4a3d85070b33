"""New keys: certificates that verify, for what they are meant and no more, valid long enough and no earlier."""

import base64
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cecf.pki.keys import KeyPair, Pki
from cecf.pki.make import make_authorities, make_pki
from tests.helpers import clusters

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

AUTHORITIES = ("kubernetes", "front_proxy", "etcd")
EVERY = (*AUTHORITIES, "service_account")


@pytest.fixture(scope="module")
def pki() -> Pki:
    """Return the keys of a cluster that is made at `NOW`."""
    return make_pki("dev", NOW)


def certificate(pair: KeyPair) -> x509.Certificate:
    """Return a pair's certificate."""
    return x509.load_pem_x509_certificate(pair.certificate.encode())


def key(pair: KeyPair) -> ec.EllipticCurvePrivateKey:
    """Return a pair's private key."""
    loaded = serialization.load_pem_private_key(pair.key.encode(), None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)
    return loaded


def public_pem(of: ec.EllipticCurvePrivateKey) -> str:
    """Return a key's public half."""
    public = of.public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def name_of(subject: x509.Name, oid: x509.ObjectIdentifier = NameOID.COMMON_NAME) -> str:
    """Return one part of a name."""
    (part,) = subject.get_attributes_for_oid(oid)
    return str(part.value)


def usage(of: x509.Certificate) -> x509.KeyUsage:
    """Return what a certificate's key may do."""
    return of.extensions.get_extension_for_class(x509.KeyUsage).value


@pytest.mark.parametrize("name", EVERY)
def test_every_key_is_of_the_curve_that_kubeadm_uses_on_the_nodes(pki: Pki, name: str) -> None:
    assert isinstance(key(getattr(pki, name)).curve, ec.SECP256R1)


@pytest.mark.parametrize("name", AUTHORITIES)
def test_a_certificate_is_of_the_key_beside_it(pki: Pki, name: str) -> None:
    pair = getattr(pki, name)
    assert certificate(pair).public_key() == key(pair).public_key()


def test_what_signs_service_accounts_tokens_is_a_key_pair_without_a_certificate(pki: Pki) -> None:
    assert pki.service_account.certificate == public_pem(key(pki.service_account))


def test_a_new_cluster_has_one_key_for_secrets_of_the_length_that_secretbox_takes(pki: Pki) -> None:
    (encryption_key,) = pki.encryption_keys
    assert len(base64.b64decode(encryption_key, validate=True)) == 32


def test_no_two_keys_are_the_same(pki: Pki) -> None:
    other = make_pki("dev", NOW)
    keys = [getattr(made, name).key for made in (pki, other) for name in EVERY]
    others = {key for made in (pki, other) for key in (made.token_seed, *made.encryption_keys)}
    assert len({*keys, *others}) == 12


@pytest.mark.parametrize("name", AUTHORITIES)
def test_an_authority_may_sign_certificates_and_signs_itself(pki: Pki, name: str) -> None:
    found = certificate(getattr(pki, name))
    found.verify_directly_issued_by(found)
    constraints = found.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca) == (True, True)
    assert usage(found).key_cert_sign


def test_authorities_have_the_names_that_kubeadm_gives_them(pki: Pki) -> None:
    names = [name_of(certificate(getattr(pki, name)).subject) for name in AUTHORITIES]
    assert names == ["kubernetes", "front-proxy-ca", "etcd-ca"]


def test_the_administrator_is_signed_by_the_cluster_s_authority_alone(pki: Pki) -> None:
    admin = certificate(clusters.admin(pki))
    admin.verify_directly_issued_by(certificate(pki.kubernetes))
    for other in (pki.etcd, pki.front_proxy):
        with pytest.raises(ValueError, match="Issuer"):
            admin.verify_directly_issued_by(certificate(other))


def test_the_administrator_may_be_a_client_and_nothing_else(pki: Pki) -> None:
    admin = certificate(clusters.admin(pki))
    extended = admin.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(extended) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not admin.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert usage(admin).digital_signature
    assert not usage(admin).key_cert_sign


def test_the_administrator_is_of_the_group_whose_rights_can_be_taken_away(pki: Pki) -> None:
    subject = certificate(clusters.admin(pki)).subject
    assert (name_of(subject), name_of(subject, NameOID.ORGANIZATION_NAME)) == ("dev-admin", "kubeadm:cluster-admins")


def test_another_cluster_s_administrator_is_not_trusted(pki: Pki) -> None:
    with pytest.raises(InvalidSignature):
        certificate(clusters.admin(make_pki("dev", NOW))).verify_directly_issued_by(certificate(pki.kubernetes))


@pytest.mark.parametrize("name", AUTHORITIES)
def test_an_authority_holds_from_a_little_before_now_for_ten_years(pki: Pki, name: str) -> None:
    found = certificate(getattr(pki, name))
    # A node whose clock is behind must not refuse it.
    assert NOW - timedelta(hours=1) < found.not_valid_before_utc < NOW
    assert found.not_valid_after_utc == NOW + timedelta(days=3650)


def test_another_generation_has_other_names_and_the_life_that_is_said() -> None:
    made = {kind: certificate(pair) for kind, pair in make_authorities("dev", 2, 30, NOW).items()}
    assert [name_of(each.subject) for each in made.values()] == ["kubernetes-2", "front-proxy-ca-2", "etcd-ca-2"]
    assert {each.not_valid_after_utc for each in made.values()} == {NOW + timedelta(days=30)}
    assert {name_of(each.subject, NameOID.ORGANIZATION_NAME) for each in made.values()} == {"dev"}


def test_keys_are_made_now_unless_said_otherwise() -> None:
    made = certificate(make_pki("dev").kubernetes).not_valid_before_utc
    assert timedelta() < datetime.now(UTC) - made < timedelta(minutes=30)


@pytest.mark.parametrize("name", AUTHORITIES)
def test_openssl_takes_an_authority_at_its_strictest(pki: Pki, name: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cadata=getattr(pki, name).certificate)
    assert context.cert_store_stats()["x509_ca"] == 1
