"""How a node asks members of etcd: as one of them, of nobody else's etcd, and of whichever member answers."""

import json
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from cecf.pki.keys import KeyPair, Pki
from cecf.pki.make import Leaf, make_leaf, make_pki
from tests.helpers import clusters
from tests.helpers.node_program import Machine, machine
from tests.helpers.tls_server import Answer, Request, serving

NOWHERE = ["127.0.0.3", "127.0.0.2"]
"""On this machine's loopback nobody listens there, at a port that is free on 127.0.0.1."""


@pytest.fixture
def node(tmp_path: Path) -> Machine:
    """Return a member's server with real keys."""
    return machine(tmp_path / "node", clusters.plan("dev").nodes[0], real_keys=True)


def member(pki: Pki, folder: Path) -> ssl.SSLContext:
    """Return how a member of an etcd is spoken to: by nobody without a certificate of its authority's."""
    leaf = Leaf(common_name="another", addresses=("127.0.0.1",), usages=("server", "client"))
    pair: KeyPair = make_leaf(pki.etcd, leaf)
    (folder / "member.pem").write_text(pair.key + pair.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "member.pem")
    context.load_verify_locations(cadata=pki.etcd.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def asked(node: Machine, context: ssl.SSLContext, answer: Answer, ask: Callable[[], object]) -> list[Request]:
    """Have a member answer at 127.0.0.1 while something is asked; return what it was asked."""
    seen: list[Request] = []

    def respond(request: Request) -> Answer:
        seen.append(request)
        return answer

    with serving(context, respond) as port:
        node.program.etcd_api.CLIENT_PORT = node.program.etcd_api.PEER_PORT = port
        ask()
    return seen


def test_the_first_member_that_is_there_is_asked_with_the_node_s_own_certificate(node: Machine, tmp_path: Path) -> None:
    def ask() -> None:
        answer = node.program.etcd_api.call([*NOWHERE, "127.0.0.1"], "cluster/member/remove", {"ID": "42"})
        assert answer == {"members": []}

    (request,) = asked(node, member(clusters.pki(), tmp_path), (200, b'{"members": []}'), ask)
    assert (request.method, request.path) == ("POST", "/v3/cluster/member/remove")
    assert json.loads(request.body) == {"ID": "42"}
    assert request.client == "dev-control-plane-1"


def test_what_etcd_refuses_is_told_in_its_words(node: Machine, tmp_path: Path) -> None:
    def ask() -> None:
        with pytest.raises(node.program.tools.NotYetError, match=r"refuses cluster/member/remove.*enough started"):
            node.program.etcd_api.call(["127.0.0.1"], "cluster/member/remove", {"ID": "42"})

    refusal = b'{"message": "etcdserver: re-configuration failed due to not enough started members"}'
    assert asked(node, member(clusters.pki(), tmp_path), (503, refusal), ask)


@pytest.mark.parametrize("said", [b"<html>a proxy</html>", b"[]", b"", b'{"code": 14}'])
def test_what_is_refused_in_no_words_of_etcd_s_is_told_too(node: Machine, tmp_path: Path, said: bytes) -> None:
    def ask() -> None:
        with pytest.raises(node.program.tools.NotYetError, match="etcd refuses cluster/member/list"):
            node.program.etcd_api.members(["127.0.0.1"])

    assert asked(node, member(clusters.pki(), tmp_path), (502, said), ask)


def test_where_no_member_is_there_nobody_answers(node: Machine) -> None:
    node.program.etcd_api.CLIENT_PORT = node.program.etcd_api.PEER_PORT = 1
    with pytest.raises(node.program.etcd_api.NobodyAnswersError, match="no member of etcd answers"):
        node.program.etcd_api.members(NOWHERE)
    assert node.program.etcd_api.healthy("127.0.0.1") is False
    assert node.program.etcd_api.in_service(NOWHERE) is False


def test_somebody_else_s_etcd_is_nobody_and_never_told_anything(node: Machine, tmp_path: Path) -> None:
    def ask() -> None:
        with pytest.raises(node.program.etcd_api.NobodyAnswersError):
            node.program.etcd_api.members(["127.0.0.1"])
        assert node.program.etcd_api.healthy("127.0.0.1") is False
        assert node.program.etcd_api.in_service(["127.0.0.1"]) is False

    answer = (200, b'{"members": [{"clientURLs": ["x"]}], "health": "true"}')
    assert asked(node, member(make_pki("dev"), tmp_path), answer, ask) == []


@pytest.mark.parametrize(
    ("answer", "well"),
    [
        ((200, b'{"health": "true"}'), True),
        ((200, b'{"health": "false"}'), False),
        ((503, b'{"health": "false", "reason": "RAFT NO LEADER"}'), False),
        ((200, b"yes"), False),
        ((200, b"[]"), False),
    ],
)
def test_a_member_is_well_if_it_says_so(node: Machine, tmp_path: Path, answer: Answer, *, well: bool) -> None:
    def ask() -> None:
        assert node.program.etcd_api.healthy("127.0.0.1") is well

    (request,) = asked(node, member(clusters.pki(), tmp_path), answer, ask)
    # By itself: whether there is a quorum is another question.
    assert (request.method, request.path.split("?")[0]) == ("GET", "/health")
    assert "serializable=true" in request.path


@pytest.mark.parametrize(
    ("known", "begun"),
    [
        ([{"name": "a", "clientURLs": ["https://10.10.0.6:2379"]}, {"name": "b", "clientURLs": []}], True),
        ([{"name": "a", "clientURLs": []}, {"name": "b"}], False),
        ([], False),
        (None, False),
    ],
)
def test_whether_an_etcd_has_begun_is_seen_where_its_members_speak_to_each_other(
    node: Machine, tmp_path: Path, known: object, *, begun: bool
) -> None:
    def ask() -> None:
        assert node.program.etcd_api.in_service([*NOWHERE, "127.0.0.1"]) is begun

    (request,) = asked(node, member(clusters.pki(), tmp_path), (200, json.dumps(known).encode()), ask)
    assert request.path == "/members"


def test_an_answer_that_is_none_is_not_taken_for_an_etcd_that_has_not_begun(node: Machine, tmp_path: Path) -> None:
    def ask() -> None:
        with pytest.raises(ValueError, match="Expecting value"):
            node.program.etcd_api.in_service(["127.0.0.1"])

    assert asked(node, member(clusters.pki(), tmp_path), (200, b"not JSON"), ask)
