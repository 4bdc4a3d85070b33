"""A small HTTPS server on this machine, for what asks an API server."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cecf.pki.keys import Pki

Answer = tuple[int, bytes]
"""HTTP status and body."""


@dataclass(frozen=True)
class Request:
    """What somebody asked for."""

    method: str
    path: str
    content_type: str
    authorization: str
    client: str
    """The common name in the client's certificate; empty without one."""
    body: bytes


@contextmanager
def serving(context: ssl.SSLContext, answer: Callable[[Request], Answer]) -> Iterator[int]:
    """Serve on a free port of the loopback interface, and give the port."""

    class Handler(BaseHTTPRequestHandler):
        # A connection that is closed after its answer: the server can end at once.
        protocol_version = "HTTP/1.0"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            status, body = answer(self._request(self.rfile.read(length)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PATCH = do_DELETE = do_PUT = do_POST = _answer  # noqa: N815 (the base class' names)

        def _request(self, body: bytes) -> Request:
            headers = self.headers
            connection = self.connection
            peer = connection.getpeercert() if isinstance(connection, ssl.SSLSocket) else None
            names = dict(part for rdn in (peer or {}).get("subject", ()) for part in rdn)  # type: ignore[misc]
            return Request(
                method=self.command,
                path=self.path,
                content_type=headers.get("Content-Type", ""),
                authorization=headers.get("Authorization", ""),
                client=str(names.get("commonName", "")),
                body=body,
            )

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing of a client that does not trust this server."""

    with Server(("127.0.0.1", 0), Handler) as server:
        # The handshake in the thread of the connection: one that hangs holds up nobody.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


def api_server(pki: Pki, folder: Path) -> ssl.SSLContext:
    """Return how an API server of a cluster is spoken to on this machine, by clients with a certificate or without."""
    pair = _certificate(pki)
    (folder / "server.pem").write_text(pair)
    context = server_context(folder / "server.pem", folder / "server.pem")
    context.load_verify_locations(cadata=pki.kubernetes.certificate)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _certificate(pki: Pki) -> str:
    """Return a key and a certificate for the loopback address, signed by the cluster's authority."""
    authority = x509.load_pem_x509_certificate(pki.kubernetes.certificate.encode())
    signer = serialization.load_pem_private_key(pki.kubernetes.key.encode(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + certificate.public_bytes(serialization.Encoding.PEM)).decode()


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return how a server with that certificate is spoken to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
