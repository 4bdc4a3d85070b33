"""What renews, on a control plane, the certificates that kubeadm made there: a program, its service and its timer."""

from cecf.plan import ClusterPlan, NodePlan, Role
from cecf.render.boot import PYTHON
from cecf.render.cloud_init import File

TIMER = "cecf-certificates.timer"


def timers(node: NodePlan) -> list[str]:
    """Return the timers of a node: on a control plane, one."""
    return [TIMER] if node.role is Role.CONTROL_PLANE else []


def certificate_files(plan: ClusterPlan, node: NodePlan) -> list[File]:
    """Return the service and its timer, on a control plane."""
    if node.role is not Role.CONTROL_PLANE:
        return []
    service = f"""\
[Unit]
Description=Renew the certificates of this control plane
# Before, there are none, and kubeadm is at work.
ConditionPathExists=/var/lib/cecf/boot/membership.done

[Service]
Type=oneshot
# Three restarts at most, each with its patience; the next run takes up what was not done.
TimeoutStartSec=20min
{PYTHON.environment}
ExecStart={PYTHON.module("cecf.node.certificates")} {plan.certificates.renew_before_days}
"""
    # An hour apart: never are two control planes away at once. A day that was missed is not made up for, since at a
    # boot of all of them it would be at once; there are many days left.
    timer = f"""\
[Unit]
Description=Look daily whether a certificate of this control plane ends soon

[Timer]
OnCalendar=*-*-* {node.ordinal:02}:00:00 UTC
AccuracySec=1min

[Install]
WantedBy=timers.target
"""
    return [
        File(path="/etc/systemd/system/cecf-certificates.service", content=service),
        File(path=f"/etc/systemd/system/{TIMER}", content=timer),
    ]
