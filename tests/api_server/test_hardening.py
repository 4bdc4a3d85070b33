"""The API server is closed as the documentation says, shown by the real one with a control plane's own files."""

import base64
import json
import ssl
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
import yaml

from cecf.pki.keys import encryption_key_name, join_token
from cecf.render import NodeFacts
from cecf.render.api_server import AUDIT_LOGS, OPEN_PATHS
from cecf.render.etcd import KEYS
from tests.api_server.conftest import INIT, ApiServer
from tests.helpers import clusters
from tests.helpers.kubeadm import init_phase
from tests.helpers.programs import program, run
from tests.helpers.user_data import files

SECRET = "correct-horse-battery-staple"  # noqa: S105 (it is looked for where it must not be)


def secret(name: str, value: str = SECRET) -> dict[str, Any]:
    """Return a Secret of the default namespace."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"password": value}}


def pod(name: str, namespace: str = "default", **spec: Any) -> dict[str, Any]:
    """Return a pod that keeps `baseline`, but for what `spec` says."""
    container = {"name": "main", "image": "example.org/none:1", **spec.pop("container", {})}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"containers": [container], **spec},
    }


PRIVILEGED = {"container": {"securityContext": {"privileged": True}}}


def test_a_secret_is_in_etcd_encrypted_with_the_cluster_s_key(hardened: ApiServer) -> None:
    hardened.plane.kubectl("create", "-f", "-", stdin=json.dumps(secret("kept")))
    (key,) = clusters.pki().encryption_keys
    raw = hardened.stored("/registry/secrets/default/kept")
    assert raw.startswith(f"k8s:enc:secretbox:v1:{encryption_key_name(key)}:".encode())
    assert SECRET.encode() not in raw
    read = hardened.plane.get("secret", "kept")["data"]["password"]
    assert base64.b64decode(read).decode() == SECRET


def test_a_secret_that_was_written_in_plain_is_still_read_and_encrypted_when_it_is_written(hardened: ApiServer) -> None:
    old = {**secret("old"), "metadata": {"name": "old", "namespace": "default", "uid": "0-0-0"}}
    old["data"] = {"password": base64.b64encode(old.pop("stringData")["password"].encode()).decode()}
    hardened.store("/registry/secrets/default/old", json.dumps(old))
    assert hardened.plane.get("secret", "old")["data"] == old["data"]
    hardened.plane.kubectl("annotate", "secret", "old", "example.org/written=again")
    assert hardened.stored("/registry/secrets/default/old").startswith(b"k8s:enc:secretbox:v1:")


@pytest.mark.parametrize("path", OPEN_PATHS)
def test_anybody_may_ask_whether_the_server_is_well(hardened: ApiServer, path: str) -> None:
    assert hardened.ask(path) == 200


@pytest.mark.parametrize("path", ["/", "/api", "/apis", "/version", "/metrics", "/readyz/etcd", "/openapi/v3"])
def test_nobody_else_is_answered_without_a_credential(hardened: ApiServer, path: str) -> None:
    assert hardened.ask(path) == 401


def test_what_kubeadm_opens_to_anybody_is_closed(hardened: ApiServer) -> None:
    plan = clusters.plan("dev")
    config = hardened.folder / "bootstrap.yaml"
    config.write_text(files(plan, plan.nodes[0], NodeFacts(pki=clusters.pki()))[INIT])
    credential = ("--kubeconfig", str(hardened.plane.kubeconfig), "--config", str(config))
    done = run(program("kubeadm"), "init", "phase", "bootstrap-token", "--skip-token-print", *credential)
    assert done.returncode == 0, done.stdout
    # It has given a role to whoever comes; as him an administrator may read what he himself is not even asked for.
    hardened.plane.kubectl("get", "configmap", "cluster-info", "--namespace=kube-public", "--as=system:anonymous")
    path = "/api/v1/namespaces/kube-public/configmaps/cluster-info"
    assert hardened.ask(path) == 401
    # A node joins with a token. `kubeadm join` asks for this, and goes on with its own file at 403, not at 401.
    assert hardened.ask(path, token=join_token(clusters.pki(), plan.nodes[0].name)) == 403


@pytest.mark.parametrize("token", ["abcdef.0123456789abcdef", "not-a-token"])
def test_an_unknown_token_is_no_credential(hardened: ApiServer, token: str) -> None:
    # A node that waits for being let in asks with its own, and goes by the status.
    path = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"
    assert hardened.ask(path, token=token) == 401


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("privileged", PRIVILEGED),
        ("host-network", {"hostNetwork": True}),
        ("host-files", {"volumes": [{"name": "root", "hostPath": {"path": "/"}}]}),
    ],
)
def test_a_pod_that_could_take_its_node_over_is_refused(hardened: ApiServer, name: str, spec: dict[str, Any]) -> None:
    taken, said = hardened.try_to_create(pod(name, **spec))
    assert not taken
    assert 'violates PodSecurity "baseline:latest"' in said


def test_an_ordinary_pod_is_let_in_with_a_warning(hardened: ApiServer) -> None:
    taken, said = hardened.try_to_create(pod("ordinary"))
    assert taken
    assert 'would violate PodSecurity "restricted:latest"' in said


@pytest.mark.parametrize("namespace", ["kube-system", "kube-flannel", "allowed"])
def test_the_system_and_who_is_allowed_by_a_label_may_do_more(hardened: ApiServer, namespace: str) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "privileged"} if namespace == "allowed" else {}
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}}
    if namespace != "kube-system":
        assert hardened.try_to_create(made)[0]
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "own", "namespace": namespace}}
    assert hardened.try_to_create(account)[0]
    spec = {**PRIVILEGED, "hostNetwork": True, "serviceAccountName": "own"}
    taken, said = hardened.try_to_create(pod("trusted", namespace, **spec))
    assert taken
    assert ("Warning" in said) is (namespace == "allowed")


def test_the_audit_log_has_who_wrote_what(hardened: ApiServer) -> None:
    hardened.plane.kubectl("create", "namespace", "audited")
    line = next(line for line in hardened.audited('"audited"') if line["verb"] == "create")
    assert (line["level"], line["user"]["username"], line["responseStatus"]["code"]) == ("Request", "admin", 201)
    assert line["requestObject"]["metadata"]["name"] == "audited"
    hardened.plane.kubectl("get", "namespace", "audited")
    assert hardened.audited('"verb":"get"')


def test_the_audit_log_has_who_asked_for_a_secret_but_not_the_secret(hardened: ApiServer) -> None:
    hardened.plane.kubectl("create", "-f", "-", stdin=json.dumps(secret("watched", "a-value-of-its-own")))
    hardened.plane.kubectl("get", "secret", "watched")
    lines = hardened.audited("/secrets/watched")
    assert {line["level"] for line in lines} == {"Metadata"}
    assert lines[0]["user"]["username"] == "admin"
    assert hardened.audited("secrets?")  # its creation
    hidden = base64.b64encode(b"a-value-of-its-own").decode()
    text = (hardened.folder / "audit/audit.log").read_text()
    assert [word for word in ("a-value-of-its-own", hidden, SECRET) if word in text] == []


def test_the_audit_log_is_not_drowned_by_machines(hardened: ApiServer) -> None:
    hardened.plane.kubectl("create", "namespace", "quiet")
    assert hardened.audited('"quiet"')
    lines = hardened.audited("requestURI")
    assert {line["requestURI"].partition("?")[0] for line in lines}.isdisjoint({*OPEN_PATHS, "/version"})
    looks = [line for line in lines if line["verb"] in ("get", "list", "watch") and "objectRef" in line]
    own = {line["objectRef"]["resource"] for line in looks if line["user"].get("username") == "system:apiserver"}
    assert own <= {"configmaps", "secrets"}  # which are written down, whoever reads them
    assert {line["objectRef"]["resource"] for line in lines if "objectRef" in line}.isdisjoint({"events", "leases"})


def test_a_request_without_a_credential_is_in_the_audit_log(hardened: ApiServer) -> None:
    assert hardened.ask("/api/v1/namespaces/by-nobody") == 401
    assert {line["responseStatus"]["code"] for line in hardened.audited("/by-nobody")} == {401}


def test_a_node_reads_the_secrets_of_its_own_pods_and_no_other(hardened: ApiServer) -> None:
    hardened.plane.kubectl("create", "-f", "-", stdin=json.dumps(secret("mounted")))
    volumes = [{"name": "own", "secret": {"secretName": "mounted"}}]
    assert hardened.try_to_create(pod("holder", nodeName="node-1", volumes=volumes))[0]
    path = "/api/v1/namespaces/default/secrets"
    assert hardened.ask(f"{path}/mounted", who="node-1") == 200
    assert hardened.ask(f"{path}/mounted", who="node-2") == 403
    assert hardened.ask(path, who="node-1") == 403
    assert hardened.ask("/api/v1/namespaces/kube-system/secrets", who="node-1") == 403


def test_a_node_changes_itself_and_no_other(hardened: ApiServer) -> None:
    change = {"metadata": {"labels": {"example.org/mine": "yes"}}}
    assert hardened.ask("/api/v1/nodes/node-1", who="node-1", change=change) == 200
    assert hardened.ask("/api/v1/nodes/node-2", who="node-1", change=change) == 403
    claim = {"metadata": {"labels": {"node-restriction.kubernetes.io/trusted": "yes"}}}
    assert hardened.ask("/api/v1/nodes/node-1", who="node-1", change=claim) == 403


def test_no_version_of_tls_before_1_3_is_spoken(hardened: ApiServer) -> None:
    context = ssl.create_default_context(cafile=str(hardened.folder / "ca.crt"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(URLError, match=r"(?i)protocol version"):
        urllib.request.urlopen(f"{hardened.plane.server}/readyz", timeout=10, context=context)  # noqa: S310


def test_nobody_reads_profiles(hardened: ApiServer) -> None:
    assert hardened.ask("/debug/pprof/", who="admin") == 404


@pytest.fixture
def first(tmp_path: Path) -> Callable[..., Path]:
    """Return how a phase of the first control plane's init is done on paper."""
    plan = clusters.plan("dev")
    config = files(plan, plan.nodes[0])[INIT]
    return lambda *phase: init_phase(config, tmp_path, *phase)


def test_kubeadm_s_own_flags_are_what_they_are_taken_for(first: Callable[..., Path]) -> None:
    server = (first("control-plane", "apiserver") / "kube-apiserver.yaml").read_text()
    for flag in ("authorization-mode=Node,RBAC", "enable-admission-plugins=NodeRestriction"):
        assert f"--{flag}\n" in server
    assert "--anonymous-auth" not in server
    for name in ("controller-manager", "scheduler"):
        manifest = first("control-plane", name) / f"kube-{name}.yaml"
        assert "--bind-address=127.0.0.1\n" in manifest.read_text()


def test_a_kubelet_is_closed_as_kubeadm_closes_it(first: Callable[..., Path]) -> None:
    kubelet = yaml.safe_load((first("kubelet-start") / "config.yaml").read_text())
    assert kubelet["authentication"]["anonymous"] == {"enabled": False}
    assert kubelet["authentication"]["webhook"]["enabled"] is True
    assert kubelet["authentication"]["x509"] == {"clientCAFile": "/etc/kubernetes/pki/ca.crt"}
    assert kubelet["authorization"]["mode"] == "Webhook"
    assert kubelet.get("readOnlyPort", 0) == 0


def test_each_file_is_in_the_server_s_pod_and_only_the_log_can_be_written(first: Callable[..., Path]) -> None:
    pod = yaml.safe_load((first("control-plane", "apiserver") / "kube-apiserver.yaml").read_text())["spec"]
    (container,) = pod["containers"]
    kinds = {volume["hostPath"]["path"]: volume["hostPath"]["type"] for volume in pod["volumes"]}
    mounts = {mount["mountPath"]: mount.get("readOnly", False) for mount in container["volumeMounts"]}
    plan = clusters.plan("dev")
    named = {path for path in files(plan, plan.nodes[0]) if f"={path}" in "".join(container["command"])}
    of_etcd = {path for path in named if Path(path).parent == Path(KEYS)}
    assert {Path(path).name for path in of_etcd} == {"ca.crt", "client.crt", "client.key"}
    assert mounts[KEYS] is True
    given = named - of_etcd
    assert len(given) == 4
    assert {(kinds[path], mounts[path]) for path in given} == {("File", True)}
    assert (kinds[AUDIT_LOGS], mounts[AUDIT_LOGS]) == ("DirectoryOrCreate", False)
    assert [path for path, read_only in mounts.items() if not read_only] == [AUDIT_LOGS]
