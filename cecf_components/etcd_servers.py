"""Servers that run nothing but a member of etcd."""

import pulumi

from cecf_components.spread_nodes import SpreadNodes, SpreadNodesArgs


class EtcdServers(SpreadNodes):
    """3 or 5 servers on different hosts, over the zones; each is replaced only when the one before it is well."""

    def __init__(self, name: str, args: SpreadNodesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, (), opts)
