"""The network that a cluster's nodes live in."""

from typing import TypedDict

import pulumi
from pulumi_openstack import networking

from cecf.plan import CreatedNetworkPlan, ExistingNetworkPlan
from cecf_components.base import CecfComponent
from cecf_components.guard import Guard

LET_GO_TIMEOUT = "2m"
"""What is in use cannot be deleted. When its turn comes, all that the state knows of is gone from it; a port that still
keeps it is an interrupted run's, say, which `cecf destroy` clears away as soon as the engine gives up."""


class ClusterNetworkArgs(TypedDict):
    """What `ClusterNetwork` is made from."""

    plan: CreatedNetworkPlan | ExistingNetworkPlan
    """The network to create, or the one to use."""
    guard: Guard
    """The stack's mark and hooks."""


class ClusterNetwork(CecfComponent):
    """A network, subnet and router of the cluster's own; or the ids of one that is there already."""

    network_id: pulumi.Output[str]
    """The network's id."""
    subnet_id: pulumi.Output[str]
    """The subnet's id. Depend on the component, too: nodes reach the outside once all of it stands."""

    def __init__(self, name: str, args: ClusterNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args["guard"], opts)
        plan = args["plan"]
        if isinstance(plan, ExistingNetworkPlan):
            self.network_id = pulumi.Output.from_input(plan.network_id)
            self.subnet_id = pulumi.Output.from_input(plan.subnet_id)
        else:
            self._create(plan)
        self.register_outputs({"network_id": self.network_id, "subnet_id": self.subnet_id})

    def _create(self, plan: CreatedNetworkPlan) -> None:
        owner = self._guard.owner
        network = networking.Network(
            plan.network, name=plan.network, description=owner, mtu=plan.mtu, opts=self._object()
        )
        subnet = networking.Subnet(
            plan.subnet,
            name=plan.subnet,
            description=owner,
            network_id=network.id,
            ip_version=4,
            cidr=str(plan.cidr),
            gateway_ip=str(plan.gateway),
            allocation_pools=[{"start": str(plan.pool_start), "end": str(plan.pool_end)}],
            dns_nameservers=[str(server) for server in plan.dns_servers],
            opts=self._soon_let_go(),
        )
        router = networking.Router(
            plan.router,
            name=plan.router,
            description=owner,
            external_network_id=plan.external_network_id,
            opts=self._object(),
        )
        networking.RouterInterface(
            f"{plan.router}-interface", router_id=router.id, subnet_id=subnet.id, opts=self._soon_let_go()
        )
        self.network_id = network.id
        self.subnet_id = subnet.id

    def _soon_let_go(self) -> pulumi.ResourceOptions:
        """Return the options of what ports of others may keep in use."""
        patience = pulumi.CustomTimeouts(delete=LET_GO_TIMEOUT)
        return pulumi.ResourceOptions.merge(self._object(), pulumi.ResourceOptions(custom_timeouts=patience))
