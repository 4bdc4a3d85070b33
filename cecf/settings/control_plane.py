"""The control plane's servers and the endpoint in front of them."""

from collections.abc import Iterable
from ipaddress import IPv4Network

from cecf.problems import Problem, config_set
from cecf.settings.base import Model, repeated
from cecf.settings.types import Name, Port, QuorumSize

SERVER_PORTS = (22, 2379, 2380, 6443, 10250, 10257, 10258, 10259)
"""TCP ports that a control-plane server's own processes take: SSH, etcd, API server, kubelet, controllers (of
Kubernetes and of the cloud), scheduler."""


class ApiEndpointSettings(Model):
    """The one address under which the API servers are reached: a virtual address that moves between them."""

    port: Port = 8443
    """TCP port of the endpoint; not 6443, which each API server takes on its own server."""
    allowed_cidrs: tuple[IPv4Network, ...] = ()
    """Who, besides the cluster's own nodes, may reach the endpoint; empty: nobody."""

    def problems(self) -> Iterable[Problem]:
        """Refuse a port that is taken on the servers, and a range that is named twice."""
        if self.port in SERVER_PORTS:
            yield Problem(
                path="port",
                what=f"{self.port} is taken on the control-plane servers",
                why="the endpoint is served by the same servers",
                mend=config_set("cluster.control_plane.endpoint.port", 8443),
            )
        why = "a security rule can be written once"
        yield from repeated("allowed_cidrs", self.allowed_cidrs, why, "cluster.control_plane.endpoint")


class ControlPlaneSettings(Model):
    """The servers that run the Kubernetes API."""

    count: QuorumSize = 3
    """Servers: 1 (not highly available), 3 or 5."""
    flavor: Name = "m1.medium"
    """The flavor of each; kubeadm wants 2 cores and 1700 MiB at least."""
    endpoint: ApiEndpointSettings = ApiEndpointSettings()
    """The endpoint in front of them."""
