"""Finance: the trading system and the back ends of the mobile apps. Isolated; three nodes, all in the control plane.

Three servers are the fewest that survive the loss of one. A worker pool is added in the stack file when the
business's own load is to leave the control plane's servers.
"""

from stacks.common import Business, one_cluster

PROFILE = {
    "isolation": "isolated",
    "cluster": {
        "name": "finance",
        "zones": ["az1", "az2", "az3"],
        "network": {"nodes": {"kind": "create", "cidr": "10.20.0.0/24"}},
        "control_plane": {"count": 3, "flavor": "m1.large", "workloads": True},
        "etcd": {"volume": {"type": "ssd", "size_gib": 20}},
    },
}

BUSINESS = Business(profile=PROFILE, build=one_cluster)
