"""What one node is told when it boots for the first time."""

from typing import Any

from cecf.plan import ClusterPlan, NodePlan, Role
from cecf.render import backup, boot, certificates, etcd, isolation
from cecf.render.api_server import api_server_files
from cecf.render.cloud_init import File, cloud_config, encoded, message
from cecf.render.container_runtime import container_runtime_files
from cecf.render.endpoint import endpoint_files
from cecf.render.facts import NodeFacts
from cecf.render.kernel import kernel_files
from cecf.render.keys import key_files
from cecf.render.kubeadm import init_config, join_config
from cecf.render.kubelet import kubelet_files
from cecf.render.scheduler import scheduler_files
from cecf.render.services import service_files


def user_data(plan: ClusterPlan, node: NodePlan, facts: NodeFacts) -> str:
    """Return the node's user data in base64, at most 65,535 characters."""
    return encoded(message(document(plan, node, facts)))


def document(plan: ClusterPlan, node: NodePlan, facts: NodeFacts) -> str:
    """Return the node's `#cloud-config` document."""
    config: dict[str, Any] = {
        "hostname": node.name,
        "preserve_hostname": False,
        "manage_etc_hosts": True,
        # Nodes are replaced, not logged into.
        "ssh_pwauth": False,
        "disable_root": True,
        # In the background: cloud-init is done when the files are there, the node when its program says so.
        "runcmd": [["systemctl", "daemon-reload"], *_begin(plan, node)],
    }
    return cloud_config(config, _files(plan, node, facts))


def _begin(plan: ClusterPlan, node: NodePlan) -> list[list[str]]:
    units = boot.units(node)
    guard = [] if node.role is Role.ETCD else [isolation.UNIT]
    timers = [*(etcd.TIMERS if node.is_member else ()), *backup.timers(plan, node), *certificates.timers(node)]
    return [
        # etcd's leases, tokens and certificates want clocks that agree.
        *(["systemctl", "enable", "--now", unit] for unit in (*guard, "chrony", *timers)),
        ["systemctl", "enable", *units],
        ["systemctl", "start", "--no-block", *units],
    ]


def _files(plan: ClusterPlan, node: NodePlan, facts: NodeFacts) -> list[File]:
    parts = {"etcd": etcd.member_facts(plan, node), "backup": backup.backup_facts(plan, node)}
    files = [
        *boot.boot_files(plan, node, facts, parts),
        *etcd.member_files(plan, node, facts),
        *backup.backup_files(plan, node, facts),
    ]
    if node.role is Role.ETCD:
        return files
    files += [
        *kernel_files(plan, node),
        *service_files(plan, node),
        *container_runtime_files(plan, node),
        *kubelet_files(plan, node),
        *isolation.isolation_files(),
        *key_files(plan, node, facts),
        *certificates.certificate_files(plan, node),
        File(path="/etc/cecf/kubeadm-join.yaml", content=join_config(node)),
    ]
    if node.role is Role.CONTROL_PLANE:
        files += [
            *etcd.client_files(facts, member=node.is_member),
            *endpoint_files(plan, node),
            *scheduler_files(plan),
            *api_server_files(plan, facts),
        ]
        # Each gets it, though one begins: so a change of the cluster's configuration replaces them all.
        init = init_config(plan, node, facts)
        files.append(File(path="/etc/cecf/kubeadm-init.yaml", content=init, permissions="0600"))
    return files
