"""Snapshots of etcd: with what, where to and how often."""

from typing import Any

from cecf.plan import ClusterPlan, NodePlan, Role
from cecf.plan.etcd import CLIENT_PORT
from cecf.plan.nodes import BACKUP
from cecf.render.boot import PYTHON
from cecf.render.cloud_init import File
from cecf.render.facts import NodeFacts

ENVIRONMENT = "/etc/cecf/backup.env"
SERVICE = "cecf-etcd-backup.service"
TIMER = "cecf-etcd-backup.timer"


def timers(plan: ClusterPlan, node: NodePlan) -> list[str]:
    """Return the timers of a node: of a member's, where there is a store."""
    return [TIMER] if plan.etcd.backup and _is_member(plan, node) else []


def backup_files(plan: ClusterPlan, node: NodePlan, facts: NodeFacts) -> list[File]:
    """Return the way to the store, and on members when to use it; nothing on nodes that have no part in it."""
    if not _takes_part(plan, node):
        return []
    return [
        File(path=ENVIRONMENT, content=_environment(plan, facts), permissions="0600"),
        File(path=f"/etc/systemd/system/{SERVICE}", content=_SERVICE),
        File(path=f"/etc/systemd/system/{TIMER}", content=_timer(plan, node)),
    ]


def backup_facts(plan: ClusterPlan, node: NodePlan) -> dict[str, Any] | None:
    """Return what the node's program has to know of its snapshots; none where it has no part in them."""
    backup = plan.etcd.backup
    if not backup or not _takes_part(plan, node):
        return None
    member = _is_member(plan, node)
    return {
        # A member gives its own data: one that is not well fails, and another one's turn comes.
        "endpoints": [f"https://{node.address}:{CLIENT_PORT}"] if member else list(plan.etcd.client_urls),
        "credential": "peer" if member else "client",
        "store": backup.store,
        "every_minutes": backup.every_minutes,
        "keep_last": backup.keep_last,
        "keep_days": backup.keep_days,
    }


def _takes_part(plan: ClusterPlan, node: NodePlan) -> bool:
    """Tell whether a node can take a snapshot: a member can, and a control plane that reaches the store."""
    backup = plan.etcd.backup
    reached = backup and backup.store == "swift" and node.role is Role.CONTROL_PLANE
    return bool(backup and (_is_member(plan, node) or reached))


def _is_member(plan: ClusterPlan, node: NodePlan) -> bool:
    return plan.etcd_of(node) is plan.etcd


def _environment(plan: ClusterPlan, facts: NodeFacts) -> str:
    values = {"RESTIC_PASSWORD": facts.pki.backup_password, "RESTIC_CACHE_DIR": "/var/cache/cecf-backup"}
    backup, key = plan.etcd.backup, facts.store_key
    if backup and backup.store == "swift" and backup.object_storage and key:
        values |= {
            "RESTIC_REPOSITORY": f"swift:{backup.container}:/",
            "OS_AUTH_URL": backup.object_storage.auth_url,
            "OS_REGION_NAME": backup.object_storage.region,
            "OS_APPLICATION_CREDENTIAL_ID": key.credential_id,
            "OS_APPLICATION_CREDENTIAL_SECRET": key.credential_secret,
        }
    else:
        values["RESTIC_REPOSITORY"] = f"{BACKUP}/restic"
    return "".join(f"{name}={value}\n" for name, value in values.items())


_SERVICE = f"""\
# Made by cecf.
[Unit]
Description=A snapshot of etcd into its store

[Service]
Type=oneshot
{PYTHON.environment}
ExecStart={PYTHON.module("cecf.node.backup")} take
# Beside etcd it is never urgent.
Nice=10
IOSchedulingClass=idle
"""


def _timer(plan: ClusterPlan, node: NodePlan) -> str:
    backup = plan.etcd.backup
    every = backup.every_minutes if backup else 0
    return f"""\
# Made by cecf.
[Unit]
Description=A snapshot of etcd every {every} minutes

[Timer]
# Members look in turns; into a store that they share, the first one that is well takes it, and the others find it done.
OnBootSec={node.ordinal * 60 + 60}
OnUnitActiveSec={every * 60}
AccuracySec=1

[Install]
WantedBy=timers.target
"""
