"""A cluster's API on this machine, as far as the program itself uses it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cecf.kubernetes.api import KubernetesApi
from tests.helpers import clusters
from tests.helpers.tls_server import Answer, Request, api_server, serving


@dataclass
class Api:
    """An API server: its objects by path, what it answers instead, and who asked."""

    port: int
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    instead: list[Answer] = field(default_factory=list)
    """Answers to the next requests, whatever they are."""
    ready: bool = True
    requests: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def client(self) -> KubernetesApi:
        """The administrator's way to it."""
        return KubernetesApi(clusters.admin_kubeconfig(clusters.pki(), "dev", self.url, "127.0.0.1"))

    def answer(self, request: Request) -> Answer:
        """Do what an API server does."""
        self.requests.append(request)
        if self.instead:
            return self.instead.pop(0)
        if not request.client:
            return refusal(401, "Unauthorized")
        path = urlsplit(request.path).path
        if path == "/readyz":
            return (200, b"ok") if self.ready else (500, b"[-]etcd failed: reason withheld\nreadyz check failed")
        return self._objects(request.method, path, request.body)

    def _objects(self, method: str, path: str, body: bytes) -> Answer:
        if method == "PATCH":
            self.objects[path] = json.loads(body)
        elif path not in self.objects:
            return refusal(404, f'"{path}" not found')
        found = self.objects.pop(path) if method == "DELETE" else self.objects[path]
        return 200, json.dumps(found).encode()


def refusal(status: int, message: str) -> Answer:
    """Return how an API server says no."""
    return status, json.dumps({"kind": "Status", "status": "Failure", "message": message, "code": status}).encode()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """Run an API server with dev's keys."""
    made = Api(0)

    def answer(request: Request) -> Answer:
        # Looked up at each request: a test may have it answer otherwise.
        return made.answer(request)

    with serving(api_server(clusters.pki(), tmp_path), answer) as port:
        made.port = port
        yield made
