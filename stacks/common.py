"""What every business's stack shares: its form, and the way from settings to outputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pulumi
import pulumi_openstack

from cecf import render
from cecf.cloud import connect, look_up
from cecf.plan import ClusterPlan, names, plan_cluster
from cecf.problems import InvalidInputError, Problem
from cecf.settings import StackSettings
from cecf_components import ElasticCluster
from cecf_components.guard import guard_for

Outputs = Mapping[str, pulumi.Input[Any]]


@dataclass(frozen=True, kw_only=True)
class Business:
    """A business: what its settings are unless the stack file says otherwise, and what it is built from."""

    profile: Mapping[str, Any]
    build: Callable[[StackSettings, str], Outputs]
    """Takes the settings and the stack's name, registers resources, returns the stack's outputs."""


def one_cluster(settings: StackSettings, stack: str) -> Outputs:
    """Build a single cluster in the cloud that the settings name."""
    owner = names.owner_tag(stack)
    catalog = look_up(connect(settings.cloud), settings, owner)
    plan = plan_cluster(settings.cluster, catalog)
    _check_user_data(plan)
    # Default providers are disabled in every stack file: nothing can end up in another business's project.
    providers = [
        pulumi_openstack.Provider("openstack", cloud=settings.cloud),
        pulumi.ProviderResource("pulumi-python", "dynamic", {}),
    ]
    guard = guard_for(settings.cloud, owner)
    cluster = ElasticCluster(
        plan.name,
        {"plan": plan, "user_data": partial(render.user_data, plan), "guard": guard},
        pulumi.ResourceOptions(providers=providers),
    )
    return {
        "cluster_name": plan.name,
        "api_endpoint": cluster.api_endpoint,
        "api_access": plan.endpoint.access,
        "kubeconfig": cluster.kubeconfig,
        "network_id": cluster.network_id,
        "nodes": cluster.nodes,
        "spread_verified": cluster.spread_verified,
        "spread_faults": cluster.spread_faults,
    }


def _check_user_data(plan: ClusterPlan) -> None:
    """Render every node before the first resource, so that one which does not fit is refused with nothing created."""
    try:
        for node in plan.nodes:
            render.user_data(plan, node, render.placeholder(data_volume=node.etcd_volume is not None))
    except render.UserDataTooLongError as error:
        raise InvalidInputError([Problem(path="cluster", what=str(error))]) from None
