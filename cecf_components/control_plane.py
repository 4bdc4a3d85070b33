"""The servers that run a cluster's Kubernetes API."""

import pulumi

from cecf.plan import EndpointPlan
from cecf_components.spread_nodes import SpreadNodes, SpreadNodesArgs


class ControlPlaneArgs(SpreadNodesArgs):
    """What `ControlPlane` is made from."""

    endpoint: EndpointPlan
    """The endpoint that the servers answer for."""


class ControlPlane(SpreadNodes):
    """1, 3 or 5 servers on different hosts, over the zones; each may answer for a virtual address of the endpoint."""

    def __init__(self, name: str, args: ControlPlaneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        endpoint = args["endpoint"]
        super().__init__(name, args, (str(endpoint.address),) if endpoint.on_nodes else (), opts)
