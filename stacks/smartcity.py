"""Smart city: one node, not isolated. By explicit choice it lives in the shared project and the shared network."""

from stacks.common import Business, one_cluster

PROFILE = {
    "isolation": "shared",
    "cluster": {
        "name": "smartcity",
        "zones": ["az1", "az2", "az3"],
        "network": {
            "nodes": {
                "kind": "existing",
                "network": "shared",
                "subnet": "shared-v4",
                "cidr": "10.60.0.0/16",
                "reserved": "10.60.1.0/28",
            },
        },
        "control_plane": {"count": 1, "flavor": "m1.medium", "workloads": True},
    },
}

BUSINESS = Business(profile=PROFILE, build=one_cluster)
