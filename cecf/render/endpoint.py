"""What answers at the endpoint: keepalived holds its address, haproxy leads on to an API server that is well."""

from cecf.plan import ClusterPlan, NodePlan
from cecf.render.cloud_init import File
from cecf.render.kubeadm import API_SERVER_PORT

VIRTUAL_ROUTER = 51
"""The VRRP group; unicast to named peers, so that clusters in one network cannot meet in it."""

PRIORITY = 100
"""The same for every server: one that comes back lets the holder keep the address, and no connection breaks twice."""

PENALTY = 60
"""Taken off the priority of a server whose endpoint does not answer."""


def endpoint_files(plan: ClusterPlan, node: NodePlan) -> list[File]:
    """Return the configurations of haproxy and keepalived; the latter without the interface's name.

    None where something outside of the nodes leads to the API servers.
    """
    if not plan.endpoint.on_nodes:
        return []
    return [
        File(path="/etc/haproxy/haproxy.cfg", content=_haproxy(plan)),
        File(path="/etc/cecf/keepalived.conf", content=_keepalived(plan, node)),
        File(path="/usr/local/lib/cecf/check-endpoint", content=_check(plan), permissions="0755"),
    ]


def _haproxy(plan: ClusterPlan) -> str:
    servers = "\n".join(f"  server {node.name} {node.address}:{API_SERVER_PORT}" for node in plan.control_plane.nodes)
    return f"""\
# Of {plan.name}: made by cecf. TCP only: the API servers' own certificates reach the client.
global
  user haproxy
  group haproxy
  maxconn {plan.tuning.cluster["haproxy.maxconn"].value}
  log /dev/log local0 warning

defaults
  mode tcp
  log global
  option dontlognull
  # To a server that has lost power nothing answers: then another one is tried, and soon.
  timeout connect 1s
  retries 3
  option redispatch 1
  # An open watch may be silent for this long.
  timeout client 15m
  timeout server 15m
  timeout check 2s

frontend api
  bind *:{plan.endpoint.port}
  default_backend api-servers

backend api-servers
  balance leastconn
  option httpchk GET /readyz
  http-check expect status 200
  # Seconds without service after a server's loss: 2 checks of 1 s; its open connections end at once.
  default-server check inter 1s fall 2 rise 2 on-marked-down shutdown-sessions
  default-server check-ssl verify required ca-file /etc/cecf/pki/ca.crt
{servers}
"""


def _keepalived(plan: ClusterPlan, node: NodePlan) -> str:
    if len(plan.control_plane.nodes) == 1:
        return f"""\
# Of {plan.name}: made by cecf. One server: nobody to agree with.
static_ipaddress {{
  {plan.endpoint.address}/32 dev @INTERFACE@
}}
"""
    peers = "\n".join(f"    {peer.address}" for peer in plan.control_plane.nodes if peer.name != node.name)
    return f"""\
# Of {plan.name}: made by cecf.
global_defs {{
  router_id {node.name}
  vrrp_version 3
  enable_script_security
  script_user root
}}

vrrp_script endpoint {{
  script /usr/local/lib/cecf/check-endpoint
  interval 2
  timeout 3
  fall 2
  rise 2
  weight -{PENALTY}
}}

vrrp_instance api {{
  state BACKUP
  interface @INTERFACE@
  virtual_router_id {VIRTUAL_ROUTER}
  priority {PRIORITY}
  # Seconds; a lost holder is noticed after three of them.
  advert_int 0.5
  unicast_src_ip {node.address}
  unicast_peer {{
{peers}
  }}
  virtual_ipaddress {{
    {plan.endpoint.address}/32
  }}
  # Neighbours and the router must learn of a move even if the first announcement is lost.
  garp_master_delay 1
  garp_master_refresh 10
  track_script {{
    endpoint
  }}
}}
"""


def _check(plan: ClusterPlan) -> str:
    port = plan.endpoint.port
    return f"""\
#!/bin/sh
# Is there an API server to be reached through this server's own haproxy?
# The name is the endpoint's, as in the API server's certificate; the connection is to this server.
exec curl --silent --fail --max-time 2 --output /dev/null --cacert /etc/cecf/pki/ca.crt \\
  --connect-to "::127.0.0.1:{port}" https://{plan.endpoint.address}:{port}/readyz
"""
