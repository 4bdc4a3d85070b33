"""Barbican: secrets encrypted with one key, in its database."""

from __future__ import annotations

import base64

from lab.openstack.config.context import LOGGING, NO_NOTIFICATIONS, Context, Files, ini


def render(context: Context) -> Files:
    """Render Barbican's configuration."""
    key = base64.urlsafe_b64encode(context.secrets["barbican-key"].encode()).decode()
    return {
        "barbican/barbican.conf": ini(
            {
                "DEFAULT": {
                    **LOGGING,
                    "transport_url": context.transport(),
                    "host_href": context.site.url("barbican"),
                    "db_auto_create": False,
                },
                "database": context.database("barbican"),
                "keystone_authtoken": context.token("barbican"),
                "queue": {"enable": False},
                "secretstore": {"enabled_secretstore_plugins": "store_crypto"},
                "crypto": {"enabled_crypto_plugins": "simple_crypto"},
                "simple_crypto_plugin": {"kek": key},
                "oslo_messaging_notifications": NO_NOTIFICATIONS,
            }
        )
    }
