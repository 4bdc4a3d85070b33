"""Cinder: one backend for each volume type."""

from __future__ import annotations

from lab.openstack.config.context import LOGGING, NO_NOTIFICATIONS, RABBIT, Context, Files, ini
from lab.openstack.site import HOST
from lab.openstack.topology import VOLUME_BACKENDS

_DRIVER = "labdrivers.cinder_volume.LabVolumeDriver"


def render(context: Context) -> Files:
    """Render Cinder's configuration."""
    folder = context.site.var / "cinder"
    backends = {
        name: {"volume_driver": _DRIVER, "volume_backend_name": name, "backend_host": "lab"} for name in VOLUME_BACKENDS
    }
    return {
        "cinder/cinder.conf": ini(
            {
                "DEFAULT": {
                    **LOGGING,
                    "state_path": folder,
                    "transport_url": context.transport(),
                    "my_ip": HOST,
                    "host": "lab",
                    "auth_strategy": "keystone",
                    "enabled_backends": VOLUME_BACKENDS,
                    "default_volume_type": VOLUME_BACKENDS[0],
                    "allow_availability_zone_fallback": True,
                    "api_paste_config": context.shipped("cinder/api-paste.ini"),
                    "resource_query_filters_file": context.shipped("cinder/resource_filters.json"),
                    "glance_api_servers": context.site.url("glance"),
                    "rootwrap_config": context.shipped("cinder/rootwrap.conf"),
                    "report_interval": 5,
                    "service_down_time": 60,
                },
                **backends,
                "database": context.database("cinder"),
                "keystone_authtoken": context.token("cinder"),
                "service_user": {**context.auth("cinder"), "send_service_user_token": True},
                "nova": {**context.auth("cinder"), "interface": "public"},
                "oslo_concurrency": context.lock("cinder"),
                "oslo_messaging_rabbit": RABBIT,
                "oslo_messaging_notifications": NO_NOTIFICATIONS,
                "coordination": {"backend_url": f"file://{folder}/coordination"},
            }
        )
    }
