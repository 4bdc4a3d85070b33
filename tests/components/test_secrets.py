"""Keys, tokens and kubeconfigs: told to the engine as secrets wherever they are, and nowhere else."""

import json

import pytest

from cecf.pki.keys import KeyPair, Pki, join_token
from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import COMPUTED, Recording

PKI = "pulumi-python:dynamic/cecf:ClusterPki"


@pytest.fixture(scope="module")
def real() -> Pki:
    """Return keys that can be told from one another and from everything else."""
    names = ("kubernetes", "front_proxy", "etcd", "service_account", "admin")
    pairs = {name: KeyPair(certificate=f"certificate-of-{name}", key=f"secret-key-of-{name}") for name in names}
    return Pki(**pairs, token_seed="5e" * 32, encryption_keys=("secret-key-of-etcd-s-values",))


@pytest.fixture(scope="module")
def made(build: Build, real: Pki) -> Recording:
    """Return what dev registers with those keys."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(COMPUTED, PKI, lambda _: {"pki": real.as_data()})
        return build("dev", clusters.REACHABLE)


def test_secrets_are_told_as_secrets(made: Recording) -> None:
    assert {r.name for r in made.of("Instance") if "userData" not in r.secrets} == set()
    joining = [*made.of("NodeReady"), *made.of("Turn")]
    assert {r.name for r in joining if not {"kubeconfig", "token"} <= r.secrets} == set()
    assert {r.name for r in made.of("ApiReady") if "kubeconfig" not in r.secrets} == set()
    assert made.one("kubernetes", "dev-kubernetes").secrets == {"kubeconfig"}
    (keys,) = made.of("ClusterPki")
    assert keys.secret_outputs == {"pki"}


def test_the_kubeconfig_is_a_secret_output_and_the_only_one(made: Recording) -> None:
    assert made.secret_exports == {"kubeconfig"}
    assert "secret-key-of-admin" not in made.exports["kubeconfig"]  # it is in there in base64
    assert "client-key-data" in made.exports["kubeconfig"]


def test_no_key_and_no_token_is_anywhere_that_the_engine_shows(made: Recording, real: Pki) -> None:
    nodes = [node.name for node in clusters.plan("dev").nodes]
    hidden = ["secret-key-of-", real.token_seed, *(join_token(real, node) for node in nodes)]
    for r in made.registrations:
        shown = json.dumps({name: value for name, value in r.inputs.items() if name not in r.secrets}, default=str)
        assert [word for word in hidden if word in shown] == [], r.name


def test_components_say_nothing_secret_in_the_open(made: Recording) -> None:
    for urn, outputs in made.outputs.items():
        for name, value in outputs.items():
            if name != "kubeconfig":
                assert "secret-key-of-" not in str(value), urn


def test_a_server_shows_by_a_digest_that_its_user_data_changed(made: Recording, dev: Recording) -> None:
    name = "dev-general-1-server"
    one, other = (recording.one("Instance", name) for recording in (made, dev))
    assert "metadata" not in one.secrets
    assert one.inputs["metadata"]["cecf-user-data-sha256"] != other.inputs["metadata"]["cecf-user-data-sha256"]
