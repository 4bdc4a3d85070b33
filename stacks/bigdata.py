"""Big data: compute and storage for analysis. Isolated; two nodes.

Two members are no quorum, so the two nodes are one control plane and one worker: a lost control plane stops changes,
not the running work.
"""

from stacks.common import Business, one_cluster

PROFILE = {
    "isolation": "isolated",
    "cluster": {
        "name": "bigdata",
        "zones": ["az1", "az2", "az3"],
        "network": {"nodes": {"kind": "create", "cidr": "10.30.0.0/24"}},
        "control_plane": {"count": 1, "flavor": "m1.large"},
        "worker_pools": {"compute": {"count": 1, "flavor": "r1.large"}},
    },
}

BUSINESS = Business(profile=PROFILE, build=one_cluster)
