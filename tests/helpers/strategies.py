"""Clusters of every allowed shape, as a stack file would write them."""

import json
from collections.abc import Mapping
from copy import deepcopy
from ipaddress import ip_network
from typing import Any

from hypothesis import strategies as st

from cecf.plan import ClusterPlan, plan_cluster
from cecf.settings import ClusterSettings
from cecf.settings.cluster import RESERVED_POOLS
from cecf.settings.network import RESERVED_WITH_EVENTS
from tests.helpers.clusters import CATALOG, FLAVORS

Cluster = dict[str, Any]

LABELS = st.from_regex(r"[a-z]([-a-z0-9]{0,22}[a-z0-9])?", fullmatch=True)

ZONES = st.lists(st.sampled_from(["az1", "az2", "az3", "az4", "az5"]), min_size=1, unique=True)

CREATED = st.builds(
    lambda third, prefix: {"kind": "create", "cidr": f"10.{third}.0.0/{prefix}"},
    st.integers(0, 90),
    st.integers(16, 24),
)

EXISTING = st.builds(
    lambda block, prefix: {
        "kind": "existing",
        "network": "shared",
        "subnet": "shared-v4",
        "cidr": "10.60.0.0/16",
        "reserved": f"10.60.{block}.0/{prefix}",
    },
    st.integers(0, 255),
    st.integers(24, 28),
)

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")

POOLS = st.fixed_dictionaries(
    {"count": st.integers(0, 25), "flavor": st.sampled_from(sorted(FLAVORS))},
    optional={
        "retired": st.lists(st.integers(1, 30), unique=True, max_size=6),
        "zones": ZONES,
        "anti_affinity": st.sampled_from(["required", "preferred"]),
        "labels": st.dictionaries(st.sampled_from(["tier", "example.org/disk"]), st.sampled_from(["", "a", "b-2"])),
        "taints": st.lists(
            st.builds(lambda effect: {"key": "example.org/only", "effect": effect}, st.sampled_from(EFFECTS)),
            unique_by=lambda taint: taint["effect"],
            max_size=2,
        ),
    },
)

STACKED = st.fixed_dictionaries(
    {},
    optional={
        "wal_volume": st.fixed_dictionaries({}, optional={"size_gib": st.integers(1, 100)}),
        "events": st.fixed_dictionaries(
            {}, optional={"members": st.sampled_from([1, 3, 5]), "flavor": st.sampled_from(sorted(FLAVORS))}
        ),
    },
)

EXTERNAL = st.builds(
    lambda etcd, more: {"topology": "external", **etcd, **more},
    STACKED,
    st.fixed_dictionaries(
        {}, optional={"members": st.sampled_from([3, 5]), "flavor": st.sampled_from(sorted(FLAVORS))}
    ),
)

ETCD = STACKED | EXTERNAL


def _room(nodes: Mapping[str, Any]) -> bool:
    """Tell whether a network has addresses for the servers of an etcd of Events."""
    reserved = ip_network(nodes["reserved"] if "reserved" in nodes else nodes["cidr"]).num_addresses
    return reserved >= (RESERVED_WITH_EVENTS if "reserved" in nodes else 4 * RESERVED_WITH_EVENTS)


POOL_NAMES = LABELS.filter(lambda name: name not in RESERVED_POOLS)

_SHAPES: st.SearchStrategy[Cluster] = st.fixed_dictionaries(
    {
        "name": LABELS,
        "zones": ZONES,
        "network": st.fixed_dictionaries({"nodes": CREATED | EXISTING}),
        "control_plane": st.fixed_dictionaries(
            {"count": st.sampled_from([1, 3, 5]), "flavor": st.sampled_from(sorted(FLAVORS))},
            optional={"workloads": st.booleans()},
        ),
        "worker_pools": st.dictionaries(POOL_NAMES, POOLS, max_size=4),
    },
    optional={"etcd": ETCD},
)

CLUSTERS = _SHAPES.filter(lambda cluster: "events" not in cluster.get("etcd", {}) or _room(cluster["network"]["nodes"]))


def settings_of(cluster: Mapping[str, Any]) -> ClusterSettings:
    """Return a cluster's settings, read as a stack file's are."""
    return ClusterSettings.model_validate_json(json.dumps(cluster), strict=True)


def plan_of(cluster: Mapping[str, Any]) -> ClusterPlan:
    """Return the plan of a cluster in a cloud that has everything."""
    return plan_cluster(settings_of(cluster), CATALOG)


def with_pool(cluster: Cluster, name: str, pool: Mapping[str, Any]) -> Cluster:
    """Return the cluster with one pool more, or another in place of one."""
    changed = deepcopy(cluster)
    changed["worker_pools"][name] = {**changed["worker_pools"].get(name, {}), **pool}
    return changed


def without_pool(cluster: Cluster, name: str) -> Cluster:
    """Return the cluster with one pool less."""
    changed = deepcopy(cluster)
    del changed["worker_pools"][name]
    return changed
