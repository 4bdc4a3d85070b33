"""Makes this server a node of its cluster. Can be run again at any time: what is done is not done twice.

Runs at every boot as `cecf-boot.service`, from the facts in /etc/cecf/node.json. Each step that must happen once
leaves a file in /var/lib/cecf/boot. Progress goes to the journal and to the console, one line each:
`cecf-boot: <step>: <what>`; the last one is `cecf-boot: node: done` or `cecf-boot: node: gave up ...`, and
/var/lib/cecf/boot/state.json says the same to programs.

usage: boot.py [data-disk]   (data-disk: only mount the data disk, as cecf-data-disk.service does before the kubelet)
"""

import http.client
import json
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

FACTS = Path("/etc/cecf/node.json")
KEYS = Path("/etc/cecf/pki")
KUBERNETES_KEYS = Path("/etc/kubernetes/pki")
INIT_CONFIG = ("--config", "/etc/cecf/kubeadm-init.yaml")
STATE = Path("/var/lib/cecf/boot")
DATA = Path("/var/lib/etcd")
ETCD_PORT = 2379

ATTEMPTS = 10
"""Of each step; what does not work then is not going to."""

PAUSE = 10
"""Seconds between attempts."""

LOOKS = 3
"""At whether the cluster exists already; a network that has just come up may swallow the first."""

PATIENCE = 3600
"""Seconds that a node waits for what others do: its disk to be attached, the API to answer, to be let in."""

REMIND = 30
"""Seconds between two lines that say that it still waits."""

RESOLVERS = (Path("/run/systemd/resolve/resolv.conf"), Path("/etc/resolv.conf"))
"""The first that exists is the kubelet's."""

MANIFESTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
PORTS = (2379, 2380, 6443, 10250, 10257, 10259)

INTERRUPTED = (
    "DirAvailable--var-lib-etcd-data",
    *(f"FileAvailable--etc-kubernetes-manifests-{name}.yaml" for name in MANIFESTS),
    *(f"Port-{port}" for port in PORTS),
)
"""kubeadm's checks that stand against another go at an init that was interrupted; kubeadm wants each by its name."""

Facts = dict[str, Any]
Step = Callable[[Facts], None]


class NotYetError(Exception):
    """A step did not work; it may at the next attempt."""


def say(step: str, text: str) -> None:
    """Tell the journal and the console."""
    line = f"cecf-boot: {step}: {' '.join(text.split())}"
    print(line, flush=True)  # noqa: T201 (standard output is the journal)
    try:
        with Path("/dev/console").open("a") as console:
            console.write(f"{line}\r\n")
    except OSError:
        return


def run(*command: str, check: bool = True) -> str:
    """Run a command, its output to the journal; return the output. Raises `NotYetError` with its last words."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(f"$ {' '.join(command)}\n{done.stdout}", flush=True)  # noqa: T201
    if check and done.returncode:
        words = [line for line in done.stdout.splitlines() if line.strip()]
        told = [line for line in words if "error" in line.lower() or line.startswith(f"{command[0]}: ")]
        errors = [line for line in told if "stack trace" not in line]
        last = (errors or words or ["it said nothing"])[-1]
        raise NotYetError(f"{command[0]} ended with {done.returncode}: {last.strip()[:300]}")
    return done.stdout


def wait(step: str, what: str, ready: Callable[[], bool]) -> None:
    """Return once `ready` is true; say now and then what is waited for."""
    began = said = time.monotonic()
    if ready():
        return
    say(step, f"waiting for {what}")
    while not ready():
        now = time.monotonic()
        if now - began > PATIENCE:
            raise NotYetError(f"waited {PATIENCE} s for {what}")
        if now - said > REMIND:
            said = now
            say(step, f"still waiting for {what} ({now - began:.0f} s)")
        time.sleep(2)


# ------------------------------------------------------------------ steps


def kernel(_facts: Facts) -> None:
    """Load modules and set values now; at later boots systemd does it from the same files."""
    for module in Path("/etc/modules-load.d/cecf.conf").read_text().split():
        # One that is built into the kernel cannot be loaded; the sysctls below tell whether it is there.
        run("modprobe", module, check=False)
    run("sysctl", "--system")
    run("sysctl", "--load", "/etc/sysctl.d/90-cecf.conf")


def data_disk(facts: Facts) -> None:
    """Mount the volume of etcd's data, and make its file system if it has never had one."""
    if not facts["data_volume"] or DATA.is_mount():
        return
    # As much of a volume's id as the serial number of every kind of disk holds; some hold all of it.
    pattern = f"*{facts['data_volume'][:20]}*"

    def disk() -> Path | None:
        found = sorted(path for path in Path("/dev/disk/by-id").glob(pattern) if "-part" not in path.name)
        return found[0] if found else None

    wait("data-disk", f"volume {facts['data_volume']} to be attached", lambda: disk() is not None)
    device = str(disk())
    if _is_blank(device):
        say("data-disk", "making a file system on a blank volume")
        run("mkfs.ext4", "-q", "-L", "cecf-etcd", device)
    DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
    run("mount", "-o", "noatime", device, str(DATA))
    run("resize2fs", device, check=False)  # the volume may have grown since


def _is_blank(device: str) -> bool:
    """Tell whether there is nothing on a disk; raises OSError for one that cannot be read, which is never formatted."""
    with Path(device).open("rb") as disk:
        disk.read(1 << 20)
    probe = subprocess.run(["/usr/sbin/blkid", "--probe", device], capture_output=True, text=True, check=False)
    # `blkid` says nothing, and ends with 2, where it finds nothing that it knows.
    return (probe.returncode, probe.stdout, probe.stderr) == (2, "", "")


def container_runtime(_facts: Facts) -> None:
    """Start containerd with its configuration."""
    _start("containerd")
    run("ctr", "--namespace", "k8s.io", "version")


def load_balancer(facts: Facts) -> None:
    """Start what answers at the endpoint's address: keepalived holds it, haproxy leads on to an API server."""
    template = Path("/etc/cecf/keepalived.conf").read_text()
    target = Path("/etc/keepalived/keepalived.conf")
    target.write_text(template.replace("@INTERFACE@", _interface(facts["address"])))
    target.chmod(0o600)
    run("haproxy", "-c", "-f", "/etc/haproxy/haproxy.cfg")
    for service in ("haproxy", "keepalived"):
        _start(service)


def membership(facts: Facts) -> None:
    """Begin the cluster, or join it."""
    run("systemctl", "enable", "kubelet")
    if facts["role"] == "control-plane":
        _supply_keys()
    begun = STATE / "init.begun"
    if begun.exists() or (facts["first"] and not _cluster_exists(facts)):
        begun.touch()
        say("membership", "beginning the cluster: kubeadm init")
        # Whatever an interrupted attempt left is what the next one would write.
        options = ("--skip-token-print", "--ignore-preflight-errors", ",".join(INTERRUPTED))
        run("kubeadm", "init", *INIT_CONFIG, *options)
        return
    wait("membership", f"the API at {facts['endpoint']}", lambda: _status(facts, "/readyz") == 200)  # noqa: PLR2004
    who = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"
    wait("membership", "being let in (the program puts this node's token)", lambda: _status(facts, who) == 200)  # noqa: PLR2004
    try:
        if facts["role"] == "control-plane":
            _upload_configuration()
            _take_the_place(facts)
        say("membership", "joining the cluster: kubeadm join")
        run("kubeadm", "join", "--config", "/etc/cecf/kubeadm-join.yaml")
    except NotYetError:
        # A join leaves a half member behind, which kubeadm takes back itself, etcd's list of members included.
        run("kubeadm", "reset", "--force", check=False)
        raise


def kubelet(_facts: Facts) -> None:
    """See that the kubelet is well, and that pods will have a resolver to ask."""
    resolver = next((path.read_text() for path in RESOLVERS if path.exists()), "")
    if "nameserver" not in resolver:
        say("kubelet", "this node knows no DNS server: the cluster's DNS will fail; set network.nodes.dns_servers")
    with urllib.request.urlopen("http://127.0.0.1:10248/healthz", timeout=5) as answer:
        answer.read()


def _start(service: str) -> None:
    """Start a service now and at every boot, with the configuration that is there now."""
    run("systemctl", "enable", service)
    try:
        run("systemctl", "restart", service)
    except NotYetError:
        said = run("journalctl", "--unit", service, "--output", "cat", "--lines", "30", "--no-pager", check=False)
        reasons = [line for line in said.splitlines() if "systemd" not in line and service in line]
        raise NotYetError(f"{service} does not start: {reasons[-1] if reasons else said[-300:]}") from None


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
        admin = ("--kubeconfig", f"{folder}/admin.conf")
        run("kubeadm", "init", "phase", "upload-config", "all", *admin, *INIT_CONFIG)


def _take_the_place(facts: Facts) -> None:
    """Take the server that this one replaces out of etcd, with its data on the volume: the others have it all.

    A member that is gone and still on the list keeps kubeadm from adding one, and counts against the quorum.
    """
    credential = _etcd_credential(facts)
    for member in _etcd(facts, credential, "list", {})["members"]:
        if f"https://{facts['address']}:2380" in member["peerURLs"]:
            say("membership", "taking the server before this one out of etcd")
            _etcd(facts, credential, "remove", {"ID": member["ID"]})
    shutil.rmtree(DATA / "data", ignore_errors=True)


def _etcd(facts: Facts, credential: ssl.SSLContext, verb: str, request: dict[str, Any]) -> dict[str, Any]:
    """Have the first member that answers do something with the list of members."""
    for peer in facts["peers"]:
        url = f"https://{peer}:{ETCD_PORT}/v3/cluster/member/{verb}"
        try:
            with urllib.request.urlopen(url, json.dumps(request).encode(), timeout=10, context=credential) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            raise NotYetError(f"etcd does not {verb} members: {error.read()[:200].decode(errors='replace')}") from None
        except (OSError, http.client.HTTPException):
            continue
    raise NotYetError("no member of etcd answers")


def _etcd_credential(facts: Facts) -> ssl.SSLContext:
    """Have kubeadm sign a certificate for etcd, and return it with whom to trust; nothing of it stays on the disk."""
    context = ssl.create_default_context(cafile=str(KEYS / "etcd/ca.crt"))
    # Without a version kubeadm would look for the newest one on the internet.
    version = ("--kubernetes-version", f"v{facts['kubernetes_version']}")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(KEYS / "etcd", f"{folder}/etcd")
        run("kubeadm", "init", "phase", "certs", "apiserver-etcd-client", "--cert-dir", folder, *version)
        context.load_cert_chain(f"{folder}/apiserver-etcd-client.crt", f"{folder}/apiserver-etcd-client.key")
    return context


def _cluster_exists(facts: Facts) -> bool:
    """Tell whether another control plane is there already: then this first one was replaced, and joins it.

    A server in place of a lost one must never begin a second, empty cluster under the first one's keys.
    """
    for look in range(LOOKS):
        if look:
            time.sleep(2)
        if _status(facts, "/readyz") is not None:
            return True
        if any(_listens(peer, port) for peer in facts["peers"] for port in (6443, 2379)):
            return True
    return False


def _listens(address: str, port: int) -> bool:
    import socket  # noqa: PLC0415 (only the first control plane needs it)

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
    return str(json.loads(Path("/etc/cecf/join.conf").read_text())["users"][0]["user"]["token"])


def _interface(address: str) -> str:
    """Return the interface that has the node's address."""
    for link in json.loads(run("ip", "-json", "-4", "address", "show")):
        if any(known["local"] == address for known in link["addr_info"]):
            return str(link["ifname"])
    raise NotYetError(f"no interface has the address {address}")


# ------------------------------------------------------------------ the way through them

ALWAYS: dict[str, Step] = {"data-disk": data_disk}
"""What the kernel forgets at a reboot."""

ONCE: dict[str, Step] = {
    "kernel": kernel,
    "container-runtime": container_runtime,
    "load-balancer": load_balancer,
    "membership": membership,
}

AFTERWARDS: dict[str, Step] = {"kubelet": kubelet}


def main() -> int:
    """Take every step that is not done yet."""
    facts: Facts = json.loads(FACTS.read_text())
    STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.argv[1:] == ["data-disk"]:
        return 0 if _taken("data-disk", data_disk, facts) else 1
    answers = (facts["role"], facts["endpoint_kind"]) == ("control-plane", "virtual_address")
    began = time.monotonic()
    for steps, once in ((ALWAYS, False), (ONCE, True), (AFTERWARDS, False)):
        for name, step in steps.items():
            if name == "load-balancer" and not answers:
                continue
            mark = STATE / f"{name}.done"
            if once and mark.exists():
                continue
            if not _taken(name, step, facts):
                say("node", f"gave up at step {name}; mend the cause, then: systemctl restart cecf-boot")
                return 1
            if once:
                mark.touch()
    _keep_state("done")
    say("node", f"done in {time.monotonic() - began:.0f} s")
    return 0


def _taken(name: str, step: Step, facts: Facts) -> bool:
    """Take one step, again and again if need be."""
    for attempt in range(1, ATTEMPTS + 1):
        _keep_state("running", name, attempt)
        say(name, "begins" if attempt == 1 else f"attempt {attempt} of {ATTEMPTS}")
        began = time.monotonic()
        try:
            step(facts)
        except (NotYetError, OSError, ValueError) as error:
            say(name, f"failed: {error}")
            _keep_state("failed", name, attempt, str(error))
            time.sleep(PAUSE)
        else:
            say(name, f"done in {time.monotonic() - began:.0f} s")
            return True
    return False


def _keep_state(state: str, step: str = "", attempt: int = 0, error: str = "") -> None:
    text = json.dumps({"state": state, "step": step, "attempt": attempt, "error": error})
    new = STATE / "state.json.new"
    new.write_text(text)
    new.rename(STATE / "state.json")


if __name__ == "__main__":
    sys.exit(main())
