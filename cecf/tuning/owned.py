"""Fields that are not for tuning: kubeadm and the plan give them, from other settings."""

from collections.abc import Mapping
from fnmatch import fnmatch

from cecf.tuning.model import Component

_FROM_PLAN = "it follows from the rest of the settings"
_KEYS = "keys and certificates are the cluster's own"
_CLOSED = "cecf's own file closes the API to whoever has no credential, but for the health endpoints"
_AUDIT = "set control_plane.audit.policy"
_REACHED = "the others reach it at this address and port"

OWNED: Mapping[Component, Mapping[str, str]] = {
    Component.KUBELET: {
        "address": _REACHED,
        "authentication.*": _KEYS,
        "authorization.*": _KEYS,
        "cgroupDriver": "systemd's, as containerd's",
        "cgroupsPerQOS": "without it nothing is reserved",
        "clusterDNS": _FROM_PLAN,
        "clusterDomain": _FROM_PLAN,
        "containerRuntimeEndpoint": "containerd's",
        "enableServer": _REACHED,
        "port": _REACHED,
        "protectKernelDefaults": "sysctls are declared; a kubelet that changes them would hide a fault",
        "readOnlyPort": "anybody could read what runs on the node",
        "registerNode": "a node that does not register is none",
        "registerWithTaints": "set worker_pools.<pool>.taints",
        "rotateCertificates": _KEYS,
        "serverTLSBootstrap": _KEYS,
        "shutdownGracePeriodByPodPriority": "shutdownGracePeriod says it, and a kubelet takes one of both",
        "staticPodPath": "kubeadm's",
        "tlsCertFile": _KEYS,
        "tlsPrivateKeyFile": _KEYS,
    },
    Component.KUBE_PROXY: {
        "bindAddress": "kubeadm's",
        "clientConnection.kubeconfig": _KEYS,
        "clusterCIDR": _FROM_PLAN,
        "hostnameOverride": _FROM_PLAN,
    },
    Component.SCHEDULER: {
        "clientConnection.kubeconfig": _KEYS,
        "leaderElection.leaderElect": "several schedulers at work would place each pod twice",
    },
    Component.API_SERVER: {
        "admission-control": "enable-admission-plugins says it",
        "admission-control-config-file": "set control_plane.pod_security",
        "advertise-address": _FROM_PLAN,
        "allow-privileged": "kube-proxy and the pod network need it",
        "anonymous-auth": _CLOSED,
        "audit-log-path": _AUDIT,
        "audit-policy-file": _AUDIT,
        "authentication-config": _CLOSED,
        "authorization-config": "the modes are Node and RBAC, and say all",
        "authorization-mode": "Node and RBAC; anything else opens the cluster, or shuts its nodes out",
        "bind-address": _REACHED,
        "client-ca-file": _KEYS,
        "encryption-provider-config*": "Secrets are encrypted with the cluster's own keys",
        "etcd-cafile": _KEYS,
        "etcd-certfile": _KEYS,
        "enable-bootstrap-token-auth": "nodes join by tokens",
        "etcd-keyfile": _KEYS,
        "etcd-prefix": "the cluster would look for its data elsewhere",
        "etcd-servers": _FROM_PLAN,
        "etcd-servers-overrides": "set etcd.events",
        "kubelet-client-*": _KEYS,
        "oidc-*": "the API server takes them or the file that closes the API to whoever has no credential",
        "proxy-client-*": _KEYS,
        "requestheader-*": _KEYS,
        "secure-port": "kubeadm's",
        "service-account-*": _KEYS,
        "service-cluster-ip-range": "set network.service_cidr",
        "tls-cert-file": _KEYS,
        "tls-private-key-file": _KEYS,
        "token-auth-file": "its tokens never expire, and no server has such a file",
    },
    Component.CONTROLLER_MANAGER: {
        "*kubeconfig": _KEYS,
        "allocate-node-cidrs": _FROM_PLAN,
        "bind-address": _REACHED,
        "client-ca-file": _KEYS,
        "cluster-cidr": "set network.pod_cidr",
        "cluster-name": _FROM_PLAN,
        "cluster-signing-*": _KEYS,
        "leader-elect": "several controllers at work would undo each other's",
        "requestheader-*": _KEYS,
        "root-ca-file": _KEYS,
        "service-account-private-key-file": _KEYS,
        "use-service-account-credentials": "each controller has rights of its own",
        "service-cluster-ip-range": "set network.service_cidr",
    },
    Component.ETCD: {
        "*-file": _KEYS,
        "advertise-client-urls": _FROM_PLAN,
        "auto-tls": _KEYS,
        "client-cert-auth": _KEYS,
        "config-file": "the unit gives flags, and etcd reads one or the other",
        "data-dir": "the volume's",
        "feature-gates": "the check of a member's data when it starts stays on",
        "force-new-cluster": "it is a repair by hand, and loses members",
        "initial-*": _FROM_PLAN,
        "listen-*": _FROM_PLAN,
        "name": _FROM_PLAN,
        "peer-auto-tls": _KEYS,
        "peer-client-cert-auth": _KEYS,
        "unsafe-no-fsync": "writes that were acknowledged would be lost",
        "wal-dir": "the volume's",
    },
}
"""By component: the field, or a pattern of fields, and who gives it."""


def owner(component: Component, name: str) -> str:
    """Return who gives a field; empty when it is for anybody to set."""
    return next((why for pattern, why in OWNED.get(component, {}).items() if fnmatch(name, pattern)), "")
