"""Heat, with convergence."""

from __future__ import annotations

from lab.openstack.config.context import LOGGING, NO_NOTIFICATIONS, RABBIT, Context, Files, ini
from lab.openstack.site import REGION

STACK_DOMAIN = "heat"
STACK_DOMAIN_ADMIN = "heat_domain_admin"


def render(context: Context) -> Files:
    """Render Heat's configuration."""
    project = ("project_name", "project_domain_name", "region_name")
    trustee = {key: value for key, value in context.auth("heat").items() if key not in project}
    return {
        "heat/heat.conf": ini(
            {
                "DEFAULT": {
                    **LOGGING,
                    "transport_url": context.transport(),
                    "convergence_engine": True,
                    "num_engine_workers": 1,
                    "region_name_for_services": REGION,
                    "heat_metadata_server_url": context.site.url("heat"),
                    "stack_user_domain_name": STACK_DOMAIN,
                    "stack_domain_admin": STACK_DOMAIN_ADMIN,
                    "stack_domain_admin_password": context.secrets[STACK_DOMAIN_ADMIN],
                    "auth_encryption_key": context.secrets["heat-key"],
                    "max_resources_per_stack": -1,
                    "max_stacks_per_tenant": 1000,
                    "max_template_size": 5 * 2**20,
                    "max_json_body_size": 10 * 2**20,
                    "environment_dir": context.shipped("heat/environment.d"),
                    "template_dir": context.shipped("heat/templates"),
                },
                "database": context.database("heat"),
                "keystone_authtoken": context.token("heat"),
                "trustee": trustee,
                "clients": {"endpoint_type": "publicURL"},
                "clients_keystone": {"auth_uri": context.site.url("keystone")},
                "paste_deploy": {"api_paste_config": context.shipped("heat/api-paste.ini")},
                "oslo_concurrency": context.lock("heat"),
                "oslo_messaging_rabbit": RABBIT,
                "oslo_messaging_notifications": NO_NOTIFICATIONS,
            }
        )
    }
