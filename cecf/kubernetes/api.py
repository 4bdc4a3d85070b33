"""Requests to a cluster's API with the credential of a kubeconfig, which never touches a disk."""

import base64
import json
import os
import ssl
from dataclasses import dataclass, field
from typing import Any

import urllib3
import yaml

TIMEOUT = 10
"""Seconds for one answer."""

_HTTP_ERROR = 400
_CONTENT = {"PATCH": "application/apply-patch+yaml"}


class ApiUnreachableError(Exception):
    """Nobody answers at the API's address, or somebody who is not this cluster."""


class ApiRefusedError(Exception):
    """The API answered with an error. `status` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(f"the API says {status}: {message}")


@dataclass(frozen=True)
class KubernetesApi:
    """The API of the cluster that a kubeconfig names."""

    kubeconfig: str = field(repr=False)

    def ready(self) -> bool:
        """Tell whether the API says of itself that it is ready."""
        try:
            return bool(self._send("GET", "/readyz").status == 200)  # noqa: PLR2004
        except ApiUnreachableError:
            return False

    def get(self, path: str) -> dict[str, Any] | None:
        """Return the object at `path`, or none."""
        try:
            return self._json("GET", path)
        except ApiRefusedError as error:
            if error.status == 404:  # noqa: PLR2004
                return None
            raise

    def text(self, path: str) -> str:
        """Return what is at `path`, as it stands: a log."""
        answer = self._send("GET", path)
        if answer.status >= _HTTP_ERROR:
            raise ApiRefusedError(answer.status, answer.data.decode(errors="replace")[:200])
        return str(answer.data.decode(errors="replace"))

    def apply(self, path: str, document: dict[str, Any]) -> None:
        """Make the object at `path` what `document` says (server-side apply)."""
        self._json("PATCH", f"{path}?fieldManager=cecf&force=true", document)

    def create(self, path: str, document: dict[str, Any]) -> None:
        """Create an object, or ask for something, below `path`."""
        self._json("POST", path, document)

    def delete(self, path: str) -> None:
        """Delete the object at `path`; that there is none is fine."""
        try:
            self._json("DELETE", path)
        except ApiRefusedError as error:
            if error.status != 404:  # noqa: PLR2004
                raise

    def _json(self, method: str, path: str, document: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._send(method, path, document)
        try:
            data: dict[str, Any] = json.loads(answer.data or b"{}")
        except ValueError:
            # An API server that is overloaded or about to start answers in plain words.
            data = {"message": answer.data.decode(errors="replace").strip()[:200]}
        if answer.status >= _HTTP_ERROR:
            raise ApiRefusedError(answer.status, str(data.get("message", answer.reason)))
        return data

    def _send(
        self, method: str, path: str, document: dict[str, Any] | None = None
    ) -> urllib3.response.BaseHTTPResponse:
        server, name, context = _credential(self.kubeconfig)
        try:
            with urllib3.PoolManager(ssl_context=context, server_hostname=name, retries=False, timeout=TIMEOUT) as pool:
                return pool.request(
                    method,
                    f"{server}{path}",
                    body=json.dumps(document) if document else None,
                    # JSON is YAML, and YAML is what server-side apply is called by.
                    headers={"Content-Type": _CONTENT.get(method, "application/json")} if document else {},
                )
        except urllib3.exceptions.HTTPError as error:
            raise ApiUnreachableError(f"no API at {server}: {error}") from None


def _credential(kubeconfig: str) -> tuple[str, str | None, ssl.SSLContext]:
    """Return the server's URL, the name in its certificate, and the way to trust it and to be known by it."""
    document = yaml.safe_load(kubeconfig)
    cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    # OpenSSL reads a client's key from a file only: one that lives in memory and has no name.
    memory = os.memfd_create("credential")
    try:
        for part in ("client-certificate-data", "client-key-data"):
            os.write(memory, base64.b64decode(user[part]))
        context.load_cert_chain(f"/proc/self/fd/{memory}")
    finally:
        os.close(memory)
    # A state may still hold a kubeconfig without the name; then it is the address itself.
    return str(cluster["server"]), cluster.get("tls-server-name"), context
