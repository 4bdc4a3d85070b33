"""A named pool of worker nodes."""

import pulumi

from cecf_components.spread_nodes import SpreadNodes, SpreadNodesArgs


class WorkerPool(SpreadNodes):
    """Worker nodes of one flavor, keyed by name: one that comes or goes touches no other."""

    def __init__(self, name: str, args: SpreadNodesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, (), opts)
