"""Keys, tokens and kubeconfigs: told to the engine as secrets wherever they are, and nowhere else."""

import base64
import json

import pytest
import yaml

from cecf.pki.keys import KeyPair, Pki, join_token
from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import COMPUTED, Recording

PKI = "pulumi-python:dynamic/cecf:ClusterPki"


@pytest.fixture(scope="module")
def real() -> Pki:
    """Return keys that can be told from one another and from everything else."""
    names = ("kubernetes", "front_proxy", "etcd", "service_account")
    pairs = {name: KeyPair(certificate=f"certificate-of-{name}", key=f"secret-key-of-{name}") for name in names}
    return Pki(**pairs, token_seed="5e" * 32, encryption_keys=("secret-key-of-etcd-s-values",))


@pytest.fixture(scope="module")
def made(build: Build, real: Pki) -> Recording:
    """Return what dev registers with those keys."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(COMPUTED, PKI, lambda _: {"pki": real.as_data(), "expires": {}})
        return build("dev", clusters.REACHABLE)


def test_secrets_are_told_as_secrets(made: Recording) -> None:
    assert {r.name for r in made.of("Instance") if "userData" not in r.secrets} == set()
    joining = [*made.of("NodeReady"), *made.of("Turn")]
    assert {r.name for r in joining if not {"kubeconfig", "token"} <= r.secrets} == set()
    assert {r.name for r in made.of("ApiReady") if "kubeconfig" not in r.secrets} == set()
    assert made.one("kubernetes", "dev-kubernetes").secrets == {"kubeconfig"}
    (keys,) = made.of("ClusterPki")
    assert keys.secret_outputs == {"pki", "generations"}
    for certificate in made.of("Certificate"):
        assert certificate.secrets == {"authority"}
        assert certificate.secret_outputs == {"key"}


def test_the_kubeconfigs_are_secret_outputs_and_the_only_ones(made: Recording) -> None:
    assert made.secret_exports == {"kubeconfig", "kubeconfig_viewer"}
    for role, name in (("admin", "kubeconfig"), ("viewer", "kubeconfig_viewer")):
        (user,) = yaml.safe_load(made.exports[name])["users"]
        assert user["name"] == f"dev-{role}"
        assert base64.b64decode(user["user"]["client-key-data"]).decode() == f"key of dev-{role}"


def test_no_key_and_no_token_is_anywhere_that_the_engine_shows(made: Recording, real: Pki) -> None:
    nodes = [node.name for node in clusters.plan("dev").nodes]
    hidden = ["secret-key-of-", real.token_seed, *(join_token(real, node) for node in nodes)]
    for r in made.registrations:
        shown = json.dumps({name: value for name, value in r.inputs.items() if name not in r.secrets}, default=str)
        assert [word for word in hidden if word in shown] == [], r.name


def test_components_say_nothing_secret_in_the_open(made: Recording) -> None:
    for urn, outputs in made.outputs.items():
        for name, value in outputs.items():
            if name not in ("kubeconfig", "kubeconfig_viewer"):
                assert "secret-key-of-" not in str(value), urn


def test_a_server_shows_by_a_digest_that_its_user_data_changed(made: Recording, dev: Recording) -> None:
    name = "dev-general-1-server"
    one, other = (recording.one("Instance", name) for recording in (made, dev))
    assert "metadata" not in one.secrets
    assert one.inputs["metadata"]["cecf-user-data-sha256"] != other.inputs["metadata"]["cecf-user-data-sha256"]
