"""Single leaf certificates: what is written into them, for how long, and that TLS takes them."""

import ssl
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cecf.pki.keys import KeyPair, Pki
from cecf.pki.make import Leaf, Usage, expires, fingerprint, make_leaf, make_pki
from tests.helpers.tls_server import serving
from tests.unit.pki.test_make import NOW, certificate, key

MEMBER = Leaf(
    common_name="dev-control-plane-1",
    organizations=("etcd", "others"),
    dns_names=("dev-control-plane-1", "localhost"),
    addresses=("10.10.0.6", "127.0.0.1", "::1"),
    usages=("server", "client"),
    life_days=30,
)


@pytest.fixture(scope="module")
def pki() -> Pki:
    """Return the keys of a cluster that is made at `NOW`."""
    return make_pki("dev", NOW)


@pytest.fixture(scope="module")
def member(pki: Pki) -> KeyPair:
    """Return a certificate with everything in it."""
    return make_leaf(pki.etcd, MEMBER, NOW)


def test_it_is_of_the_key_beside_it_and_signed_by_the_authority(pki: Pki, member: KeyPair) -> None:
    assert certificate(member).public_key() == key(member).public_key()
    certificate(member).verify_directly_issued_by(certificate(pki.etcd))


def test_it_names_who_it_is(member: KeyPair) -> None:
    subject = certificate(member).subject
    assert [a.value for a in subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == ["dev-control-plane-1"]
    assert [a.value for a in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)] == ["etcd", "others"]


def test_it_names_what_it_is_reached_under(member: KeyPair) -> None:
    names = certificate(member).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["dev-control-plane-1", "localhost"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["10.10.0.6", "127.0.0.1", "::1"]


def test_what_is_reached_under_nothing_names_nothing(pki: Pki) -> None:
    made = certificate(make_leaf(pki.kubernetes, Leaf(common_name="somebody", usages=("client",)), NOW))
    with pytest.raises(x509.ExtensionNotFound):
        made.extensions.get_extension_for_class(x509.SubjectAlternativeName)


@pytest.mark.parametrize(
    ("usages", "written"),
    [
        (("server",), [ExtendedKeyUsageOID.SERVER_AUTH]),
        (("client",), [ExtendedKeyUsageOID.CLIENT_AUTH]),
        (("server", "client"), [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
    ],
)
def test_it_may_be_what_it_is_for_and_no_authority(
    pki: Pki, usages: tuple[Usage, ...], written: list[x509.ObjectIdentifier]
) -> None:
    made = certificate(make_leaf(pki.etcd, replace(MEMBER, usages=usages), NOW)).extensions
    assert list(made.get_extension_for_class(x509.ExtendedKeyUsage).value) == written
    assert not made.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not made.get_extension_for_class(x509.KeyUsage).value.key_cert_sign


def test_it_lives_as_long_as_is_said(member: KeyPair) -> None:
    assert expires(member.certificate) == NOW + timedelta(days=30)
    assert certificate(member).not_valid_before_utc < NOW


def test_it_never_outlives_its_authority(pki: Pki) -> None:
    made = make_leaf(pki.etcd, replace(MEMBER, life_days=36500), NOW)
    assert expires(made.certificate) == expires(pki.etcd.certificate)


def test_the_first_of_a_bundle_signs(pki: Pki) -> None:
    other = make_pki("dev", NOW)
    bundle = KeyPair(certificate=other.etcd.certificate + pki.etcd.certificate, key=other.etcd.key)
    certificate(make_leaf(bundle, MEMBER, NOW)).verify_directly_issued_by(certificate(other.etcd))
    assert fingerprint(bundle.certificate) == fingerprint(other.etcd.certificate) != fingerprint(pki.etcd.certificate)


def test_no_two_are_the_same(pki: Pki) -> None:
    one, other = (make_leaf(pki.etcd, MEMBER, NOW) for _ in range(2))
    assert one.key != other.key
    assert certificate(one).serial_number != certificate(other).serial_number


def test_what_its_key_is_is_not_shown(member: KeyPair) -> None:
    assert "PRIVATE KEY" not in repr(member)


def test_a_server_and_a_client_with_one_each_speak_to_each_other(tmp_path: Path) -> None:
    pki = make_pki("dev", datetime.now(UTC))
    pair = make_leaf(pki.etcd, MEMBER)
    (tmp_path / "pair.pem").write_text(pair.key + pair.certificate)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client = ssl.create_default_context(cadata=pki.etcd.certificate)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    for context in (server, client):
        context.load_cert_chain(tmp_path / "pair.pem")
    server.load_verify_locations(cadata=pki.etcd.certificate)
    server.verify_mode = ssl.CERT_REQUIRED
    assert _spoken_to(server, client) == "dev-control-plane-1"


def _spoken_to(server: ssl.SSLContext, client: ssl.SSLContext) -> str:
    """Return the name of the client as the server saw it."""
    with (
        serving(server, lambda request: (200, request.client.encode())) as port,
        urllib.request.urlopen(f"https://127.0.0.1:{port}/", context=client, timeout=10) as answer,
    ):
        return str(answer.read().decode())
