"""The control plane's servers and the endpoint in front of them."""

from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import Literal

from cecf.problems import Problem, config_remove, config_set
from cecf.settings.base import Model, repeated
from cecf.settings.hardening import AuditSettings, PodSecuritySettings
from cecf.settings.load_balancer import LoadBalancerSettings
from cecf.settings.types import Host, Name, Port, QuorumSize

SERVER_PORTS = (22, 2379, 2380, 6443, 10250, 10257, 10258, 10259)
"""TCP ports that a control-plane server's own processes take: SSH, etcd, API server, kubelet, controllers (of
Kubernetes and of the cloud), scheduler."""


Access = Literal["floating_ip", "internal", "none"]
"""How the program, and people, reach the API from outside of the cluster's network."""

EndpointKind = Literal["virtual_address", "load_balancer", "external"]
"""What leads to the API servers."""

_PATH = "cluster.control_plane.endpoint"


class ApiEndpointSettings(Model):
    """The one address under which the API servers are reached, and what leads from it to them."""

    kind: EndpointKind = "virtual_address"
    """`virtual_address`: the control planes themselves, by keepalived and haproxy. `load_balancer`: Octavia.
    `external`: what somebody else has made, at `address`."""
    address: Host | None = None
    """For `external` alone: the IPv4 address or DNS name under which everybody reaches the API servers."""
    access: Access = "none"
    """`floating_ip`: by a floating IP of its own. `internal`: the machine that runs this has a route to the nodes'
    network. `none`: it has no way there, so it waits for no node and installs no add-on, pod network included."""
    external_network: Name | None = None
    """Where the floating IP is from; empty: the external network that the nodes' router leads to."""
    port: Port = 8443
    """TCP port of the endpoint; for `virtual_address` not 6443, which each API server takes on its own server."""
    allowed_cidrs: tuple[IPv4Network, ...] = ()
    """Who, besides the cluster's own nodes, may reach the endpoint (for `external`: the API servers behind it, so at
    least what leads there); empty: nobody."""
    load_balancer: LoadBalancerSettings = LoadBalancerSettings()
    """For `load_balancer` alone."""

    def problems(self) -> Iterable[Problem]:
        """Refuse a taken port, a range named twice, access that nobody is allowed, and what the kind does not have."""
        if self.kind == "virtual_address" and self.port in SERVER_PORTS:
            yield Problem(
                path="port",
                what=f"{self.port} is taken on the control-plane servers",
                why="the endpoint is served by the same servers",
                mend=config_set(f"{_PATH}.port", 8443),
                rests_on=("kind",),
            )
        why = "a security rule can be written once"
        yield from repeated("allowed_cidrs", self.allowed_cidrs, why, _PATH)
        if self.access != "none" and not self.allowed_cidrs:
            yield Problem(
                path="allowed_cidrs",
                what="nobody outside of the cluster may reach the endpoint",
                why=f"access is '{self.access}': this run has to reach the API itself, to see that it is ready",
                mend=config_set(f"{_PATH}.allowed_cidrs[0]", "<the-range-of-this-machine>"),
                rests_on=("access",),
            )
        yield from self._fits_the_kind()

    def _fits_the_kind(self) -> Iterable[Problem]:
        """Refuse what another kind of endpoint needs, and what this one lacks: nothing is ignored in silence."""
        if self.kind == "external":
            if self.address is None:
                yield Problem(
                    path="address",
                    what="is required",
                    why="kind is 'external': somebody else's address leads to the API servers",
                    mend=config_set(f"{_PATH}.address", "<address-or-dns-name>"),
                    rests_on=("kind",),
                )
            if self.access == "floating_ip":
                yield Problem(
                    path="access",
                    what="'floating_ip' is not possible",
                    why="kind is 'external': there is no port of this cluster that one could lead to",
                    mend=config_set(f"{_PATH}.access", "internal"),
                    rests_on=("kind",),
                )
        elif self.address is not None:
            yield Problem(
                path="address",
                what=f"cannot be chosen for kind '{self.kind}'",
                why="its address is from the reserved range of the nodes' network",
                mend=config_remove(f"{_PATH}.address"),
                rests_on=("kind",),
            )
        if self.kind != "load_balancer" and self.load_balancer != LoadBalancerSettings():
            yield Problem(
                path="load_balancer",
                what=f"is set, but kind is '{self.kind}'",
                why="it would change nothing",
                mend=config_set(f"{_PATH}.kind", "load_balancer"),
                rests_on=("kind",),
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
