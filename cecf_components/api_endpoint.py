"""The one address of a cluster's API, and what leads from it to the API servers."""

from typing import TypedDict

import pulumi
from pulumi_openstack import loadbalancer, networking

from cecf.plan import EndpointPlan, LoadBalancerPlan
from cecf_components.base import CecfComponent
from cecf_components.guard import Guard

PENDING_TIMEOUT = "15m"
"""A load balancer may be a server that has to be built and booted first; nothing can be done to it before."""

_FAILED_CREATION = "#initerror"
"""The engine's key for a resource that was created but did not come up; in ERROR, Octavia lets it be deleted only."""


class ApiEndpointArgs(TypedDict):
    """What `ApiEndpoint` is made from."""

    plan: EndpointPlan
    """Its kind, address and TCP port."""
    network_id: pulumi.Input[str]
    """The network of the nodes."""
    subnet_id: pulumi.Input[str]
    """The subnet that the address is of."""
    security_group_id: pulumi.Input[str]
    """The control plane's group."""
    guard: Guard
    """The stack's mark and hooks."""


class ApiEndpoint(CecfComponent):
    """A virtual address that keepalived moves between the control planes, a load balancer of Octavia's, or nothing.

    Nothing is made where somebody else's address leads to the API servers.
    """

    address: pulumi.Output[str]
    """The address that nodes use: IPv4, or a DNS name of somebody else's."""
    public_address: pulumi.Output[str] | None
    """The floating IP that leads to it, if there is one."""
    url: pulumi.Output[str]
    """The API's URL, for kubeconfig files: by the floating IP where there is one."""

    def __init__(self, name: str, args: ApiEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args["guard"], opts)
        plan = args["plan"]
        self.public_address = None
        if plan.load_balancer:
            balancer = self._load_balancer(args, plan.load_balancer)
            self.address = balancer.vip_address
            self._publish(plan, balancer.vip_port_id)
        elif plan.on_nodes:
            port = self._port(args)
            self.address = port.all_fixed_ips.apply(lambda addresses: addresses[0])
            self._publish(plan, port.id)
        else:
            self.address = pulumi.Output.from_input(str(plan.address))
        self.url = (self.public_address or self.address).apply(lambda address: f"https://{address}:{plan.port}")
        self.register_outputs({"address": self.address, "url": self.url})

    def _publish(self, plan: EndpointPlan, port_id: pulumi.Input[str]) -> None:
        if not plan.external_network:
            return
        floating = networking.FloatingIp(
            f"{plan.name}-floating-ip",
            description=self._guard.owner,
            pool=plan.external_network,
            port_id=port_id,
            opts=self._object(),
        )
        self.public_address = floating.address

    def _port(self, args: ApiEndpointArgs) -> networking.Port:
        """Hold the address in Neutron, so that nobody else gets it."""
        plan = args["plan"]
        return networking.Port(
            plan.name,
            name=plan.name,
            description=self._guard.owner,
            network_id=args["network_id"],
            fixed_ips=[{"subnet_id": args["subnet_id"], "ip_address": str(plan.address)}],
            security_group_ids=[args["security_group_id"]],
            opts=self._object(),
        )

    def _load_balancer(self, args: ApiEndpointArgs, plan: LoadBalancerPlan) -> loadbalancer.LoadBalancer:
        """Make the parts one after the other: Octavia refuses a change while another one is under way."""
        name, subnet_id = args["plan"].name, args["subnet_id"]
        balancer = loadbalancer.LoadBalancer(
            name,
            name=name,
            description=self._guard.owner,
            loadbalancer_provider=plan.provider,
            flavor_id=plan.flavor_id,
            availability_zone=plan.availability_zone,
            vip_subnet_id=subnet_id,
            vip_address=str(args["plan"].address),
            opts=self._part(),
        )
        listener = loadbalancer.Listener(
            f"{name}-listener",
            name=f"{name}-listener",
            description=self._guard.owner,
            loadbalancer_id=balancer.id,
            protocol="TCP",
            protocol_port=args["plan"].port,
            allowed_cidrs=[str(cidr) for cidr in plan.allowed_cidrs] or None,
            timeout_client_data=plan.silence_ms,
            timeout_member_connect=plan.connect_ms,
            timeout_member_data=plan.silence_ms,
            opts=self._part(),
        )
        pool = loadbalancer.Pool(
            f"{name}-pool",
            name=f"{name}-pool",
            description=self._guard.owner,
            listener_id=listener.id,
            protocol="TCP",
            lb_method=plan.algorithm,
            opts=self._part(),
        )
        self._members(name, subnet_id, plan, pool)
        return balancer

    def _members(
        self, name: str, subnet_id: pulumi.Input[str], plan: LoadBalancerPlan, pool: loadbalancer.Pool
    ) -> None:
        # All in one request: one by one, each would have to wait until Octavia has done the last.
        members = loadbalancer.Members(
            f"{name}-members",
            pool_id=pool.id,
            members=[
                {
                    "name": member.name,
                    "address": str(member.address),
                    "protocol_port": member.port,
                    "subnet_id": subnet_id,
                }
                for member in plan.members
            ],
            opts=self._part(),
        )
        monitor, path = plan.monitor, plan.monitor.url_path
        loadbalancer.Monitor(
            f"{name}-monitor",
            name=f"{name}-monitor",
            pool_id=pool.id,
            type=monitor.type,
            url_path=path,
            http_method="GET" if path else None,
            expected_codes="200" if path else None,
            delay=monitor.delay,
            timeout=monitor.timeout,
            max_retries=monitor.successes,
            max_retries_down=monitor.failures,
            opts=self._part(depends_on=[members]),
        )

    def _part(self, *, depends_on: list[pulumi.Resource] | None = None) -> pulumi.ResourceOptions:
        """Return the options of what Octavia makes."""
        patience = pulumi.CustomTimeouts(create=PENDING_TIMEOUT, update=PENDING_TIMEOUT, delete=PENDING_TIMEOUT)
        return pulumi.ResourceOptions.merge(
            self._object(depends_on=depends_on or [], replace_on_changes=[_FAILED_CREATION]),
            pulumi.ResourceOptions(custom_timeouts=patience),
        )
