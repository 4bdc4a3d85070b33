"""A small copy of finance's shape for the lab: every part of a highly available cluster, on the smallest servers."""

from stacks.common import Business, one_cluster

PROFILE = {
    "isolation": "isolated",
    "cluster": {
        "name": "dev",
        "zones": ["az1", "az2", "az3"],
        "network": {"nodes": {"kind": "create", "cidr": "10.10.0.0/24"}},
        "control_plane": {"count": 3, "flavor": "m1.medium"},
        "worker_pools": {"general": {"count": 2, "flavor": "m1.medium"}},
    },
}

BUSINESS = Business(profile=PROFILE, build=one_cluster)
