"""Keeps pods away from what a node may know and they may not: the cloud's metadata service, and so its user data.

The node itself has a config drive and asks nobody, so a pod in the host's network is kept away, too.
"""

from cecf.render.cloud_init import File

METADATA_SERVICE = "169.254.169.254"

UNIT = "cecf-metadata-guard.service"


def isolation_files() -> list[File]:
    """Return the packet filter and the unit that loads it before the kubelet starts a pod."""
    rules = f"""\
# Made by cecf: what pods send is forwarded; what the node and pods in its own network send is output.
table inet cecf-metadata-guard
delete table inet cecf-metadata-guard
table inet cecf-metadata-guard {{
  chain forward {{
    type filter hook forward priority -10; policy accept;
    ip daddr {METADATA_SERVICE} counter drop
  }}
  chain output {{
    type filter hook output priority -10; policy accept;
    ip daddr {METADATA_SERVICE} counter drop
  }}
}}
"""
    unit = """\
[Unit]
Description=Pods cannot reach the cloud's metadata service
Before=kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f /etc/cecf/metadata-guard.nft

[Install]
WantedBy=multi-user.target
RequiredBy=kubelet.service
"""
    return [
        File(path="/etc/cecf/metadata-guard.nft", content=rules),
        File(path=f"/etc/systemd/system/{UNIT}", content=unit),
    ]
