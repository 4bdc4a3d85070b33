"""Every name, address, zone, server group and rule of a cluster, decided before anything is asked of a cloud.

Pure: the same settings and catalog give the same plan. Nothing here is keyed by a list position.
"""

from cecf.plan.catalog import Catalog, Flavor
from cecf.plan.cluster import ClusterPlan, plan_cluster
from cecf.plan.endpoint import EndpointPlan, LoadBalancerPlan
from cecf.plan.etcd import EtcdPlan
from cecf.plan.network import CreatedNetworkPlan, ExistingNetworkPlan
from cecf.plan.nodes import NodePlan, PoolPlan, Role, ServerGroupPlan, TaintPlan, VolumePlan
from cecf.plan.quorum import QuorumPlan
from cecf.plan.rules import RulePlan, SecurityGroupPlan

__all__ = [
    "Catalog",
    "ClusterPlan",
    "CreatedNetworkPlan",
    "EndpointPlan",
    "EtcdPlan",
    "ExistingNetworkPlan",
    "Flavor",
    "LoadBalancerPlan",
    "NodePlan",
    "PoolPlan",
    "QuorumPlan",
    "Role",
    "RulePlan",
    "SecurityGroupPlan",
    "ServerGroupPlan",
    "TaintPlan",
    "VolumePlan",
    "plan_cluster",
]
