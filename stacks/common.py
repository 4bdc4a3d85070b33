"""What every business's composition shares: its form, and a cluster with its outputs."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import pulumi
import pulumi_openstack

from cecf import render
from cecf.plan import ClusterPlan, names
from cecf.plan.takeover import offices
from cecf.settings import StackSettings
from cecf_components import ElasticCluster
from cecf_components.guard import guard_for

Outputs = Mapping[str, pulumi.Input[Any]]

Build = Callable[[StackSettings, ClusterPlan, str], Outputs]
"""What `build` of each business is: takes the settings, their plan and the stack's name, registers resources, returns
the stack's outputs."""


def one_cluster(settings: StackSettings, plan: ClusterPlan, stack: str) -> Outputs:
    """Build a single cluster in the cloud that the settings name."""
    # Default providers are disabled in every stack file: nothing can end up in another business's project.
    providers = [
        pulumi_openstack.Provider("openstack", cloud=settings.cloud),
        pulumi.ProviderResource("pulumi-python", "dynamic", {}),
    ]
    for line in plan.advice:
        pulumi.log.warn(line)
    guard = guard_for(settings.cloud, names.owner_tag(stack), plan.quorums)
    cluster = ElasticCluster(
        plan.name,
        {"plan": plan, "user_data": partial(render.user_data, plan), "guard": guard},
        pulumi.ResourceOptions(providers=providers),
    )
    return {
        "cluster_name": plan.name,
        "kubernetes_version": plan.kubernetes_version,
        "api_endpoint": cluster.api_endpoint,
        "api_access": plan.endpoint.access,
        "kubeconfig": cluster.kubeconfig,
        "etcd": _etcd(plan),
        "take_over": [asdict(office) for office in offices(plan)],
        "kubeconfig_viewer": cluster.kubeconfig_viewer,
        "certificates": cluster.certificates,
        "network_id": cluster.network_id,
        "nodes": cluster.nodes,
        "spread_verified": cluster.spread_verified,
        "spread_faults": cluster.spread_faults,
    }


def _etcd(plan: ClusterPlan) -> dict[str, Any]:
    """Return how the data is kept, for people and for `cecf etcd`."""
    return {
        "topology": plan.etcd_topology,
        "members": _texts(plan.etcd.addresses),
        "events_members": _texts(plan.events.addresses) if plan.events else {},
        "backup": plan.etcd.backup.store if plan.etcd.backup else None,
    }


def _texts(addresses: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(address) for name, address in addresses.items()}
