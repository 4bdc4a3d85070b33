"""The one address of a cluster's API: a port that no server owns and every control plane may answer for."""

from typing import TypedDict

import pulumi
from pulumi_openstack import networking

from cecf.plan import EndpointPlan
from cecf_components.base import CecfComponent
from cecf_components.guard import Guard


class ApiEndpointArgs(TypedDict):
    """What `ApiEndpoint` is made from."""

    plan: EndpointPlan
    """Its address and TCP port."""
    network_id: pulumi.Input[str]
    """The network of the nodes."""
    subnet_id: pulumi.Input[str]
    """The subnet that the address is of."""
    security_group_id: pulumi.Input[str]
    """The control plane's group."""
    guard: Guard
    """The stack's mark and hooks."""


class ApiEndpoint(CecfComponent):
    """A virtual address, held in Neutron so that nobody else gets it; keepalived on the control planes moves it."""

    address: pulumi.Output[str]
    """The virtual IPv4 address."""
    public_address: pulumi.Output[str] | None
    """The floating IP that leads to it, if there is one."""
    url: pulumi.Output[str]
    """The API's URL, for kubeconfig files: by the floating IP where there is one."""

    def __init__(self, name: str, args: ApiEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args["guard"], opts)
        plan = args["plan"]
        port = networking.Port(
            plan.name,
            name=plan.name,
            description=self._guard.owner,
            network_id=args["network_id"],
            fixed_ips=[{"subnet_id": args["subnet_id"], "ip_address": str(plan.address)}],
            security_group_ids=[args["security_group_id"]],
            opts=self._object(),
        )
        self.address = port.all_fixed_ips.apply(lambda addresses: addresses[0])
        self.public_address = self._floating_ip(plan, port) if plan.external_network else None
        self.url = (self.public_address or self.address).apply(lambda address: f"https://{address}:{plan.port}")
        self.register_outputs({"address": self.address, "url": self.url})

    def _floating_ip(self, plan: EndpointPlan, port: networking.Port) -> pulumi.Output[str]:
        floating = networking.FloatingIp(
            f"{plan.name}-floating-ip",
            description=self._guard.owner,
            pool=plan.external_network,
            port_id=port.id,
            opts=self._object(),
        )
        return floating.address
