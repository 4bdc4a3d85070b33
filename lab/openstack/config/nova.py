"""Nova: nine compute services in three zones, one virt driver."""

from __future__ import annotations

from lab.openstack.config.context import LOGGING, NO_NOTIFICATIONS, RABBIT, Context, Files, Section, ini
from lab.openstack.site import HOST
from lab.openstack.topology import HOSTS, ZONES

VIRT_DRIVER = "lab.LabDriver"

_FILTERS = (
    "ComputeFilter",
    "ComputeCapabilitiesFilter",
    "ImagePropertiesFilter",
    "ServerGroupAntiAffinityFilter",
    "ServerGroupAffinityFilter",
    "AggregateInstanceExtraSpecsFilter",
)


def render(context: Context) -> Files:
    """Render the files that Nova's API, conductor, scheduler and computes share, and their own."""
    files = {
        "nova/nova.conf": ini(_common(context)),
        # nova-compute refuses to start when it is told of a database.
        "nova/database.conf": ini(
            {"api_database": context.database("nova_api"), "database": context.database("nova_cell1")}
        ),
    }
    for host in HOSTS:
        own = {"host": host, "state_path": context.site.var / "nova" / host}
        files[f"nova/hosts/{host}.conf"] = ini({"DEFAULT": own})
    return files


def _common(context: Context) -> dict[str, Section]:
    auth = context.auth("nova")
    return {
        "DEFAULT": _default(context),
        "api": {"auth_strategy": "keystone", "max_limit": 5000},
        "conductor": {"workers": 1},
        "scheduler": {"workers": 1, "max_attempts": 3},
        "filter_scheduler": {"enabled_filters": _FILTERS, "shuffle_best_same_weighed_hosts": True},
        "keystone_authtoken": context.token("nova"),
        "service_user": {**auth, "send_service_user_token": True},
        **dict.fromkeys(("placement", "neutron", "glance", "cinder", "keystone"), auth),
        "vnc": {"enabled": False},
        "spice": {"enabled": False},
        "oslo_concurrency": context.lock("nova"),
        "oslo_messaging_rabbit": RABBIT,
        "oslo_messaging_notifications": NO_NOTIFICATIONS,
        "notifications": {"notification_format": "unversioned"},
    }


def _default(context: Context) -> Section:
    return {
        **LOGGING,
        "state_path": context.site.var / "nova",
        "transport_url": context.transport(),
        "my_ip": HOST,
        "concurrency_backend": "threading",
        "compute_driver": VIRT_DRIVER,
        "default_availability_zone": next(iter(ZONES)),
        "max_concurrent_builds": 20,
        "reserved_host_memory_mb": 0,
        # As after a power cut: what the database calls running is started again.
        "resume_guests_state_on_host_boot": True,
        # No agent tells Nova that an interface is plugged, and the driver itself tells of a machine's death.
        "vif_plugging_is_fatal": False,
        "vif_plugging_timeout": 0,
        "sync_power_state_interval": -1,
        "heal_instance_info_cache_interval": -1,
        "image_cache_manager_interval": -1,
        "update_resources_interval": 600,
        "report_interval": 10,
        "service_down_time": 60,
    }
