"""What is computed from a cluster's keys: tokens and kubeconfigs, always the same and never more than is needed."""

import base64
import json
import re
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cecf.pki.keys import Pki, encryption_key_name, join_kubeconfig, join_token
from cecf.pki.make import make_encryption_key
from cecf.render import NodeFacts
from tests.helpers import clusters

TOKEN = re.compile(r"[a-z0-9]{6}\.[a-z0-9]{16}")
URL = "https://203.0.112.10:8443"

SEEDS = st.binary(min_size=32, max_size=32).map(bytes.hex)
NODES = st.from_regex(r"[a-z][-a-z0-9]{0,40}", fullmatch=True)


def seeded(seed: str) -> Pki:
    """Return keys with another seed."""
    return replace(clusters.FACTS.pki, token_seed=seed)


def private_keys(pki: Pki) -> list[str]:
    """Return every private key but the administrator's, the seed, and what encrypts Secrets."""
    pairs = (pki.kubernetes, pki.front_proxy, pki.etcd, pki.service_account)
    return [*(pair.key for pair in pairs), pki.token_seed, *pki.encryption_keys]


def decoded(kubeconfig: dict[str, Any]) -> str:
    """Return a kubeconfig with what is in base64 in it spelt out."""
    values = [*kubeconfig["clusters"][0]["cluster"].items(), *kubeconfig["users"][0]["user"].items()]
    return "\n".join(base64.b64decode(v).decode() if k.endswith("-data") else v for k, v in values)


@given(SEEDS, NODES)
def test_a_token_has_the_form_that_kubeadm_wants(seed: str, node: str) -> None:
    assert TOKEN.fullmatch(join_token(seeded(seed), node))


@given(SEEDS, st.lists(NODES, min_size=2, max_size=20, unique=True))
def test_no_two_nodes_share_a_token_or_its_public_part(seed: str, nodes: list[str]) -> None:
    tokens = [join_token(seeded(seed), node) for node in nodes]
    assert len(set(tokens)) == len(nodes)
    # The public part names a Secret; 36^6 of them, so that twenty never meet in a test.
    assert len({token[:6] for token in tokens}) == len(nodes)


@given(st.lists(SEEDS, min_size=2, max_size=2, unique=True), NODES)
def test_another_cluster_s_node_of_the_name_has_another_token(seeds: list[str], node: str) -> None:
    one, other = (join_token(seeded(seed), node) for seed in seeds)
    assert one != other


def test_a_token_is_what_it_was_when_servers_were_made_with_it() -> None:
    # Another way to derive it would change the user data of every node, and so replace them.
    assert join_token(clusters.FACTS.pki, "dev-control-plane-1") == "4wzl99.bm3tikb35jx833bx"


def test_the_state_gives_back_the_keys_that_it_was_given() -> None:
    pki = clusters.pki()
    assert Pki.from_data(json.loads(json.dumps(pki.as_data()))) == pki


@pytest.mark.parametrize("change", ["without", "with more"])
def test_keys_of_another_release_are_refused_in_one_line_that_says_so(change: str) -> None:
    data = clusters.pki().as_data()
    if change == "without":
        del data["encryption_keys"]
    else:
        data["newer_keys"] = []
    with pytest.raises(
        ValueError, match=r"another release's, which differ in (encryption|newer)_keys; .* Mend: "
    ) as found:
        Pki.from_data(data)
    assert "\n" not in str(found.value)


def test_a_key_for_secrets_has_a_name_that_tells_nothing_and_that_yaml_reads_as_text() -> None:
    (key,) = clusters.pki().encryption_keys
    name = encryption_key_name(key)
    assert re.fullmatch(r"key-[0-9a-f]{8}", name)
    assert encryption_key_name(make_encryption_key()) != name


def test_the_administrator_s_kubeconfig_leads_to_the_cluster_with_its_certificate() -> None:
    pki = clusters.pki()
    config = yaml.safe_load(clusters.admin_kubeconfig(pki, "dev", URL, "10.10.0.5"))
    assert (config["apiVersion"], config["kind"], config["current-context"]) == ("v1", "Config", "dev")
    assert config["contexts"] == [{"name": "dev", "context": {"cluster": "dev", "user": "dev-admin"}}]
    assert config["clusters"][0]["cluster"]["server"] == URL
    assert config["clusters"][0]["cluster"]["tls-server-name"] == "10.10.0.5"
    admin = clusters.admin(pki)
    assert decoded(config) == f"{URL}\n{pki.kubernetes.certificate}\n10.10.0.5\n{admin.certificate}\n{admin.key}"


def test_a_node_s_kubeconfig_holds_its_token_and_whom_to_trust() -> None:
    pki = clusters.pki()
    config = json.loads(join_kubeconfig(pki, "dev", URL, "dev-general-1"))
    assert config["users"] == [{"name": "dev-general-1", "user": {"token": join_token(pki, "dev-general-1")}}]
    assert decoded(config) == "\n".join([URL, pki.kubernetes.certificate, join_token(pki, "dev-general-1")])


def test_no_kubeconfig_holds_an_authority_s_key_or_the_seed() -> None:
    pki = clusters.pki()
    for text in (
        clusters.admin_kubeconfig(pki, "dev", URL, "10.10.0.5"),
        join_kubeconfig(pki, "dev", URL, "dev-general-1"),
    ):
        whole = text + decoded(yaml.safe_load(text))
        assert [secret for secret in private_keys(pki) if secret in whole] == []


def test_a_node_s_kubeconfig_is_none_of_the_administrator_s() -> None:
    pki = clusters.pki()
    assert clusters.admin(pki).key not in decoded(json.loads(join_kubeconfig(pki, "dev", URL, "dev-general-1")))


@pytest.mark.parametrize("show", [repr, str])
def test_what_holds_keys_does_not_show_them(show: Any) -> None:
    pki = clusters.pki()
    secrets = [*private_keys(pki), clusters.admin(pki).key]
    for thing in (pki, clusters.admin(pki), NodeFacts(pki=pki)):
        shown = show(thing)
        assert [s for s in secrets if s in shown or repr(s)[1:-1] in shown] == []
