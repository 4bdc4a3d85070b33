"""One server with its port, booted from rendered user data."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypedDict

import pulumi
from pulumi_openstack import compute, networking

from cecf.cloud.owned import OWNER_KEY, POOL_KEY, RELEASE_KEY
from cecf.plan import NodePlan
from cecf_components.base import CecfComponent
from cecf_components.guard import Guard

CREATE_TIMEOUT = "15m"
"""Nova answers in seconds, but copies an image to a host that has not had it yet."""


_FAILED_CREATION = "#initerror"
"""The engine's key for a resource that was created but did not come up. A server that Nova could not build stays in
ERROR and holds its port; without this the engine would take it for created."""


_REPLACING = ["flavorId", "imageId", _FAILED_CREATION]
"""What makes another server; left alone, the plugin would resize a server or rebuild it where it stands."""


class NodeArgs(TypedDict):
    """What `Node` is made from."""

    plan: NodePlan
    """Name, zone, flavor, image, address."""
    user_data: pulumi.Input[str]
    """The rendered user data, in base64; secret."""
    network_id: pulumi.Input[str]
    """The network of its port."""
    subnet_id: pulumi.Input[str]
    """The subnet of its address."""
    security_group_id: pulumi.Input[str]
    """The group of its role."""
    server_group_id: pulumi.Input[str]
    """The server group that keeps it apart from its like."""
    volume_ids: Mapping[str, pulumi.Input[str]]
    """The ids of its volumes, by where they are mounted."""
    virtual_addresses: Sequence[str]
    """Addresses, besides its own, that the node may send from: the endpoint's, on a control plane."""
    after: Sequence[pulumi.Resource]
    """What must be there before: the last server, as Nova's anti-affinity races when servers are created at once."""
    guard: Guard
    """The stack's mark and hooks."""


class Node(CecfComponent):
    """A server; immutable: another flavor, image or user data makes another server."""

    server: compute.Instance
    """The server."""
    server_id: pulumi.Output[str]
    """The server's id."""
    address: pulumi.Output[str]
    """The node's IPv4 address."""

    def __init__(self, name: str, args: NodeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args["guard"], opts)
        plan = args["plan"]
        port = self._port(args)
        self.server = self._server(args, port)
        self.server_id = self.server.id
        self._attach(plan, args["volume_ids"])
        self.address = port.all_fixed_ips.apply(lambda addresses: addresses[0])
        self.register_outputs({"name": plan.name, "server_id": self.server_id, "address": self.address})

    def _attach(self, plan: NodePlan, volume_ids: Mapping[str, pulumi.Input[str]]) -> None:
        before: list[pulumi.Resource] = []
        for volume in plan.volumes:
            # One after the other: Nova names the disks in their order.
            attachment = compute.VolumeAttach(
                f"{volume.name}-attachment",
                instance_id=self.server_id,
                volume_id=volume_ids[volume.mount],
                opts=self._object(depends_on=before),
            )
            before = [attachment]

    def _port(self, args: NodeArgs) -> networking.Port:
        plan = args["plan"]
        fixed_ip: networking.PortFixedIpArgsDict = {"subnet_id": args["subnet_id"]}
        if plan.address:
            fixed_ip["ip_address"] = str(plan.address)
        return networking.Port(
            f"{plan.name}-port",
            name=plan.name,
            description=self._guard.owner,
            network_id=args["network_id"],
            fixed_ips=[fixed_ip],
            security_group_ids=[args["security_group_id"]],
            allowed_address_pairs=[{"ip_address": address} for address in args["virtual_addresses"]],
            opts=self._object(),
        )

    def _server(self, args: NodeArgs, port: networking.Port) -> compute.Instance:
        plan = args["plan"]
        return compute.Instance(
            f"{plan.name}-server",
            name=plan.name,
            flavor_id=plan.flavor.id,
            image_id=plan.image_id,
            availability_zone=plan.zone,
            networks=[{"port": port.id}],
            scheduler_hints=[{"group": args["server_group_id"]}],
            user_data=args["user_data"],
            config_drive=True,
            metadata={
                OWNER_KEY: self._guard.owner,
                "cecf-role": str(plan.role),
                POOL_KEY: plan.pool,
                RELEASE_KEY: plan.kubernetes_version,
                # User data is secret, so a preview does not show it; this shows that it changed.
                "cecf-user-data-sha256": _digest(args["user_data"]),
            },
            opts=pulumi.ResourceOptions.merge(
                self._object(depends_on=args["after"], replace_on_changes=_REPLACING, member=True),
                pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create=CREATE_TIMEOUT)),
            ),
        )


def _digest(user_data: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return the digest of secret user data; it tells nothing of the keys in it."""
    digest = pulumi.Output.from_input(user_data).apply(lambda text: hashlib.sha256(text.encode()).hexdigest())
    return pulumi.Output.unsecret(digest)
