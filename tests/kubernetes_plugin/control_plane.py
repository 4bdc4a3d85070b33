"""A control plane on loopback: etcd, API server, controllers, scheduler, and nodes that only pretend."""

import base64
import datetime as dt
import ipaddress
import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.kubernetes_plugin.kubelet import PretendedKubelet

NODES = ("node-1", "node-2")
"""Each has a credential of its own: `<node>.crt` and `<node>.key`, beside the kubeconfig."""

_READY_SECONDS = 60
_STOP_SECONDS = 10


@dataclass(frozen=True)
class ControlPlane:
    """A running API server and how to reach it."""

    bin: Path
    kubeconfig: Path
    server: str
    etcd: str = ""
    api_server: Mapping[str, str] = field(default_factory=dict)
    """The API server's flags."""

    @property
    def credentials(self) -> str:
        """The kubeconfig's content."""
        return self.kubeconfig.read_text()

    def kubectl(self, *arguments: str, stdin: str = "") -> str:
        """Do by hand what a person would."""
        command = [str(self.bin / "kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments]
        answer = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def get(self, *arguments: str) -> dict[str, Any]:
        """Return an object, or a list of objects."""
        found: dict[str, Any] = json.loads(self.kubectl("get", "-o", "json", *arguments))
        return found


@contextmanager
def control_plane(binaries: Path, folder: Path, api_server: Mapping[str, str] | None = None) -> Iterator[ControlPlane]:
    """Start a control plane and end it, each process by its own id; `api_server` are flags instead of these here."""
    etcd, peer, api, manager, scheduler = _free_ports(5)
    authority = _Authority(folder)
    authority.issue("server", "kube-apiserver")
    authority.issue("admin", "admin", organization="system:masters")
    for node in NODES:
        authority.issue(node, f"system:node:{node}", organization="system:nodes")
    (folder / "accounts.key").write_bytes(authority.new_key())
    server = f"https://127.0.0.1:{api}"
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(json.dumps(_kubeconfig(folder, server)))
    serving = {
        "etcd-servers": f"http://127.0.0.1:{etcd}",
        "bind-address": "127.0.0.1",
        "secure-port": str(api),
        "tls-cert-file": f"{folder}/server.crt",
        "tls-private-key-file": f"{folder}/server.key",
        "client-ca-file": f"{folder}/ca.crt",
        "cert-dir": str(folder),
        "authorization-mode": "RBAC",
        "service-account-key-file": f"{folder}/accounts.key",
        "service-account-issuer": "https://test",
        "service-account-signing-key-file": f"{folder}/accounts.key",
        "service-cluster-ip-range": "10.96.0.0/16",
        "endpoint-reconciler-type": "none",
        **(api_server or {}),
    }
    flags = {
        "etcd": [
            *(f"--data-dir={folder}/etcd", "--unsafe-no-fsync", "--log-level=error"),
            *(f"--listen-client-urls=http://127.0.0.1:{etcd}", f"--advertise-client-urls=http://127.0.0.1:{etcd}"),
            *(f"--listen-peer-urls=http://127.0.0.1:{peer}", f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}"),
            f"--initial-cluster=default=http://127.0.0.1:{peer}",
        ],
        "kube-apiserver": [f"--{name}={value}" for name, value in serving.items()],
        "kube-controller-manager": [
            *(f"--kubeconfig={kubeconfig}", f"--secure-port={manager}", "--bind-address=127.0.0.1"),
            *(f"--cert-dir={folder}", "--leader-elect=false", "--use-service-account-credentials=false"),
            *(f"--service-account-private-key-file={folder}/accounts.key", "--node-monitor-grace-period=24h"),
        ],
        "kube-scheduler": [
            *(f"--kubeconfig={kubeconfig}", f"--secure-port={scheduler}", "--bind-address=127.0.0.1"),
            *(f"--cert-dir={folder}", "--leader-elect=false"),
        ],
    }
    plane = ControlPlane(binaries, kubeconfig, server, f"127.0.0.1:{etcd}", serving)
    with ExitStack() as processes:
        for name in ("etcd", "kube-apiserver"):
            processes.enter_context(_process(binaries / name, flags[name], folder))
        _wait_until_ready(plane, folder)
        for name in ("kube-controller-manager", "kube-scheduler"):
            processes.enter_context(_process(binaries / name, flags[name], folder))
        _add_nodes(plane)
        _wait_for_accounts(plane)
        kubelet = PretendedKubelet(plane.credentials)
        kubelet.start()
        processes.callback(kubelet.stop)
        yield plane


@contextmanager
def another_api_server(plane: ControlPlane, folder: Path, changes: Mapping[str, str]) -> Iterator[ControlPlane]:
    """Start an API server beside a control plane's own, over the same etcd, with some flags changed."""
    (port,) = _free_ports(1)
    flags = {**plane.api_server, "secure-port": str(port), **changes}
    server = f"https://127.0.0.1:{port}"
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(plane.credentials.replace(plane.server, server))
    other = ControlPlane(plane.bin, kubeconfig, server, plane.etcd, flags)
    words = [f"--{name}={value}" for name, value in flags.items()]
    with _process(plane.bin / "kube-apiserver", words, folder):
        _wait_until_ready(other, folder)
        yield other


@contextmanager
def _process(executable: Path, flags: list[str], folder: Path) -> Iterator[None]:
    with (folder / f"{executable.name}.log").open("w") as log:
        # A test run that is killed cannot end it: then the kernel does.
        command = ["setpriv", "--pdeathsig=TERM", str(executable), *flags]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class _Authority:
    """Issues certificates that last for the test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("test-ca")
        self._write("ca", self._key, self._sign(self._name, self._key, is_authority=True))

    def issue(self, file: str, name: str, organization: str = "") -> None:
        """Write a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        self._write(file, key, self._sign(_name(name, organization), key, is_authority=False))

    def new_key(self) -> bytes:
        """Return a key for other uses."""
        return _pem(ec.generate_private_key(ec.SECP256R1()))

    def _sign(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_authority: bool) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - dt.timedelta(hours=1))
        builder = builder.not_valid_after(now + dt.timedelta(hours=24))
        builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        return builder.add_extension(names, critical=False).sign(self._key, hashes.SHA256())

    def _write(self, file: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        (self._folder / f"{file}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (self._folder / f"{file}.key").write_bytes(_pem(key))


def _name(common: str, organization: str = "") -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organization:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(attributes)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _kubeconfig(folder: Path, server: str) -> dict[str, Any]:
    def inside(file: str) -> str:
        return base64.b64encode((folder / file).read_bytes()).decode()

    user = {"client-certificate-data": inside("admin.crt"), "client-key-data": inside("admin.key")}
    cluster = {"server": server, "certificate-authority-data": inside("ca.crt")}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "admin", "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}],
    }


def _free_ports(number: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _wait_until_ready(plane: ControlPlane, folder: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        with suppress(AssertionError):
            plane.kubectl("get", "--raw=/readyz")
            return
        time.sleep(0.2)
    log = (folder / "kube-apiserver.log").read_text().splitlines()[-5:]
    raise TimeoutError("the API server is not ready in time:\n" + "\n".join(log))


def _add_nodes(plane: ControlPlane) -> None:
    """Add two nodes, on which a pretended kubelet looks after the pods."""
    capacity = {"cpu": "8", "memory": "16Gi", "pods": "110"}
    status = {"capacity": capacity, "allocatable": capacity, "conditions": [{"type": "Ready", "status": "True"}]}
    for name in NODES:
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
        plane.kubectl("create", "-f", "-", stdin=json.dumps(node))
        patch = json.dumps({"status": status})
        plane.kubectl("patch", "node", name, "--subresource=status", "--type=merge", f"--patch={patch}")


def _wait_for_accounts(plane: ControlPlane) -> None:
    """Wait until the controllers have given the default namespace its account: pods need it."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if plane.get("serviceaccounts", "--namespace=default")["items"]:
            return
        time.sleep(0.2)
    raise TimeoutError("the controllers have made no default ServiceAccount in time")
