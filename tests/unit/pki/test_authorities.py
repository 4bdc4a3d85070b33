"""Generations of authorities: every step of a rotation leaves everybody trusted, and no step can be left out."""

import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from cecf.pki.authorities import Authorities, Trust, first_of, refusals, with_authorities
from cecf.pki.keys import KeyPair, Pki
from cecf.pki.make import Leaf, make_authorities, make_leaf, make_pki
from tests.helpers.tls_server import serving

STEPS = [
    Trust(generation=1, trust=(1,)),
    Trust(generation=1, trust=(1, 2)),
    Trust(generation=2, trust=(1, 2)),
    Trust(generation=2, trust=(2,)),
]
"""A whole rotation."""

SERVER = Leaf(common_name="kube-apiserver", addresses=("127.0.0.1",), usages=("server",), life_days=2)
CLIENT = Leaf(common_name="somebody", usages=("client",), life_days=2)


@pytest.fixture(scope="module")
def generations() -> Mapping[int, Authorities]:
    """Return three generations."""
    return {number: make_authorities("dev", number) for number in (1, 2, 3)}


@pytest.fixture(scope="module")
def pki() -> Pki:
    """Return keys."""
    return make_pki("dev")


def keys(pki: Pki, generations: Mapping[int, Authorities], step: Trust) -> KeyPair:
    """Return the cluster's authority as it is at a step."""
    return with_authorities(pki, generations, step).kubernetes


def speak(server: tuple[KeyPair, str], client: tuple[KeyPair, str], folder: Path) -> str:
    """Return the client's name as the server saw it; each has a certificate, and a bundle to trust."""
    contexts = [ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cadata=client[1])]
    contexts[0].load_verify_locations(cadata=server[1])
    contexts[0].verify_mode = ssl.CERT_REQUIRED
    for number, (context, (pair, _)) in enumerate(zip(contexts, (server, client), strict=True)):
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        file = folder / f"{number}.pem"
        file.write_text(pair.key + pair.certificate)
        context.load_cert_chain(file)
    with (
        serving(contexts[0], lambda request: (200, request.client.encode())) as port,
        urllib.request.urlopen(f"https://127.0.0.1:{port}/", context=contexts[1], timeout=10) as answer,
    ):
        return str(answer.read().decode())


@pytest.mark.parametrize(("before", "after"), list(pairwise(STEPS)))
def test_nodes_before_a_step_and_after_it_speak_to_each_other(
    pki: Pki, generations: Mapping[int, Authorities], before: Trust, after: Trust, tmp_path: Path
) -> None:
    old, new = (keys(pki, generations, step) for step in (before, after))
    for one, other in ((old, new), (new, old)):
        server, client = (make_leaf(one, SERVER), one.certificate), (make_leaf(other, CLIENT), other.certificate)
        assert speak(server, client, tmp_path) == "somebody"


@pytest.mark.parametrize(("before", "after"), [(STEPS[0], STEPS[2]), (STEPS[0], STEPS[3]), (STEPS[1], STEPS[3])])
def test_a_step_that_is_left_out_would_shut_some_of_them_out(
    pki: Pki, generations: Mapping[int, Authorities], before: Trust, after: Trust, tmp_path: Path
) -> None:
    old, new = (keys(pki, generations, step) for step in (before, after))
    refused = 0
    for one, other in ((old, new), (new, old)):
        server, client = (make_leaf(one, SERVER), one.certificate), (make_leaf(other, CLIENT), other.certificate)
        try:
            speak(server, client, tmp_path)
        except (OSError, urllib.error.URLError):
            refused += 1
    assert refused
    assert list(refusals(before, after))


def test_a_bundle_of_both_trusts_each(pki: Pki, generations: Mapping[int, Authorities], tmp_path: Path) -> None:
    first, second = (generations[number]["kubernetes"] for number in (1, 2))
    bundle = keys(pki, generations, STEPS[1]).certificate
    server, client = make_leaf(second, SERVER), make_leaf(first, CLIENT)
    assert speak((server, bundle), (client, bundle), tmp_path) == "somebody"


@pytest.mark.parametrize(("before", "after"), [*pairwise(STEPS), *((step, step) for step in STEPS)])
def test_a_rotation_is_let_through_step_by_step(before: Trust, after: Trust) -> None:
    assert list(refusals(before, after)) == []


@pytest.mark.parametrize(("before", "after"), [(STEPS[1], STEPS[0]), (STEPS[2], STEPS[1])])
def test_a_step_can_be_taken_back_while_both_are_trusted(before: Trust, after: Trust) -> None:
    assert list(refusals(before, after)) == []


def test_the_new_one_has_to_be_trusted_before_it_signs() -> None:
    (problem,) = refusals(STEPS[0], STEPS[2])
    assert str(problem) == (
        "cecf:cluster.certificates.authority.generation: generation 2 is not trusted by the running cluster yet; "
        "first trust it besides, with generation 1 still signing, and run `up`. "
        "Mend: write 'cecf:cluster.certificates.authority' as {generation: 1, trust: [1, 2]}"
    )


def test_the_one_that_signs_has_to_be_trusted() -> None:
    (problem,) = refusals(STEPS[1], STEPS[3])
    assert str(problem) == (
        "cecf:cluster.certificates.authority.trust: generation 1 still signs in the running cluster; "
        "it has to be trusted until `up` has run with another one signing. "
        "Mend: write 'cecf:cluster.certificates.authority' as {generation: 2, trust: [1, 2]}"
    )


def test_one_that_is_gone_does_not_come_back_under_its_number() -> None:
    (problem,) = refusals(STEPS[3], Trust(generation=2, trust=(2, 1)))
    assert "generation 1 is gone" in problem.what
    assert problem.mend.endswith("as {generation: 2, trust: [2, 3]}")


def test_who_goes_too_far_at_once_is_told_of_the_next_step() -> None:
    (problem,) = refusals(STEPS[0], STEPS[3])
    assert problem.mend.endswith("as {generation: 1, trust: [1, 2]}")


def test_the_signing_one_stands_first_whatever_the_order_of_the_settings(
    pki: Pki, generations: Mapping[int, Authorities]
) -> None:
    for trust in ((1, 2, 3), (3, 1, 2), (2, 3, 1)):
        made = with_authorities(pki, generations, Trust(generation=2, trust=trust))
        assert made.etcd.certificate == "".join(generations[number]["etcd"].certificate for number in (2, 1, 3))
        assert made.etcd.key == generations[2]["etcd"].key
        assert first_of(made.front_proxy.certificate) == generations[2]["front_proxy"].certificate


def test_what_is_no_authority_stays_what_it_was(pki: Pki, generations: Mapping[int, Authorities]) -> None:
    made = with_authorities(pki, generations, STEPS[3])
    assert (made.service_account, made.token_seed) == (pki.service_account, pki.token_seed)


def test_the_state_gives_back_what_it_was_given() -> None:
    assert Trust.from_data({"generation": 2.0, "trust": [1.0, 2.0]}) == STEPS[2]
    assert Trust.from_data(STEPS[2].as_data()) == STEPS[2]
