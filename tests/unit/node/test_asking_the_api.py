"""How a node asks the API: with its own token, of nobody but its own cluster, and never put off by the answer."""

import socket
import threading
from collections.abc import Iterator
from http.client import BadStatusLine, HTTPException, IncompleteRead
from pathlib import Path

import pytest

from cecf.pki.keys import join_token
from cecf.pki.make import make_pki
from tests.helpers import clusters
from tests.helpers.node_program import Machine, machine
from tests.helpers.tls_server import Request, api_server, serving

CONFIG = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"


@pytest.fixture
def node(tmp_path: Path) -> Machine:
    """Return a worker with real keys."""
    return machine(tmp_path / "node", clusters.plan("dev").nodes[-1], real_keys=True)


def asked(node: Machine, port: int, path: str) -> int | None:
    """Ask the API on a port of this machine; return the status."""
    status: int | None = node.program.kubernetes._status({"endpoint": f"127.0.0.1:{port}"}, path)
    return status


@pytest.mark.parametrize("status", [200, 401, 403, 404, 429, 500, 503])
def test_an_answer_is_told_by_its_status(node: Machine, tmp_path: Path, status: int) -> None:
    with serving(api_server(clusters.pki(), tmp_path), lambda _: (status, b"anything")) as port:
        assert asked(node, port, CONFIG) == status


def test_the_token_goes_to_the_api_only_where_it_is_needed(node: Machine, tmp_path: Path) -> None:
    seen: list[Request] = []

    def answer(request: Request) -> tuple[int, bytes]:
        seen.append(request)
        return 200, b"ok"

    with serving(api_server(clusters.pki(), tmp_path), answer) as port:
        asked(node, port, "/readyz")
        asked(node, port, CONFIG)
    token = join_token(clusters.pki(), node.facts["node"])
    assert [(r.path, r.authorization) for r in seen] == [("/readyz", ""), (CONFIG, f"Bearer {token}")]


def test_somebody_else_s_api_is_nobody(node: Machine, tmp_path: Path) -> None:
    with serving(api_server(make_pki("dev"), tmp_path), lambda _: (200, b"")) as port:
        assert asked(node, port, CONFIG) is None


def test_where_nobody_listens_there_is_nobody(node: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert asked(node, port, "/readyz") is None
    assert node.program.kubernetes._listens("127.0.0.1", port) is False


def test_who_listens_is_seen(node: Machine, listening: int) -> None:
    assert node.program.kubernetes._listens("127.0.0.1", listening) is True


@pytest.fixture
def listening() -> Iterator[int]:
    """Give the port of somebody who hangs up on everybody, as haproxy does without an API server behind it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def hang_up() -> None:
            for _ in range(2):
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])


def test_a_load_balancer_without_an_api_server_behind_it_is_nobody(node: Machine, listening: int) -> None:
    assert asked(node, listening, "/readyz") is None


@pytest.mark.parametrize("error", [BadStatusLine("?"), IncompleteRead(b"o")])
def test_an_answer_that_is_cut_off_is_nobody_s(
    node: Machine, error: HTTPException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(node.program.kubernetes.urllib.request, "urlopen", cut_off)
    assert asked(node, 1, "/readyz") is None
