"""Keys, tokens and kubeconfigs: told to the engine as secrets wherever they are, and nowhere else."""

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from cecf.pki.keys import KeyPair, Pki, join_token
from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import COMPUTED, Recording
from tests.helpers.user_data import GZIP

PKI = "pulumi-python:dynamic/cecf:ClusterPki"


@pytest.fixture(scope="module")
def real() -> Pki:
    """Return keys that can be told from one another and from everything else."""
    names = ("kubernetes", "front_proxy", "etcd", "service_account")
    pairs: Any = {name: KeyPair(certificate=f"certificate-of-{name}", key=f"secret-key-of-{name}") for name in names}
    others: Any = {"encryption_keys": ("secret-key-of-stored-values",), "backup_password": "secret-key-of-backups"}
    return Pki(**pairs, **others, token_seed="5e" * 32)


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
    assert {(r.secrets, r.secret_outputs) for r in made.of("Certificate")} == {
        (frozenset({"authority"}), frozenset({"key"}))
    }


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


EXTERNAL = {"etcd": {"topology": "external", "events": {"members": 1}}}


def of_etcd(recording: Recording, node: str) -> set[str]:
    """Return for what a node has a certificate of etcd's authority."""
    made = {r.name for r in recording.of("Certificate")}
    return {use for use in ("server", "peer", "client") if f"{node}-etcd-{use}-certificate" in made}


def test_each_server_has_the_keys_that_it_needs_and_no_other(build: Build, dev: Recording) -> None:
    apart = build("dev", EXTERNAL)
    assert of_etcd(dev, "dev-control-plane-1") == {"server", "peer", "client"}
    assert of_etcd(apart, "dev-control-plane-1") == {"client"}
    assert of_etcd(apart, "dev-etcd-1") == of_etcd(apart, "dev-etcd-events-1") == {"server", "peer"}
    for recording in (dev, apart):
        assert of_etcd(recording, "dev-general-1") == set()


def test_a_certificate_is_for_its_own_server_and_its_own_use(build: Build) -> None:
    made = build("dev", EXTERNAL)
    server, client = (
        made.one("Certificate", f"{name}-certificate").inputs
        for name in ("dev-etcd-1-etcd-server", "dev-control-plane-1-etcd-client")
    )
    assert (server["common_name"], server["usages"]) == ("dev-etcd-1", ["server", "client"])
    assert (server["addresses"], server["dns_names"]) == (["127.0.0.1", "10.10.0.11"], ["dev-etcd-1", "localhost"])
    assert (client["common_name"], client["usages"]) == ("kube-apiserver-dev-control-plane-1", ["client"])


def test_every_certificate_of_etcd_s_is_signed_by_etcd_s_authority_which_no_server_has(
    made: Recording, real: Pki
) -> None:
    pair = {"certificate": real.etcd.certificate, "key": real.etcd.key}
    signed = {r.name for r in made.of("Certificate") if r.inputs["authority"] == pair}
    assert signed == {r.name for r in made.of("Certificate") if "-etcd-" in r.name} != set()
    for server in made.of("Instance"):
        sent = base64.b64decode(server.inputs["userData"])
        text = (gzip.decompress(sent) if sent.startswith(GZIP) else sent).decode()
        assert real.etcd.key not in text, server.name
        # The keys that it has are in there, so the look is at the right thing.
        assert (real.kubernetes.key in text) is ("control-plane" in server.name)


def test_user_data_changes_with_its_certificates_and_no_other_s(build: Build, dev: Recording) -> None:
    kind = "pulumi-python:dynamic/cecf:Certificate"
    plain = COMPUTED[kind]

    def renewed(inputs: Mapping[str, Any]) -> dict[str, Any]:
        mine = inputs["common_name"] == "dev-control-plane-2"
        return {**plain(inputs), **({"key": "another key"} if mine else {})}

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(COMPUTED, kind, renewed)
        after = build("dev")
    changed = [r.name for r in after.of("Instance") if r.inputs != dev.one("Instance", r.name).inputs]
    assert changed == ["dev-control-plane-2-server"]
