"""The program that makes a server a node, its facts, and the units that start it."""

import json
from pathlib import Path
from typing import Any

from cecf.plan import ClusterPlan, NodePlan, Role
from cecf.render.cloud_init import File
from cecf.render.facts import NodeFacts

PROGRAM = Path(__file__).parents[1] / "node/boot.py"
UNITS = ("cecf-data-disk.service", "cecf-boot.service")

_INSTALLED = "/usr/local/lib/cecf/boot.py"


def boot_files(plan: ClusterPlan, node: NodePlan, facts: NodeFacts) -> list[File]:
    """Return the program, what it works from, and its units."""
    return [
        File(path="/etc/cecf/node.json", content=json.dumps(node_facts(plan, node, facts), indent=1) + "\n"),
        File(path=_INSTALLED, content=PROGRAM.read_text()),
        File(path=f"/etc/systemd/system/{UNITS[0]}", content=_DATA_DISK),
        File(path=f"/etc/systemd/system/{UNITS[1]}", content=_BOOT),
    ]


def node_facts(plan: ClusterPlan, node: NodePlan, facts: NodeFacts) -> dict[str, Any]:
    """Return who the node is, for the program and for people; nothing secret."""
    first = node.role is Role.CONTROL_PLANE and node.ordinal == 1
    others = [str(peer.address) for peer in plan.control_plane.nodes if peer.name != node.name]
    return {
        "cluster": plan.name,
        "node": node.name,
        "role": str(node.role),
        "pool": node.pool,
        "zone": node.zone,
        "kubernetes_version": plan.kubernetes_version,
        "endpoint": plan.endpoint.host_port,
        "endpoint_kind": plan.endpoint.kind,
        "address": str(node.address) if node.address else None,
        "first": first,
        # The first asks them whether the cluster exists, and each of them whether etcd still knows its predecessor.
        "peers": others if node.role is Role.CONTROL_PLANE else [],
        "data_volume": facts.data_volume,
    }


_DATA_DISK = f"""\
[Unit]
Description=The disk of etcd's data
# Without its disk an etcd would begin anew on the root disk.
Before=kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=infinity
ExecStart=/usr/bin/python3 {_INSTALLED} data-disk

[Install]
RequiredBy=kubelet.service
"""

_BOOT = f"""\
[Unit]
Description=Make this server a node of its cluster
Wants=network-online.target
After=network-online.target cecf-data-disk.service
# Another try of its own, after the program itself has given up.
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/usr/bin/python3 {_INSTALLED}
Restart=on-failure
RestartSec=60

[Install]
WantedBy=multi-user.target
"""
