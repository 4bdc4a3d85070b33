"""Neutron without agents: ports are bound and active at once."""

from __future__ import annotations

from lab.openstack.config.context import LOGGING, NO_NOTIFICATIONS, RABBIT, Context, Files, ini


def render(context: Context) -> Files:
    """Render Neutron's configuration."""
    return {
        "neutron/neutron.conf": ini(
            {
                "DEFAULT": {
                    **LOGGING,
                    "state_path": context.site.var / "neutron",
                    "transport_url": context.transport(),
                    "api_paste_config": context.shipped("neutron/api-paste.ini"),
                    "core_plugin": "ml2",
                    "service_plugins": ("router", "trunk", "qos", "port_forwarding"),
                    "enable_traditional_dhcp": False,
                    "max_allowed_address_pair": 64,
                    "max_routes": 500,
                    "rpc_workers": 0,
                },
                "database": context.database("neutron"),
                "keystone_authtoken": context.token("neutron"),
                "nova": context.auth("neutron"),
                "placement": context.auth("neutron"),
                "oslo_concurrency": context.lock("neutron"),
                "oslo_messaging_rabbit": RABBIT,
                "oslo_messaging_notifications": NO_NOTIFICATIONS,
                "ml2": {
                    "type_drivers": ("flat", "vlan", "vxlan", "geneve", "local"),
                    "tenant_network_types": "vxlan",
                    "mechanism_drivers": "lab",
                    "extension_drivers": ("port_security", "qos", "dns"),
                },
                "ml2_type_flat": {"flat_networks": "*"},
                "ml2_type_vlan": {"network_vlan_ranges": "physnet1:1:4094"},
                "ml2_type_vxlan": {"vni_ranges": "1:65535"},
                "ml2_type_geneve": {"vni_ranges": "1:65535", "max_header_size": 38},
            }
        )
    }
