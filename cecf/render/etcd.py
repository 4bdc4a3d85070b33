"""A member of etcd: a service of its server's own, so that neither Kubernetes nor a container takes it along."""

from cecf.plan import ClusterPlan, EtcdPlan, NodePlan
from cecf.plan.etcd import CLIENT_PORT, PEER_PORT
from cecf.plan.nodes import ETCD_DATA, ETCD_WAL
from cecf.problems import as_written
from cecf.render.boot import PYTHON
from cecf.render.cloud_init import File
from cecf.render.facts import NodeFacts
from cecf.render.pairs import pair_files
from cecf.tuning.model import Component
from cecf.tuning.resolve import document

KEYS = "/etc/cecf/etcd"
DATA = f"{ETCD_DATA}/data"
"""Below the volume's mount point: a file system's own lost+found would be taken for data."""

METRICS_PORT = 2381
UNIT = "etcd.service"
TIMERS = ("cecf-etcd-defragment.timer",)


def client_files(facts: NodeFacts, *, member: bool) -> list[File]:
    """Return the keys with which a control plane's API server is etcd's client; a `member` has the authority's."""
    if not facts.etcd or not facts.etcd.client:
        return []
    authority = [] if member else [File(path=f"{KEYS}/ca.crt", content=facts.etcd.authority)]
    return [*authority, *pair_files(f"{KEYS}/client", facts.etcd.client)]


def member_files(plan: ClusterPlan, node: NodePlan, facts: NodeFacts) -> list[File]:
    """Return the unit of the node's member and its keys; nothing where it has none."""
    etcd = plan.etcd_of(node)
    if not etcd or not facts.etcd or not facts.etcd.server or not facts.etcd.peer:
        return []
    return [
        File(path=f"{KEYS}/ca.crt", content=facts.etcd.authority),
        *pair_files(f"{KEYS}/server", facts.etcd.server),
        *pair_files(f"{KEYS}/peer", facts.etcd.peer),
        File(path=f"/etc/systemd/system/{UNIT}", content=_unit(plan, etcd, node)),
        File(path="/etc/systemd/system/cecf-etcd-repair.service", content=_REPAIR),
        File(path="/etc/systemd/system/cecf-etcd-defragment.service", content=_DEFRAGMENT),
        File(path=f"/etc/systemd/system/{TIMERS[0]}", content=_defragment_timer(node)),
    ]


def member_facts(plan: ClusterPlan, node: NodePlan) -> dict[str, object] | None:
    """Return what the node's program has to know of its member; none where it has none."""
    etcd = plan.etcd_of(node)
    if not etcd:
        return None
    return {
        "name": node.name,
        "address": str(node.address),
        "members": {name: str(address) for name, address in etcd.addresses.items()},
        # Of one life: what was begun from a snapshot never meets what was there before.
        "token": _token(etcd),
        "restore": etcd.restore,
        "data": DATA,
        "wal": _wal(node),
        "disk_check": etcd.disk_check,
        "fsync_p99_ms": etcd.fsync_p99_ms,
        "defragment_above_percent": etcd.defragment_above_percent,
        "defragment_above_mib": etcd.defragment_above_mib,
    }


def flags(plan: ClusterPlan, etcd: EtcdPlan, node: NodePlan) -> dict[str, str]:
    """Return etcd's flags: where it is, whom it trusts, what it is tuned to."""
    own = f"https://{node.address}"
    tuned = document(plan.tuning.cluster, Component.ETCD)
    return {name: as_written(value) for name, value in tuned.items()} | {
        "name": node.name,
        "data-dir": DATA,
        "wal-dir": _wal(node),
        "listen-client-urls": f"https://127.0.0.1:{CLIENT_PORT},{own}:{CLIENT_PORT}",
        "advertise-client-urls": f"{own}:{CLIENT_PORT}",
        "listen-peer-urls": f"{own}:{PEER_PORT}",
        "initial-advertise-peer-urls": f"{own}:{PEER_PORT}",
        "initial-cluster-token": _token(etcd),
        "listen-metrics-urls": f"http://127.0.0.1:{METRICS_PORT}",
        "client-cert-auth": "true",
        "peer-client-cert-auth": "true",
        "trusted-ca-file": f"{KEYS}/ca.crt",
        "peer-trusted-ca-file": f"{KEYS}/ca.crt",
        "cert-file": f"{KEYS}/server.crt",
        "key-file": f"{KEYS}/server.key",
        "peer-cert-file": f"{KEYS}/peer.crt",
        "peer-key-file": f"{KEYS}/peer.key",
        # As kubeadm has them: data that differs from the others' stops a member before it does harm, and a watch that
        # has nothing to tell says so, on which the API server's caches rest.
        "feature-gates": "InitialCorruptCheck=true",
        "watch-progress-notify-interval": "5s",
    }


def _token(etcd: EtcdPlan) -> str:
    return f"{etcd.token}-{etcd.restore}" if etcd.restore else etcd.token


def _wal(node: NodePlan) -> str:
    apart = any(volume.mount == ETCD_WAL for volume in node.volumes)
    return f"{ETCD_WAL if apart else ETCD_DATA}/wal"


def _unit(plan: ClusterPlan, etcd: EtcdPlan, node: NodePlan) -> str:
    words = " \\\n".join(f"  --{name}={value}" for name, value in sorted(flags(plan, etcd, node).items()))
    tuned = document(plan.tuning.cluster, Component.ETCD_UNIT)
    limits = "".join(f"{key}={value}\n" for key, value in tuned.items())
    return f"""\
# Made by cecf.
[Unit]
Description=etcd, member {node.name} of {etcd.token}
Wants=network-online.target
After=network-online.target cecf-data-disk.service
# Without a log it begins only as the node's program says, never by itself.
ConditionDirectoryNotEmpty=|{_wal(node)}
ConditionPathExists=|/var/lib/cecf/etcd.env
# One that cannot start is looked after, instead of tried for ever.
StartLimitIntervalSec=600
StartLimitBurst=5
OnFailure=cecf-etcd-repair.service

[Service]
Type=notify
User=etcd
Group=etcd
EnvironmentFile=-/var/lib/cecf/etcd.env
ExecStart=/usr/bin/etcd \\
{words}
Restart=always
RestartSec=2
# It is there once there is a quorum, however long that takes.
TimeoutStartSec=infinity
{limits}
[Install]
WantedBy=multi-user.target
"""


_REPAIR = f"""\
# Made by cecf.
[Unit]
Description=Bring back a member of etcd that does not start
StartLimitIntervalSec=0

[Service]
Type=oneshot
{PYTHON.environment}
ExecStart={PYTHON.module("cecf.node.etcd")} repair
Restart=on-failure
RestartSec=30
"""

_DEFRAGMENT = f"""\
# Made by cecf.
[Unit]
Description=Give back the space that etcd's data does not need

[Service]
Type=oneshot
{PYTHON.environment}
ExecStart={PYTHON.module("cecf.node.defragment")}
"""


def _defragment_timer(node: NodePlan) -> str:
    return f"""\
# Made by cecf.
[Unit]
Description=Look every hour whether etcd's file has much free space

[Timer]
# No two members in the same minutes.
OnCalendar=*:{node.ordinal * 10 - 5:02}

[Install]
WantedBy=timers.target
"""
