"""Requests to one API server over connections that are kept open and shared by threads."""

import http
import http.client
import json
import os
import ssl
import tempfile
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from lab.engine.kubernetes.faults import ApiError, ConfigurationError, UnreachableError
from lab.engine.kubernetes.kubeconfig import Connection

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 15.0
_WRITE_SECONDS = 40.0
"""Longer than the server gives the webhooks that it asks."""
_IDLE_CONNECTIONS = 32
_AGENT = "cecf-kubernetes-stand-in"

APPLY = "application/apply-patch+yaml"
"""The media type of server-side apply; JSON is YAML."""


class Client:
    """Speaks JSON with one API server; safe for many threads."""

    def __init__(self, connection: Connection) -> None:
        parts = urlsplit(connection.server)
        self.server = connection.server
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._prefix = parts.path.rstrip("/")
        self._token, self._token_file = connection.token, connection.token_file
        self._tls = _tls(connection) if parts.scheme == "https" else None
        self._server_name = connection.server_name
        self._idle: LifoQueue[http.client.HTTPConnection] = LifoQueue(_IDLE_CONNECTIONS)

    def request(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Any = None,
        media: str = "application/json",
    ) -> Any:
        """Return what the server answers, parsed. Raises `ApiError` for a refusal, `UnreachableError` for silence."""
        target = f"{self._prefix}{quote(path)}" + (f"?{urlencode(query)}" if query else "")
        content = None if body is None else json.dumps(body).encode()
        code, headers, answer = self._send(method, target, content, self._headers(media))
        document = _parsed(answer)
        if code >= http.HTTPStatus.BAD_REQUEST:
            raise ApiError.from_answer(code, document, headers.get("Retry-After"))
        return document

    def close(self) -> None:
        """Close what is kept open."""
        while (idle := self._take()) is not None:
            idle.close()

    def _send(
        self, method: str, target: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Send over a kept connection, and once more over a new one where the server had closed the kept one.

        Every request here may be sent twice: reading, applying and deleting lead to the same end.
        """
        kept = self._take()
        if kept is not None:
            try:
                return self._exchange(kept, method, target, content, headers)
            except (OSError, http.client.HTTPException):
                kept.close()
        fresh = self._connection()
        try:
            return self._exchange(fresh, method, target, content, headers)
        except (OSError, http.client.HTTPException) as error:
            fresh.close()
            raise UnreachableError(self.server, _reason(error)) from None

    def _exchange(
        self, link: http.client.HTTPConnection, method: str, target: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        if link.sock is None:
            link.timeout = _CONNECT_SECONDS
            link.connect()
        link.sock.settimeout(_READ_SECONDS if method == "GET" else _WRITE_SECONDS)
        link.request(method, target, content, headers)
        answer = link.getresponse()
        received = answer.status, answer.headers, answer.read()
        self._keep(link)
        return received

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port)
        return _TlsConnection(self._host, self._port, self._tls, self._server_name or self._host)

    def _take(self) -> http.client.HTTPConnection | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return None

    def _keep(self, link: http.client.HTTPConnection) -> None:
        if self._idle.full():
            link.close()
        else:
            self._idle.put(link)

    def _headers(self, media: str) -> dict[str, str]:
        headers = {"Accept": "application/json", "Content-Type": media, "User-Agent": _AGENT}
        token = self._token
        if self._token_file:
            try:
                token = Path(self._token_file).read_text().strip()
            except OSError as error:
                reason = f"the kubeconfig's 'tokenFile' {self._token_file} cannot be read: {error.strerror}"
                raise ConfigurationError(reason) from None
        return headers | ({"Authorization": f"Bearer {token}"} if token else {})


class _TlsConnection(http.client.HTTPConnection):
    """A connection whose server may be known by another name than its address."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext, server_name: str) -> None:
        super().__init__(host, port)
        self._tls, self._server_name = tls, server_name

    def connect(self) -> None:
        """Connect, and check the server's certificate."""
        super().connect()
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._server_name)


def _tls(connection: Connection) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=connection.ca)
    except ssl.SSLError:
        raise ConfigurationError("the kubeconfig's 'certificate-authority' is no certificate") from None
    # Many a cluster's own authority lacks the extensions that newer Pythons ask for; other clients do not.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    if connection.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if connection.certificate:
        _load_certificate(context, connection)
    return context


def _load_certificate(context: ssl.SSLContext, connection: Connection) -> None:
    """Give the client's certificate and key to OpenSSL, which reads them from files only."""
    handle, name = tempfile.mkstemp(prefix="cecf-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"{connection.certificate}\n{connection.key or ''}\n")
        context.load_cert_chain(name)
    except (ssl.SSLError, OSError):
        reason = "the kubeconfig's 'client-certificate' and 'client-key' are not a certificate and its key"
        raise ConfigurationError(reason) from None
    finally:
        Path(name).unlink(missing_ok=True)


def _parsed(answer: bytes) -> Any:
    try:
        return json.loads(answer) if answer else {}
    except ValueError:
        return {"message": answer.decode(errors="replace").strip()}


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "the connection broke"
