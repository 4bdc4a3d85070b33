"""Octavia: load balancers with real ports and no amphora behind them."""

from __future__ import annotations

from lab.openstack.config.context import LOGGING, NO_NOTIFICATIONS, RABBIT, Context, Files, ini
from lab.openstack.site import HOST, REGION


def render(context: Context) -> Files:
    """Render Octavia's configuration."""
    authority = context.site.state / "keys/octavia"
    return {
        "octavia/octavia.conf": ini(
            {
                "DEFAULT": {**LOGGING, "transport_url": context.transport()},
                "api_settings": {
                    "api_base_uri": context.site.url("octavia"),
                    "auth_strategy": "keystone",
                    "enabled_provider_drivers": "amphora:The Octavia Amphora driver.,octavia:Deprecated alias.",
                    "default_provider_driver": "amphora",
                    "allow_tls_terminated_listeners": True,
                },
                "database": context.database("octavia"),
                "keystone_authtoken": context.token("octavia"),
                "service_auth": context.auth("octavia"),
                "oslo_messaging": {"topic": "octavia_prov"},
                "oslo_messaging_rabbit": RABBIT,
                "oslo_messaging_notifications": NO_NOTIFICATIONS,
                "controller_worker": {
                    "amphora_driver": "amphora_noop_driver",
                    "compute_driver": "lab_compute_driver",
                    "network_driver": "lab_network_driver",
                    "image_driver": "image_noop_driver",
                    "volume_driver": "volume_noop_driver",
                    "amp_flavor_id": "1",
                    "amp_image_tag": "amphora",
                    "amp_boot_network_list": "00000000-0000-0000-0000-000000000000",
                    "amp_secgroup_list": "",
                    "loadbalancer_topology": "SINGLE",
                    "workers": 1,
                    "client_ca": authority / "ca.pem",
                },
                "haproxy_amphora": {"client_cert": authority / "ca.pem", "server_ca": authority / "ca.pem"},
                "certificates": {
                    "cert_manager": "noop_cert_manager",
                    "cert_generator": "local_cert_generator",
                    "ca_certificate": authority / "ca.pem",
                    "ca_private_key": authority / "ca.key",
                    "ca_private_key_passphrase": context.secrets["octavia-ca"],
                    "server_certs_key_passphrase": context.secrets["octavia-key"],
                },
                "health_manager": {"heartbeat_key": context.secrets["octavia-key"], "bind_ip": HOST},
                "neutron": {"region_name": REGION, "valid_interfaces": "public"},
            }
        )
    }
