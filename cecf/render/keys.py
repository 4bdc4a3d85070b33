"""The keys and certificates that a node gets. Private ones reach control planes only."""

from cecf.pki.authorities import first_of
from cecf.pki.keys import join_kubeconfig
from cecf.plan import ClusterPlan, NodePlan, Role
from cecf.render.cloud_init import File
from cecf.render.facts import NodeFacts
from cecf.render.kubeadm import JOIN_CONF
from cecf.render.pairs import PRIVATE, pair_files

_FOLDER = "/etc/cecf/pki"


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
            permissions=PRIVATE,
        ),
    ]
    if node.role is Role.CONTROL_PLANE:
        files += [
            # The controller manager takes one certificate to sign by, and no bundle.
            File(path=f"{_FOLDER}/ca-signing.crt", content=first_of(pki.kubernetes.certificate)),
            File(path=f"{_FOLDER}/ca.key", content=pki.kubernetes.key, permissions=PRIVATE),
            *pair_files(f"{_FOLDER}/front-proxy-ca", pki.front_proxy),
            *pair_files(f"{_FOLDER}/sa", pki.service_account, public="pub"),
        ]
    return files
