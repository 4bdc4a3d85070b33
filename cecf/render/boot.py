"""The program that makes a server a part of its cluster, its facts, and the units that start it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import cecf
from cecf.plan import ClusterPlan, NodePlan, Role
from cecf.render.cloud_init import File
from cecf.render.facts import NodeFacts

_SOURCES = Path(cecf.__file__).parent
_INSTALLED = "/usr/local/lib/cecf"

DATA_DISK = "cecf-data-disk.service"
BOOT = "cecf-boot.service"

_EVERYWHERE = ("__init__", "node/__init__", "node/tools", "node/boot")
_OF_ETCD = ("node/etcd_api",)
_OF_MEMBERS = ("node/disks", "node/etcd", "node/backup", "node/defragment")
_OF_KUBERNETES = ("node/kubernetes", "node/trust")
_OF_CONTROL_PLANES = ("node/standing", "node/certificates")
"""The program's modules, by what a server is: none gets more than it needs, since its user data may only be so long."""


class _Python(NamedTuple):
    """How units run the program's modules."""

    environment: str = f"Environment=PYTHONPATH={_INSTALLED} PYTHONDONTWRITEBYTECODE=1"

    def module(self, name: str) -> str:
        """Return the command that runs a module."""
        return f"/usr/bin/python3 -m {name}"


PYTHON = _Python()


def boot_files(plan: ClusterPlan, node: NodePlan, facts: NodeFacts, parts_of: Mapping[str, Any]) -> list[File]:
    """Return the program, what it works from, and its units.

    `parts_of` is what it has to know of the node's member of etcd, and of its snapshots: none where there is none.
    """
    data_disk = [File(path=f"/etc/systemd/system/{DATA_DISK}", content=_DATA_DISK)] if node.volumes else []
    return [
        File(
            path="/etc/cecf/node.json",
            content=json.dumps({**node_facts(plan, node, facts), **parts_of}, indent=1) + "\n",
        ),
        *(
            File(path=f"{_INSTALLED}/cecf/{part}.py", content=(_SOURCES / f"{part}.py").read_text())
            for part in _parts(node, parts_of)
        ),
        *data_disk,
        File(path=f"/etc/systemd/system/{BOOT}", content=_BOOT),
    ]


def _parts(node: NodePlan, parts_of: Mapping[str, Any]) -> Iterator[str]:
    yield from _EVERYWHERE
    if node.is_member or node.role is Role.CONTROL_PLANE:
        yield from _OF_ETCD
    if node.is_member:
        yield from _OF_MEMBERS
    elif parts_of["backup"]:
        yield "node/backup"
    if node.role is not Role.ETCD:
        yield from _OF_KUBERNETES
    if node.role is Role.CONTROL_PLANE:
        yield from _OF_CONTROL_PLANES


def units(node: NodePlan) -> list[str]:
    """Return the units that begin at the first boot."""
    return [*([DATA_DISK] if node.volumes else []), BOOT]


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
        # The first asks them whether the cluster is at work already.
        "peers": others if node.role is Role.CONTROL_PLANE else [],
        "ignored_checks": _ignored_checks(plan, node),
        # Volumes' ids by where they are mounted.
        "volumes": dict(facts.volumes),
    }


def _ignored_checks(plan: ClusterPlan, node: NodePlan) -> list[str]:
    """Return which of kubeadm's checks do not count: from 1.35 on it wants to be told that, besides the kubelet."""
    tuned = plan.tuning_of(node).get("kubelet.failCgroupV1")
    return ["SystemVerification"] if tuned and tuned.value is False else []


_DATA_DISK = f"""\
[Unit]
Description=The disks of etcd's data
# Without its disk an etcd would begin anew on the root disk.
Before=etcd.service

[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=infinity
{PYTHON.environment}
ExecStart={PYTHON.module("cecf.node.boot")} data-disk

[Install]
RequiredBy=etcd.service
"""

_BOOT = f"""\
[Unit]
Description=Make this server a part of its cluster
Wants=network-online.target
After=network-online.target cecf-data-disk.service
# Another try of its own, after the program itself has given up.
StartLimitIntervalSec=0

[Service]
Type=exec
{PYTHON.environment}
ExecStart={PYTHON.module("cecf.node.boot")}
Restart=on-failure
RestartSec=60

[Install]
WantedBy=multi-user.target
"""
