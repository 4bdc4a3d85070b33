"""What closes the API server: files that its flags have no room for, the flags that name them, and the volumes.

Each control plane has them in its user data, so a change of one replaces them in turns.
"""

from typing import Any

from cecf.pki.keys import Pki, encryption_key_name
from cecf.plan import ClusterPlan
from cecf.render.cloud_init import File
from cecf.render.documents import mounted, yaml_text
from cecf.render.facts import NodeFacts
from cecf.versions import minor_of

ENCRYPTION = "/etc/cecf/encryption.yaml"
AUTHENTICATION = "/etc/cecf/authentication.yaml"
ADMISSION = "/etc/cecf/admission.yaml"
AUDIT_POLICY = "/etc/cecf/audit-policy.yaml"

AUDIT_LOGS = "/var/log/kubernetes/audit"
"""A folder, on the root disk: etcd's volume is etcd's alone."""

OPEN_PATHS = ("/healthz", "/livez", "/readyz")
"""What anybody may ask: haproxy, keepalived, the kubelet's probes and a node that is to join have no credential."""

EXEMPT = ("kube-flannel", "kube-system")
"""Namespaces whose pods may be anything: the pod network and kube-proxy change the host's network."""

_CONFIG = "apiserver.config.k8s.io"
_PRIVATE = "0600"
_READS = ["get", "list", "watch"]

_Document = dict[str, Any]


def api_server_files(plan: ClusterPlan, facts: NodeFacts) -> list[File]:
    """Return the files that every API server of the cluster reads."""
    documents = {
        ENCRYPTION: encryption_config(facts.pki),
        AUTHENTICATION: authentication_config(plan),
        ADMISSION: admission_config(plan),
    }
    if _audited(plan):
        documents[AUDIT_POLICY] = audit_policy(plan)
    return [File(path=path, content=yaml_text(made), permissions=_PRIVATE) for path, made in documents.items()]


def flags(plan: ClusterPlan) -> dict[str, str]:
    """Return the flags that name them; none of them is for tuning (`cecf.tuning.owned`)."""
    named = {
        "admission-control-config-file": ADMISSION,
        "authentication-config": AUTHENTICATION,
        "encryption-provider-config": ENCRYPTION,
    }
    audit = {"audit-log-path": f"{AUDIT_LOGS}/audit.log", "audit-policy-file": AUDIT_POLICY}
    return {**named, **audit} if _audited(plan) else named


def volumes(plan: ClusterPlan) -> list[_Document]:
    """Return what kubeadm puts into the API server's pod."""
    made = [
        mounted("admission", ADMISSION),
        mounted("authentication", AUTHENTICATION),
        mounted("encryption", ENCRYPTION),
    ]
    if _audited(plan):
        made.append(mounted("audit-policy", AUDIT_POLICY))
        made.append(mounted("audit-logs", AUDIT_LOGS, "DirectoryOrCreate", writable=True))
    return made


def encryption_config(pki: Pki) -> _Document:
    """Return how Secrets are kept in etcd.

    secretbox is what upstream recommends where no KMS is at hand: of aesgcm's nonces, which are short, one may come
    twice after 200,000 writes, and then both values are open. The last provider, `identity`, reads what was written in
    plain; being last, it writes nothing.
    """
    keys = [{"name": encryption_key_name(key), "secret": key} for key in pki.encryption_keys]
    return {
        "apiVersion": f"{_CONFIG}/v1",
        "kind": "EncryptionConfiguration",
        "resources": [{"resources": ["secrets"], "providers": [{"secretbox": {"keys": keys}}, {"identity": {}}]}],
    }


def authentication_config(plan: ClusterPlan) -> _Document:
    """Return who may ask without a credential: anybody, how the server is, and nothing else."""
    # 1.33 knows the beta only.
    version = "v1beta1" if minor_of(plan.kubernetes_version) == "1.33" else "v1"
    return {
        "apiVersion": f"{_CONFIG}/{version}",
        "kind": "AuthenticationConfiguration",
        "anonymous": {"enabled": True, "conditions": [{"path": path} for path in OPEN_PATHS]},
    }


def admission_config(plan: ClusterPlan) -> _Document:
    """Return what pods may be in namespaces that do not say it themselves."""
    levels = {"enforce": plan.pod_security.enforce, "warn": plan.pod_security.warn, "audit": plan.pod_security.audit}
    return {
        "apiVersion": f"{_CONFIG}/v1",
        "kind": "AdmissionConfiguration",
        "plugins": [
            {
                "name": "PodSecurity",
                "configuration": {
                    "apiVersion": "pod-security.admission.config.k8s.io/v1",
                    "kind": "PodSecurityConfiguration",
                    "defaults": levels,
                    "exemptions": {"namespaces": list(EXEMPT)},
                },
            }
        ],
    }


def audit_policy(plan: ClusterPlan) -> _Document:
    """Return what is written down of a request: the first rule that fits decides.

    Machines that look at the cluster again and again would drown what people do. Whatever is about secrets is written
    down without them, whoever asks.
    """
    rules: list[_Document] = [
        {"level": "None", "nonResourceURLs": ["/healthz*", "/livez*", "/readyz*", "/version", "/openapi/*"]},
        {"level": "None", "resources": [_of("", "events"), _of("events.k8s.io"), _of("coordination.k8s.io", "leases")]},
        {
            "level": "Metadata",
            "resources": [
                _of("", "secrets", "configmaps", "serviceaccounts/token"),
                _of("authentication.k8s.io"),
                _of("authorization.k8s.io"),
            ],
        },
        {
            "level": "None",
            "verbs": _READS,
            "users": ["system:apiserver", "system:kube-controller-manager", "system:kube-scheduler"],
        },
        {"level": "None", "verbs": _READS, "userGroups": ["system:nodes", "system:serviceaccounts:kube-system"]},
        # A kubelet reports itself and its pods all day.
        {
            "level": "Metadata",
            "userGroups": ["system:nodes"],
            "resources": [_of("", "nodes/status", "pods/status")],
        },
    ]
    if plan.audit.policy == "writes":
        rules.append({"level": "Request", "verbs": ["create", "update", "patch", "delete", "deletecollection"]})
    rules.append({"level": "Metadata"})
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        # Each request once, when it is answered; who owns which field is long, and tells nothing of what was done.
        "omitStages": ["RequestReceived"],
        "omitManagedFields": True,
        "rules": rules,
    }


def _of(group: str, *resources: str) -> _Document:
    """Return resources of an API group as a policy names them; none: all of the group."""
    return {"group": group, "resources": list(resources)} if resources else {"group": group}


def _audited(plan: ClusterPlan) -> bool:
    return plan.audit.policy != "none"
