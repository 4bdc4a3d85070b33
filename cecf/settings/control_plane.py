"""The control plane's servers and the endpoint in front of them."""

from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import Literal

from cecf.problems import Problem, config_set
from cecf.settings.base import Model, repeated
from cecf.settings.hardening import AuditSettings, PodSecuritySettings
from cecf.settings.types import Name, Port, QuorumSize

SERVER_PORTS = (22, 2379, 2380, 6443, 10250, 10257, 10258, 10259)
"""TCP ports that a control-plane server's own processes take: SSH, etcd, API server, kubelet, controllers (of
Kubernetes and of the cloud), scheduler."""


Access = Literal["floating_ip", "internal", "none"]
"""How the program, and people, reach the API from outside of the cluster's network."""


class ApiEndpointSettings(Model):
    """The one address under which the API servers are reached: a virtual address that moves between them."""

    access: Access = "none"
    """`floating_ip`: by a floating IP of its own. `internal`: the machine that runs this has a route to the nodes'
    network. `none`: it has no way there, so it waits for no node and installs no add-on, pod network included."""
    external_network: Name | None = None
    """Where the floating IP is from; empty: the external network that the nodes' router leads to."""
    port: Port = 8443
    """TCP port of the endpoint; not 6443, which each API server takes on its own server."""
    allowed_cidrs: tuple[IPv4Network, ...] = ()
    """Who, besides the cluster's own nodes, may reach the endpoint; empty: nobody."""

    def problems(self) -> Iterable[Problem]:
        """Refuse a port that is taken on the servers, a range named twice, and access that nobody is allowed."""
        if self.port in SERVER_PORTS:
            yield Problem(
                path="port",
                what=f"{self.port} is taken on the control-plane servers",
                why="the endpoint is served by the same servers",
                mend=config_set("cluster.control_plane.endpoint.port", 8443),
            )
        why = "a security rule can be written once"
        yield from repeated("allowed_cidrs", self.allowed_cidrs, why, "cluster.control_plane.endpoint")
        if self.access != "none" and not self.allowed_cidrs:
            yield Problem(
                path="allowed_cidrs",
                what="nobody outside of the cluster may reach the endpoint",
                why=f"access is '{self.access}': this run has to reach the API itself, to see that it is ready",
                mend=config_set("cluster.control_plane.endpoint.allowed_cidrs[0]", "<the-range-of-this-machine>"),
                rests_on=("access",),
            )


class ControlPlaneSettings(Model):
    """The servers that run the Kubernetes API."""

    count: QuorumSize = 3
    """Servers: 1 (not highly available), 3 or 5."""
    flavor: Name = "m1.medium"
    """The flavor of each; kubeadm wants 2 cores and 1700 MiB at least."""
    workloads: bool = False
    """Whether pods that do not ask for it may run on these servers; a change replaces them."""
    endpoint: ApiEndpointSettings = ApiEndpointSettings()
    """The endpoint in front of them."""
    audit: AuditSettings = AuditSettings()
    """The record of who asked the API for what."""
    pod_security: PodSecuritySettings = PodSecuritySettings()
    """What pods may be."""
