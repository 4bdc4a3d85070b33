"""The control plane's servers and the endpoint in front of them."""

from ipaddress import IPv4Network

from cecf.settings.base import Model
from cecf.settings.types import Name, Port, QuorumSize


class ApiEndpointSettings(Model):
    """The one address under which the API servers are reached: a virtual address that moves between them."""

    port: Port = 8443
    """TCP port of the endpoint; not 6443, which each API server takes on its own server."""
    allowed_cidrs: tuple[IPv4Network, ...] = ()
    """Who, besides the cluster's own nodes, may reach the endpoint; empty: nobody."""


class ControlPlaneSettings(Model):
    """The servers that run the Kubernetes API."""

    count: QuorumSize = 3
    """Servers: 1 (not highly available), 3 or 5."""
    flavor: Name = "m1.medium"
    """The flavor of each; kubeadm wants 2 cores and 1700 MiB at least."""
    endpoint: ApiEndpointSettings = ApiEndpointSettings()
    """The endpoint in front of them."""
