"""An API server that starts, is busy or breaks off is asked again; played here by a server of a few lines."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.kubernetes_plugin.plugin import Plugin, RefusedError, state_of

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
DECLARED = {"metadata": {"name": "a", "namespace": "b"}, "data": {"c": "d"}}
TOKEN = "for-the-test"  # noqa: S105

BREAK_OFF = 0
"""An answer that never comes."""


class MoodyServer(ThreadingHTTPServer):
    """Serves one ConfigMap, after having answered as it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.moods: list[tuple[int, dict[str, Any]]] = []
        self.asked: list[str] = []
        self.live: dict[str, Any] | None = None

    @property
    def kubeconfig(self) -> dict[str, Any]:
        """Lead to this server."""
        return {
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.server_port}"}}],
            "users": [{"name": "u", "user": {"token": TOKEN}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: MoodyServer

    def do_GET(self) -> None:
        """Tell the kinds, or the object."""
        if self.path == "/api/v1":
            self._answer(200, {"resources": [{"kind": "ConfigMap", "name": "configmaps", "namespaced": True}]})
        elif self.server.live is None:
            self._answer(404, {"reason": "NotFound", "message": 'configmaps "a" not found'})
        else:
            self._answer(200, self.server.live)

    def do_PATCH(self) -> None:
        """Apply the object."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.live = {**body, "metadata": {**body["metadata"], "uid": "1"}}
        self._answer(200, self.server.live)

    def _answer(self, code: int, body: dict[str, Any]) -> None:
        self.server.asked.append(f"{self.command} {self.path.partition('?')[0]}")
        assert self.headers["Authorization"] == f"Bearer {TOKEN}"
        if self.server.moods:
            code, body = self.server.moods.pop(0)
        if code == BREAK_OFF:
            self.close_connection = True
            return
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[MoodyServer]:
    """Run a server."""
    with MoodyServer() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "moods",
    [
        [],
        [
            (503, {"message": "apiserver not ready"}),
            (429, {"message": "too many", "details": {"retryAfterSeconds": 1}}),
        ],
        [(404, {"message": "404 page not found"})],
        [(BREAK_OFF, {})],
        [(403, {"message": 'configmaps is forbidden: RBAC: role.rbac.authorization.k8s.io "a" not found'})],
    ],
)
def test_a_server_that_gets_ready_is_asked_again(
    plugin: Plugin, server: MoodyServer, moods: list[tuple[int, dict[str, Any]]]
) -> None:
    plugin.configure(kubeconfig=server.kubeconfig)
    server.moods = moods
    assert state_of(plugin.create(CONFIG_MAP, "a", DECLARED, 20))["data"] == {"c": "d"}


def test_a_refusal_is_no_reason_to_ask_again(plugin: Plugin, server: MoodyServer) -> None:
    plugin.configure(kubeconfig=server.kubeconfig)
    server.moods = [(403, {"reason": "Forbidden", "message": 'User "a" cannot list it'})]
    with pytest.raises(RefusedError, match=r'ConfigMap b/a: User "a" cannot list it \(403 Forbidden\)'):
        plugin.create(CONFIG_MAP, "a", DECLARED, 20)
    assert server.asked == ["GET /api/v1"]


def test_patience_ends(plugin: Plugin, server: MoodyServer) -> None:
    plugin.configure(kubeconfig=server.kubeconfig)
    server.moods = [(503, {"message": "apiserver not ready"})] * 50
    with pytest.raises(RefusedError, match=r"apiserver not ready \(503\)"):
        plugin.create(CONFIG_MAP, "a", DECLARED, 2)


def test_a_creation_that_was_cut_off_is_taken_up(plugin: Plugin, server: MoodyServer) -> None:
    """The engine was killed after the server had made the object: the next run knows it by its manager."""
    plugin.configure(kubeconfig=server.kubeconfig)
    manager = state_of(plugin.create(CONFIG_MAP, "a", DECLARED, 5))["__fieldManager"]
    assert server.live
    server.live["metadata"]["managedFields"] = [{"manager": manager, "operation": "Apply"}]
    assert plugin.create(CONFIG_MAP, "a", DECLARED, 5).id == "b/a"
    server.live["metadata"]["managedFields"] = [{"manager": "another", "operation": "Apply"}]
    with pytest.raises(RefusedError, match="is there already and is not this resource's"):
        plugin.create(CONFIG_MAP, "a", DECLARED, 5)


def test_one_of_its_name_that_still_goes_is_waited_for(plugin: Plugin, server: MoodyServer) -> None:
    plugin.configure(kubeconfig=server.kubeconfig)
    server.live = {"metadata": {"name": "a", "namespace": "b", "deletionTimestamp": "now"}}
    timer = threading.Timer(1, lambda: setattr(server, "live", None))
    timer.start()
    assert plugin.create(CONFIG_MAP, "a", DECLARED, 20).id == "b/a"
    timer.join()


def test_a_preview_takes_a_server_that_does_not_know_for_no_answer(plugin: Plugin, server: MoodyServer) -> None:
    """A namespace that the same run will make, say; but what the server finds wrong is told."""
    plugin.configure(kubeconfig=server.kubeconfig)
    plugin.create(CONFIG_MAP, "other", DECLARED, preview=True)
    server.moods = [(404, {"message": 'namespaces "b" not found'})]
    assert "metadata" in state_of(plugin.create(CONFIG_MAP, "a", DECLARED, preview=True))
    server.moods = [(422, {"reason": "Invalid", "message": "data.c: Invalid value"})]
    with pytest.raises(RefusedError, match=r"data\.c: Invalid value \(422 Invalid\)"):
        plugin.create(CONFIG_MAP, "a", DECLARED, preview=True)
