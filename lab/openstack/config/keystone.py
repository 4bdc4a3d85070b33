"""Keystone."""

from __future__ import annotations

from lab.openstack.config.context import LOGGING, Context, Files, ini


def render(context: Context) -> Files:
    """Render Keystone's configuration."""
    keys = context.site.state / "keys"
    return {
        "keystone/keystone.conf": ini(
            {
                "DEFAULT": LOGGING,
                "database": context.database("keystone"),
                "cache": {
                    "enabled": True,
                    "backend": "oslo_cache.memcache_pool",
                    "memcache_servers": context.memcached(),
                },
                "token": {"provider": "fernet", "expiration": 86400},
                "fernet_tokens": {"key_repository": keys / "fernet"},
                "fernet_receipts": {"key_repository": keys / "fernet"},
                "credential": {"key_repository": keys / "credential"},
                # Heat makes a trust of its caller's, which Keystone refuses to application credentials otherwise.
                "security_compliance": {"allow_insecure_application_credential_trust_escalation": True},
                # The cheapest that Keystone allows: these passwords are random and long.
                "identity": {"password_hash_rounds": 4},
            }
        )
    }
