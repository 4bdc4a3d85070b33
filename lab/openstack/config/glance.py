"""Glance: images in a folder."""

from __future__ import annotations

from lab.openstack.config.context import LOGGING, Context, Files, ini


def render(context: Context) -> Files:
    """Render Glance's configuration."""
    folder = context.site.var / "glance"
    return {
        "glance/glance-api.conf": ini(
            {
                "DEFAULT": {
                    **LOGGING,
                    "enabled_backends": "file:file",
                    "node_staging_uri": f"file://{folder}/staging",
                },
                "database": context.database("glance"),
                "glance_store": {"default_backend": "file"},
                "file": {"filesystem_store_datadir": folder / "images", "filesystem_thin_provisioning": True},
                "os_glance_staging_store": {"filesystem_store_datadir": folder / "staging"},
                "os_glance_tasks_store": {"filesystem_store_datadir": folder / "tasks"},
                "keystone_authtoken": context.token("glance"),
                "oslo_concurrency": context.lock("glance"),
                "paste_deploy": {
                    "flavor": "keystone",
                    "config_file": context.shipped("glance/glance-api-paste.ini"),
                },
            }
        )
    }
