"""A real API server on loopback, with the files that a control plane gets and the flags that kubeadm makes of them."""

import json
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from cecf.render import NodeFacts, api_server
from lab import kubernetes
from tests.helpers import clusters
from tests.helpers.kubeadm import init_phase
from tests.helpers.user_data import files
from tests.kubernetes_plugin.control_plane import ControlPlane, control_plane

INIT = "/etc/cecf/kubeadm-init.yaml"

_PLACE = {
    "advertise-address",
    "endpoint-reconciler-type",
    "etcd-cafile",
    "etcd-certfile",
    "etcd-keyfile",
    "etcd-servers",
    "secure-port",
    "service-account-issuer",
    "service-cluster-ip-range",
    "shutdown-delay-duration",
}
"""Flags that are about where the server and its etcd are; here they are elsewhere."""


@dataclass(frozen=True)
class ApiServer:
    """The server, its folder, and how to ask it without kubectl."""

    plane: ControlPlane
    folder: Path

    def ask(self, path: str, *, who: str = "", token: str = "", change: Mapping[str, Any] | None = None) -> int:
        """Return the HTTP status of a request: of nobody, of the holder of a certificate, or of a token's.

        `change` is sent as a patch.
        """
        context = ssl.create_default_context(cafile=str(self.folder / "ca.crt"))
        if who:
            context.load_cert_chain(self.folder / f"{who}.crt", self.folder / f"{who}.key")
        request = urllib.request.Request(f"{self.plane.server}{path}")  # noqa: S310 (https, see above)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        if change is not None:
            request.method, request.data = "PATCH", json.dumps(change).encode()
            request.add_header("Content-Type", "application/merge-patch+json")
        try:
            with urllib.request.urlopen(request, timeout=10, context=context) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def try_to_create(self, document: Mapping[str, Any]) -> tuple[bool, str]:
        """Create an object; return whether it was taken, and what was said of it."""
        command = [str(self.plane.bin / "kubectl"), f"--kubeconfig={self.plane.kubeconfig}", "create", "-f", "-"]
        done = subprocess.run(
            command, input=json.dumps(document), capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode == 0, done.stderr

    def stored(self, key: str) -> bytes:
        """Return what etcd holds under a key."""
        return self._etcdctl("get", key, "--print-value-only")

    def store(self, key: str, value: str) -> None:
        """Put a value into etcd, past the API server."""
        self._etcdctl("put", key, value)

    def audited(self, word: str) -> list[dict[str, Any]]:
        """Return the lines of the audit log with a word in them, as soon as there are some."""
        log = self.folder / "audit/audit.log"
        deadline = time.monotonic() + 10
        while True:
            lines = [json.loads(line) for line in log.read_text().splitlines() if word in line]
            if lines or time.monotonic() > deadline:
                return lines
            time.sleep(0.2)

    def _etcdctl(self, *arguments: str) -> bytes:
        command = [str(self.plane.bin / "etcdctl"), f"--endpoints={self.plane.etcd}", *arguments]
        return subprocess.run(command, capture_output=True, timeout=30, check=True).stdout


@pytest.fixture(scope="session")
def hardened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start the server that tests share."""
    with running(tmp_path_factory.mktemp("hardened")) as server:
        yield server


@contextmanager
def running(folder: Path) -> Iterator[ApiServer]:
    """Start a server with the files of dev's first control plane."""
    built = kubernetes.locate()
    if built is None:
        pytest.skip("Kubernetes' programs are not built yet: `python -m lab.kubernetes setup`")
    plan = clusters.plan("dev", {"tuning": {"profile": "base"}})
    found = files(plan, plan.nodes[0], NodeFacts(pki=clusters.pki()))
    for path in (api_server.ADMISSION, api_server.AUDIT_POLICY, api_server.AUTHENTICATION, api_server.ENCRYPTION):
        (folder / Path(path).name).write_text(found[path])
    manifest = init_phase(found[INIT], folder, "control-plane", "apiserver") / "kube-apiserver.yaml"
    (container,) = yaml.safe_load(manifest.read_text())["spec"]["containers"]
    told = dict(word.removeprefix("--").split("=", 1) for word in container["command"][1:])
    here = {
        name: value.replace("/etc/cecf", str(folder)).replace(api_server.AUDIT_LOGS, f"{folder}/audit")
        for name, value in told.items()
        if name not in _PLACE and "/etc/kubernetes/" not in value and not name.startswith("requestheader-")
    }
    with control_plane(built.bin, folder, here) as plane:
        yield ApiServer(plane, folder)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have one worker of the test run take all tests of this folder: they share the server."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("api-server"))
