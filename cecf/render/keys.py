"""The keys and certificates that a node gets. Private ones reach control planes only."""

from cecf.pki.authorities import first_of
from cecf.pki.keys import KeyPair, join_kubeconfig
from cecf.plan import ClusterPlan, NodePlan, Role
from cecf.render.cloud_init import File
from cecf.render.facts import NodeFacts
from cecf.render.kubeadm import JOIN_CONF

_FOLDER = "/etc/cecf/pki"
_PRIVATE = "0600"


def key_files(plan: ClusterPlan, node: NodePlan, facts: NodeFacts) -> list[File]:
    """Return the authorities to trust, the node's own token, and on a control plane the authorities themselves.

    Not etcd's: what it signs is signed by the program, and no node has its key.
    """
    pki = facts.pki
    files = [
        File(path=f"{_FOLDER}/ca.crt", content=pki.kubernetes.certificate),
        File(
            path=JOIN_CONF,
            content=join_kubeconfig(pki, plan.name, plan.endpoint.url, node.name),
            permissions=_PRIVATE,
        ),
    ]
    if node.role is Role.CONTROL_PLANE:
        files += [
            # The controller manager takes one certificate to sign by, and no bundle.
            File(path=f"{_FOLDER}/ca-signing.crt", content=first_of(pki.kubernetes.certificate)),
            File(path=f"{_FOLDER}/ca.key", content=pki.kubernetes.key, permissions=_PRIVATE),
            *_pair("front-proxy-ca", pki.front_proxy),
            *_pair("sa", pki.service_account, public="pub"),
        ]
    return files


def _pair(name: str, pair: KeyPair, public: str = "crt") -> list[File]:
    return [
        File(path=f"{_FOLDER}/{name}.{public}", content=pair.certificate),
        File(path=f"{_FOLDER}/{name}.key", content=pair.key, permissions=_PRIVATE),
    ]
