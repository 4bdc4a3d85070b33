"""Clusters for engine tests, on the smallest servers."""

from typing import Any

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
