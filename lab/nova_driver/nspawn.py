"""The command that runs a machine."""

from __future__ import annotations

from pathlib import Path

from lab.nova_driver.model import Machine
from lab.nova_driver.places import Home

ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    # A /sys of the machine's own network namespace; else it would show the interfaces of this one.
    "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network",
}

# A machine owns neither this one's clock nor its kernel.
_DROPPED = ("CAP_SYS_TIME", "CAP_SYS_MODULE")
# What container runtimes need beyond nspawn's own list.
_SYSTEM_CALLS = ("add_key", "keyctl", "request_key", "bpf", "perf_event_open")

_INSIDE = Path("/run/lab")
_SEED = Path("/var/lib/cloud/seed/config_drive")
_RUNC = Path("/usr/local/sbin/runc")
_CLOUD_CONFIG = Path("/etc/cloud/cloud.cfg.d/99-lab.cfg")


def command(home: Home, machine: Machine) -> list[str]:
    """Give the words of the command; it is to be started in the machine's own mount and network namespaces."""
    return [
        "systemd-nspawn",
        f"--directory={home.root}",
        f"--machine={machine.uuid}",
        f"--uuid={machine.uuid}",
        f"--hostname={machine.hostname}",
        # No systemd out here would have to know of it.
        "--register=no",
        "--keep-unit",
        "--network-namespace-path=/proc/self/ns/net",
        "--capability=all",
        f"--drop-capability={','.join(_DROPPED)}",
        f"--system-call-filter={' '.join(_SYSTEM_CALLS)}",
        # A kubelet reads the kernel's log.
        "--bind=/dev/kmsg",
        f"--bind-ro={home.shims}:{_INSIDE}",
        f"--bind-ro={home.shims / 'runc.sh'}:{_RUNC}",
        f"--bind-ro={home.shims / 'cloud.cfg'}:{_CLOUD_CONFIG}",
        f"--bind-ro={home.config_drive}:{_SEED}",
        "--console=read-only",
        "--link-journal=no",
        "--resolv-conf=off",
        "--timezone=off",
        str(_INSIDE / "init.sh"),
    ]
