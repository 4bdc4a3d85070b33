"""How a node asks etcd for its members: as a client of the cluster's own etcd, of whichever member answers."""

import json
import ssl
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import clusters
from tests.helpers.node_program import load_program
from tests.helpers.tls_server import Answer, Request, api_server, serving


@pytest.fixture
def program() -> Any:
    """Return the program that runs on nodes, with nothing changed."""
    return load_program()


def credential(tmp_path: Path) -> ssl.SSLContext:
    """Return how the cluster's administrator asks, who is known to the server below."""
    pki = clusters.pki()
    context = ssl.create_default_context(cadata=pki.kubernetes.certificate)
    (tmp_path / "client.pem").write_text(clusters.admin(pki).certificate + clusters.admin(pki).key)
    context.load_cert_chain(tmp_path / "client.pem")
    return context


def asked(program: Any, tmp_path: Path, answer: Answer, seen: list[Request]) -> Any:
    """Ask, of three members of which the last is there, to remove one."""

    def respond(request: Request) -> Answer:
        seen.append(request)
        return answer

    with serving(api_server(clusters.pki(), tmp_path), respond) as port:
        program.ETCD_PORT = port
        # On this machine's loopback nobody else listens at that port.
        facts = {"peers": ["127.0.0.3", "127.0.0.2", "127.0.0.1"]}
        return program._etcd(facts, credential(tmp_path), "remove", {"ID": "42"})


def test_the_first_member_that_is_there_is_asked_with_a_certificate(program: Any, tmp_path: Path) -> None:
    seen: list[Request] = []
    assert asked(program, tmp_path, (200, b'{"members": []}'), seen) == {"members": []}
    (request,) = seen
    assert (request.method, request.path) == ("POST", "/v3/cluster/member/remove")
    assert json.loads(request.body) == {"ID": "42"}
    assert request.client


def test_what_etcd_refuses_is_told_in_its_words(program: Any, tmp_path: Path) -> None:
    refusal = (503, b'{"message": "etcdserver: re-configuration failed due to not enough started members"}')
    with pytest.raises(program.NotYetError, match=r"does not remove members.*not enough started members"):
        asked(program, tmp_path, refusal, [])


def test_where_no_member_is_there_nothing_is_known(program: Any, tmp_path: Path) -> None:
    program.ETCD_PORT = 1
    with pytest.raises(program.NotYetError, match="no member of etcd answers"):
        program._etcd({"peers": ["127.0.0.1"]}, credential(tmp_path), "list", {})
