"""The API server's own files: what the settings and the keys say, in the form that its minor knows."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from cecf.pki.keys import encryption_key_name
from cecf.pki.make import make_encryption_key
from cecf.render import api_server
from cecf.render.api_server import admission_config, audit_policy, authentication_config, encryption_config
from tests.helpers import clusters
from tests.helpers.user_data import documents, files, permissions

EVERY = {api_server.ADMISSION, api_server.AUDIT_POLICY, api_server.AUTHENTICATION, api_server.ENCRYPTION}
INIT = "/etc/cecf/kubeadm-init.yaml"


def with_control_plane(**settings: object) -> Any:
    """Return dev's plan with changes to the control plane's settings."""
    return clusters.plan("dev", {"control_plane": settings})


def told(plan: Any) -> tuple[dict[str, str], list[str]]:
    """Return the API server's flags and the paths of its volumes."""
    server = documents(files(plan, plan.nodes[0])[INIT])["ClusterConfiguration"]["apiServer"]
    flags = {flag["name"]: flag["value"] for flag in server["extraArgs"]}
    return flags, [volume["hostPath"] for volume in server["extraVolumes"]]


def test_control_planes_have_the_files_which_root_alone_reads_and_workers_have_none() -> None:
    plan = clusters.plan("dev")
    for node in plan.nodes:
        found = permissions(plan, node)
        expected = EVERY if node in plan.control_plane.nodes else set()
        assert found.keys() & EVERY == expected
        assert {found[path] for path in expected} <= {"0600"}


def test_every_control_plane_has_the_same() -> None:
    plan = clusters.plan("dev")
    first, *others = [files(plan, node) for node in plan.control_plane.nodes]
    assert [{path: other[path] for path in EVERY} for other in others] == [{path: first[path] for path in EVERY}] * 2


def test_flags_name_files_that_are_there_and_in_the_pod() -> None:
    plan = clusters.plan("dev")
    flags, volumes = told(plan)
    assert {value for value in flags.values() if value.startswith("/etc/cecf/")} == EVERY
    assert set(volumes) == {*EVERY, api_server.AUDIT_LOGS}
    assert flags["audit-log-path"] == "/var/log/kubernetes/audit/audit.log"


def providers(*keys: str) -> list[dict[str, Any]]:
    """Return the providers of a cluster with these keys."""
    config = encryption_config(replace(clusters.FACTS.pki, encryption_keys=keys))
    (of_secrets,) = config["resources"]
    assert of_secrets["resources"] == ["secrets"]
    made: list[dict[str, Any]] = of_secrets["providers"]
    return made


def test_the_first_key_writes_every_key_reads_and_what_is_plain_is_read_too() -> None:
    new, old = make_encryption_key(), make_encryption_key()
    secretbox, identity = providers(new, old)
    assert [key["secret"] for key in secretbox["secretbox"]["keys"]] == [new, old]
    assert identity == {"identity": {}}


def test_a_key_keeps_its_name_when_another_comes_before_it() -> None:
    new, old = make_encryption_key(), make_encryption_key()
    before, after = providers(old)[0]["secretbox"]["keys"], providers(new, old)[0]["secretbox"]["keys"]
    assert after[1] == before[0]
    assert before[0]["name"] == encryption_key_name(old) != encryption_key_name(new) == after[0]["name"]


@pytest.mark.parametrize(("release", "version"), [("1.33.5", "v1beta1"), ("1.34.4", "v1"), ("1.36.1", "v1")])
def test_anybody_may_ask_for_the_server_s_health_alone(release: str, version: str) -> None:
    config = authentication_config(clusters.plan("dev", {"kubernetes_version": release}))
    assert config["apiVersion"] == f"apiserver.config.k8s.io/{version}"
    assert config["anonymous"] == {
        "enabled": True,
        "conditions": [{"path": "/healthz"}, {"path": "/livez"}, {"path": "/readyz"}],
    }


def test_what_asks_without_a_credential_asks_for_what_is_open() -> None:
    plan = clusters.plan("dev")
    found = files(plan, plan.nodes[0])
    assert "option httpchk GET /readyz\n" in found["/etc/haproxy/haproxy.cfg"]
    assert found["/usr/local/lib/cecf/check-endpoint"].rstrip().endswith("/readyz")
    assert "/readyz" in api_server.OPEN_PATHS


def test_pods_keep_the_baseline_unless_it_is_said_otherwise() -> None:
    levels = {"enforce": "privileged", "warn": "baseline", "audit": "baseline"}
    for settings, expected in (
        ({}, {"enforce": "baseline", "warn": "restricted", "audit": "restricted"}),
        (levels, levels),
    ):
        (plugin,) = admission_config(with_control_plane(pod_security=settings))["plugins"]
        assert plugin["name"] == "PodSecurity"
        assert plugin["configuration"]["defaults"] == expected
        assert plugin["configuration"]["exemptions"] == {"namespaces": ["kube-flannel", "kube-system"]}


def test_the_namespaces_that_are_exempt_are_those_of_the_cluster_s_own_pods() -> None:
    golden = clusters.ROOT / "tests/golden/dev/addons"
    objects = [each for file in golden.glob("*.yaml") for each in yaml.safe_load_all(file.read_text())]
    homes = {each["metadata"]["namespace"] for each in objects if each["kind"] in ("DaemonSet", "Deployment")}
    assert homes == set(api_server.EXEMPT)


def rules(policy: str) -> list[dict[str, Any]]:
    """Return an audit policy's rules."""
    made: list[dict[str, Any]] = audit_policy(with_control_plane(audit={"policy": policy}))["rules"]
    return made


def test_bodies_are_kept_of_writes_only_if_wanted_and_never_of_secrets() -> None:
    writes, metadata = rules("writes"), rules("metadata")
    (bodies,) = [rule for rule in writes if rule["level"] not in ("None", "Metadata")]
    assert bodies == {"level": "Request", "verbs": ["create", "update", "patch", "delete", "deletecollection"]}
    assert metadata == [rule for rule in writes if rule != bodies]
    hidden = next(n for n, rule in enumerate(writes) if {"group": "authentication.k8s.io"} in rule.get("resources", []))
    assert writes[hidden]["resources"][0] == {
        "group": "",
        "resources": ["secrets", "configmaps", "serviceaccounts/token"],
    }
    assert hidden < writes.index(bodies)
    assert writes[-1] == metadata[-1] == {"level": "Metadata"}


def test_nothing_that_changes_anything_but_events_and_leases_goes_unrecorded() -> None:
    for rule in rules("writes"):
        if rule["level"] == "None" and "nonResourceURLs" not in rule:
            groups = [each["group"] for each in rule.get("resources", [])]
            assert rule.get("verbs") == ["get", "list", "watch"] or groups == [
                "",
                "events.k8s.io",
                "coordination.k8s.io",
            ]


def test_without_a_record_there_is_neither_policy_nor_log() -> None:
    plan = with_control_plane(audit={"policy": "none"})
    flags, volumes = told(plan)
    assert set(volumes) == EVERY - {api_server.AUDIT_POLICY} == files(plan, plan.nodes[0]).keys() & EVERY
    assert flags.keys().isdisjoint({"audit-policy-file", "audit-log-path"})


def test_the_log_is_bounded() -> None:
    flags, _ = told(clusters.plan("dev"))
    kept = {name: flags[name] for name in ("audit-log-maxage", "audit-log-maxbackup", "audit-log-maxsize")}
    assert kept == {"audit-log-maxage": "30", "audit-log-maxbackup": "10", "audit-log-maxsize": "100"}
    assert flags["audit-log-mode"] == "batch"
