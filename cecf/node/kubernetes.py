"""Makes this server a node of Kubernetes: begins the cluster or joins it, by kubeadm."""

import http.client
import json
import shutil
import socket
import ssl
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from cecf.node.tools import Facts, NotYetError, run, say, start, wait
from cecf.node.trust import trust

KEYS = Path("/etc/cecf/pki")
KUBERNETES_KEYS = Path("/etc/kubernetes/pki")
BEGUN = Path("/var/lib/cecf/boot/init.begun")
JOIN_CONF = Path("/etc/cecf/join.conf")
INIT_CONFIG = ("--config", "/etc/cecf/kubeadm-init.yaml")
API_SERVER_PORT = 6443

LOOKS = 3
"""At whether an API server is there already; a network that has just come up may swallow the first."""

STARTING = 60
"""Seconds that a kubelet may take to start."""

RESOLVERS = (Path("/run/systemd/resolve/resolv.conf"), Path("/etc/resolv.conf"))
"""The first that exists is the kubelet's."""

MANIFESTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
PORTS = (6443, 10250, 10257, 10259)

INTERRUPTED = (
    *(f"FileAvailable--etc-kubernetes-manifests-{name}.yaml" for name in MANIFESTS),
    *(f"Port-{port}" for port in PORTS),
)
"""kubeadm's checks that stand against another go at an init that was interrupted; kubeadm wants each by its name."""


MEMBER_AWAY = "ExternalEtcdVersion"
"""kubeadm's check that wants every member of etcd to answer; a quorum is enough, and all are of one release."""


def container_runtime(_facts: Facts) -> None:
    """Start containerd with its configuration."""
    start("containerd")
    run("ctr", "--namespace", "k8s.io", "version")


def membership(facts: Facts) -> None:
    """Begin the cluster, or join it."""
    run("systemctl", "enable", "kubelet")
    if facts["role"] == "control-plane":
        _supply_keys()
    if BEGUN.exists() or (facts["first"] and not _somebody_serves(facts)):
        BEGUN.touch()
        say("membership", "beginning the cluster: kubeadm init")
        # Whatever an interrupted attempt left is what the next one would write. Where etcd holds a cluster already,
        # whose API servers are all gone, it is begun upon that.
        ignored = ",".join((*INTERRUPTED, MEMBER_AWAY, *facts["ignored_checks"]))
        run("kubeadm", "init", *INIT_CONFIG, "--skip-token-print", "--ignore-preflight-errors", ignored)
        return
    wait("membership", f"the API at {facts['endpoint']}", lambda: _status(facts, "/readyz") == 200)  # noqa: PLR2004
    who = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"
    wait("membership", "being let in (the program puts this node's token)", lambda: _status(facts, who) == 200)  # noqa: PLR2004
    try:
        ignored = ",".join((MEMBER_AWAY, *facts["ignored_checks"]))
        if facts["role"] == "control-plane":
            _upload_configuration()
            # `kubeadm join` speaks to every API server with it, and keeps one that is there already.
            run("kubeadm", "init", "phase", "kubeconfig", "admin", *INIT_CONFIG)
            trust(Path("/etc/kubernetes/admin.conf"), KEYS / "ca.crt")
        say("membership", "joining the cluster: kubeadm join")
        run("kubeadm", "join", "--config", "/etc/cecf/kubeadm-join.yaml", "--ignore-preflight-errors", ignored)
    except NotYetError:
        run("kubeadm", "reset", "--force", check=False)
        raise


def kubelet(_facts: Facts) -> None:
    """See that the kubelet is well, and that pods will have a resolver to ask."""
    resolver = next((path.read_text() for path in RESOLVERS if path.exists()), "")
    if "nameserver" not in resolver:
        say("kubelet", "this node knows no DNS server: the cluster's DNS will fail; set network.nodes.dns_servers")
    wait("kubelet", "the kubelet to be well", _kubelet_is_well, STARTING)


def _kubelet_is_well() -> bool:
    try:
        with urllib.request.urlopen("http://127.0.0.1:10248/healthz", timeout=5) as answer:
            return int(answer.status) == 200  # noqa: PLR2004
    except OSError:
        return False


def _supply_keys() -> None:
    """Put the cluster's keys where kubeadm looks for them."""
    for source in sorted(KEYS.rglob("*.*")):
        target = KUBERNETES_KEYS / source.relative_to(KEYS)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _upload_configuration() -> None:
    """Put this server's configuration of the cluster where `kubeadm join` reads it.

    Else it would join with the one that the cluster was begun with, and a change of it would take effect nowhere.
    """
    with tempfile.TemporaryDirectory() as folder:
        run("kubeadm", "init", "phase", "kubeconfig", "admin", "--kubeconfig-dir", folder, *INIT_CONFIG)
        trust(Path(folder, "admin.conf"), KEYS / "ca.crt")
        admin = ("--kubeconfig", f"{folder}/admin.conf")
        run("kubeadm", "init", "phase", "upload-config", "all", *admin, *INIT_CONFIG)


def _somebody_serves(facts: Facts) -> bool:
    """Tell whether an API server is there already: then this first one was replaced, and joins it."""
    for look in range(LOOKS):
        if look:
            time.sleep(2)
        if _status(facts, "/readyz") is not None:
            return True
        if any(_listens(peer, API_SERVER_PORT) for peer in facts["peers"]):
            return True
    return False


def _listens(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=2):
            return True
    except OSError:
        return False


def _status(facts: Facts, path: str) -> int | None:
    """Ask the API as this node; return the HTTP status, none where nobody answers."""
    context = ssl.create_default_context(cafile=str(KEYS / "ca.crt"))
    headers = {"Authorization": f"Bearer {_token()}"} if path.startswith("/api/") else {}
    request = urllib.request.Request(f"https://{facts['endpoint']}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5, context=context) as answer:  # noqa: S310 (https, see above)
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError, http.client.HTTPException):
        return None


def _token() -> str:
    return str(json.loads(JOIN_CONF.read_text())["users"][0]["user"]["token"])
