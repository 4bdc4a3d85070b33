"""Who gets which key: private ones reach control planes only, and nobody on the node but root."""

import base64
import json

import pytest

from cecf.pki.authorities import Trust, with_authorities
from cecf.pki.keys import Pki, join_token
from cecf.pki.make import make_authorities
from cecf.plan import ClusterPlan, NodePlan
from cecf.render import NodeFacts
from tests.helpers import clusters
from tests.helpers.user_data import files, permissions

PUBLIC = {"/etc/cecf/pki/ca.crt"}
OF_CONTROL_PLANES = {
    "/etc/cecf/pki/ca-signing.crt",
    "/etc/cecf/pki/ca.key",
    "/etc/cecf/pki/front-proxy-ca.crt",
    "/etc/cecf/pki/front-proxy-ca.key",
    "/etc/cecf/pki/sa.key",
    "/etc/cecf/pki/sa.pub",
}


@pytest.fixture(scope="module")
def plan() -> ClusterPlan:
    """Return the plan of dev: three control planes, two workers."""
    return clusters.plan("dev")


def written(plan: ClusterPlan, node: NodePlan) -> dict[str, str]:
    """Return a node's files when the keys are real."""
    return files(plan, node, clusters.real_facts(node))


def private(pki: Pki) -> dict[str, str]:
    """Return everything that must not leave the control plane, by its name."""
    pairs = {name: getattr(pki, name).key for name in ("kubernetes", "front_proxy", "etcd", "service_account")}
    admin = {"admin": clusters.admin(pki).key}
    return {**pairs, **admin, "seed": pki.token_seed, "encryption": pki.encryption_keys[0]}


def leaked(plan: ClusterPlan, node: NodePlan) -> set[str]:
    """Return which secrets are somewhere in a node's files."""
    # A PEM key is one word a line: its second line alone gives it away, however it is indented.
    words = {name: text.splitlines()[1] if "\n" in text else text for name, text in private(clusters.pki()).items()}
    everything = "\n".join(written(plan, node).values())
    return {name for name, word in words.items() if word in everything}


def test_a_worker_gets_no_private_key_at_all(plan: ClusterPlan) -> None:
    for node in plan.worker_pools[0].nodes:
        assert leaked(plan, node) == set()
        assert {path for path in written(plan, node) if path.startswith("/etc/cecf/pki/")} == PUBLIC


def test_a_control_plane_gets_the_authorities_but_neither_the_administrator_nor_the_seed(plan: ClusterPlan) -> None:
    for node in plan.control_plane.nodes:
        assert leaked(plan, node) == {"kubernetes", "front_proxy", "service_account", "encryption"}
        paths = {path for path in written(plan, node) if path.startswith("/etc/cecf/pki/")}
        assert paths == PUBLIC | OF_CONTROL_PLANES


def test_each_key_is_where_kubeadm_looks_for_it_under_its_own_name(plan: ClusterPlan) -> None:
    pki, found = clusters.pki(), written(plan, plan.control_plane.nodes[1])
    names = {"ca": pki.kubernetes, "front-proxy-ca": pki.front_proxy}
    for name, pair in names.items():
        assert found[f"/etc/cecf/pki/{name}.crt"] == pair.certificate
        assert found[f"/etc/cecf/pki/{name}.key"] == pair.key
    assert found["/etc/cecf/pki/sa.pub"] == pki.service_account.certificate
    assert found["/etc/cecf/pki/sa.key"] == pki.service_account.key


def test_while_authorities_are_rotated_all_are_trusted_and_the_first_one_signs(plan: ClusterPlan) -> None:
    keys = {number: make_authorities("dev", number) for number in (1, 2)}
    pki = with_authorities(clusters.pki(), keys, Trust(generation=2, trust=(1, 2)))
    both = keys[2]["kubernetes"].certificate + keys[1]["kubernetes"].certificate
    for node in plan.nodes:
        found = files(plan, node, NodeFacts(pki=pki))
        assert found["/etc/cecf/pki/ca.crt"] == both
        assert base64.b64encode(both.encode()).decode() in found["/etc/cecf/join.conf"]
    found = files(plan, plan.control_plane.nodes[0], NodeFacts(pki=pki))
    assert found["/etc/cecf/pki/ca-signing.crt"] == keys[2]["kubernetes"].certificate
    assert found["/etc/cecf/pki/ca.key"] == keys[2]["kubernetes"].key


def test_what_is_secret_can_be_read_by_root_alone(plan: ClusterPlan) -> None:
    pki = clusters.FACTS.pki
    for node in plan.nodes:
        secret = [join_token(pki, node.name), "(key)"]
        allowed = permissions(plan, node)
        holding = {path for path, text in files(plan, node).items() if any(word in text for word in secret)}
        assert holding
        assert {path for path in holding if allowed[path] != "0600"} == set()


def test_nobody_but_root_may_change_anything(plan: ClusterPlan) -> None:
    assert {mode for node in plan.nodes for mode in permissions(plan, node).values()} <= {"0600", "0644", "0755"}


def test_a_node_knows_its_own_token_and_no_other_s(plan: ClusterPlan) -> None:
    tokens = {node.name: join_token(clusters.pki(), node.name) for node in plan.nodes}
    for node in plan.nodes:
        everything = "\n".join(written(plan, node).values())
        assert {name for name, token in tokens.items() if token in everything} == {node.name}


def test_a_node_asks_to_be_let_in_inside_of_the_network_and_trusts_the_cluster_alone(plan: ClusterPlan) -> None:
    config = json.loads(written(plan, plan.nodes[-1])["/etc/cecf/join.conf"])
    assert config["clusters"][0]["cluster"]["server"] == "https://10.10.0.5:8443"
    assert "insecure-skip-tls-verify" not in config["clusters"][0]["cluster"]
