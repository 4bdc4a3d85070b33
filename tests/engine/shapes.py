"""Clusters for engine tests, on the smallest servers."""

from typing import Any

TINY = "m1.tiny"


def small(workers: int = 0, **pool: Any) -> dict[str, Any]:
    """Return one control plane and a pool `general` of `workers`."""
    return {
        "control_plane": {"count": 1, "flavor": TINY},
        "worker_pools": {"general": {"count": workers, "flavor": TINY, **pool}},
    }


def highly_available(workers: int = 0) -> dict[str, Any]:
    """Return three control planes and a pool `general` of `workers`."""
    return small(workers) | {"control_plane": {"count": 3, "flavor": TINY}}
