"""What one node is told when it boots for the first time."""

from typing import Any

import yaml

from cecf.plan import ClusterPlan, NodePlan
from cecf.render.cloud_init import File, cloud_config, encoded, message
from cecf.render.kernel import MODULES, kernel_files


def user_data(plan: ClusterPlan, node: NodePlan) -> str:
    """Return the node's user data in base64, at most 65,535 characters."""
    return encoded(message(document(plan, node)))


def document(plan: ClusterPlan, node: NodePlan) -> str:
    """Return the node's `#cloud-config` document."""
    config: dict[str, Any] = {
        "hostname": node.name,
        "preserve_hostname": False,
        "manage_etc_hosts": True,
        # Nodes are replaced, not logged into.
        "ssh_pwauth": False,
        "disable_root": True,
        "runcmd": [*(["modprobe", module] for module in MODULES), ["sysctl", "--system"]],
    }
    return cloud_config(config, [_identity(plan, node), *kernel_files()])


def _identity(plan: ClusterPlan, node: NodePlan) -> File:
    """Return the file from which everything on the node learns who it is."""
    identity = {
        "cluster": plan.name,
        "node": node.name,
        "role": str(node.role),
        "pool": node.pool,
        "zone": node.zone,
        "kubernetes_version": plan.kubernetes_version,
        "api_endpoint": plan.endpoint.url,
        "pod_cidr": str(plan.pod_cidr),
        "service_cidr": str(plan.service_cidr),
    }
    return File(path="/etc/cecf/node.yaml", content=yaml.safe_dump(identity, sort_keys=True))
