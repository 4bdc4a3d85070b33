"""Clusters for engine tests, on the smallest servers."""

from typing import Any

from openstack.connection import Connection

from cecf.settings import read_profile

TINY = "m1.tiny"
"""The lab boots nothing on servers of this flavor: they are told to Nova and no more."""


def small(workers: int = 0, **pool: Any) -> dict[str, Any]:
    """Return one control plane and a pool `general` of `workers`."""
    return {
        "control_plane": {"count": 1, "flavor": TINY},
        "worker_pools": {"general": {"count": workers, "flavor": TINY, **pool}},
    }


def highly_available(workers: int = 0) -> dict[str, Any]:
    """Return three control planes and a pool `general` of `workers`."""
    return small(workers) | {"control_plane": {"count": 3, "flavor": TINY}}


def of_business(business: str) -> dict[str, Any]:
    """Return a business's own shape."""
    pools = read_profile(business)["cluster"].get("worker_pools", {})
    return {"control_plane": {"flavor": TINY}, "worker_pools": {name: {"flavor": TINY} for name in pools}}


def shared_network(cloud: Connection) -> None:
    """Make the network that the smart city's profile expects to find."""
    network = cloud.network.create_network(name="shared")
    cloud.network.create_subnet(
        network_id=network.id,
        name="shared-v4",
        ip_version=4,
        cidr="10.60.0.0/16",
        allocation_pools=[{"start": "10.60.16.0", "end": "10.60.255.254"}],
    )
