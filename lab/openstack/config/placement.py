"""Placement."""

from __future__ import annotations

from lab.openstack.config.context import LOGGING, Context, Files, ini


def render(context: Context) -> Files:
    """Render Placement's configuration."""
    return {
        "placement/placement.conf": ini(
            {
                "DEFAULT": LOGGING,
                "api": {"auth_strategy": "keystone"},
                "placement_database": context.database("placement"),
                "keystone_authtoken": context.token("placement"),
            }
        )
    }
