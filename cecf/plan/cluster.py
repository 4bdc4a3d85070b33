"""The whole picture of a cluster, from settings and what the cloud has."""

from dataclasses import dataclass
from ipaddress import IPv4Network

from cecf.plan.catalog import Catalog
from cecf.plan.network import (
    CreatedNetworkPlan,
    EndpointPlan,
    ExistingNetworkPlan,
    plan_endpoint,
    plan_network,
)
from cecf.plan.nodes import NodePlan, PoolPlan, Role, plan_control_plane, plan_workers
from cecf.plan.rules import SecurityGroupPlan, plan_security_groups
from cecf.plan.tuning import plan_tuning
from cecf.settings import ClusterSettings
from cecf.settings.addons import AddonSettings
from cecf.settings.certificates import CertificateSettings
from cecf.tuning.cluster import MASK, ClusterTuning
from cecf.tuning.model import Component
from cecf.tuning.tuned import Tuning


@dataclass(frozen=True, kw_only=True)
class ClusterPlan:
    """What `cecf_components` will register and `cecf.render` will write into the nodes."""

    name: str
    kubernetes_version: str
    image_repository: str
    addons: AddonSettings
    certificates: CertificateSettings
    boot_timeout_minutes: int
    pod_cidr: IPv4Network
    service_cidr: IPv4Network
    network: CreatedNetworkPlan | ExistingNetworkPlan
    endpoint: EndpointPlan
    security_groups: tuple[SecurityGroupPlan, ...]
    control_plane: PoolPlan
    worker_pools: tuple[PoolPlan, ...]
    tuning: ClusterTuning

    @property
    def birth(self) -> dict[str, str]:
        """What a running cluster cannot change, by the path of the setting: its nodes would not find each other."""
        return {
            "kubernetes_version": self.kubernetes_version,
            "image_repository": self.image_repository,
            "network.pod_cidr": str(self.pod_cidr),
            "network.service_cidr": str(self.service_cidr),
            "control_plane.endpoint.port": str(self.endpoint.port),
            "control_plane.endpoint.access": self.endpoint.access,
            "control_plane.count": str(len(self.control_plane.nodes)),
            f"tuning.values.{MASK}": str(self.tuning.cluster[MASK].value),
        }

    @property
    def pools(self) -> tuple[PoolPlan, ...]:
        """The control plane, then the worker pools by name."""
        return (self.control_plane, *self.worker_pools)

    @property
    def nodes(self) -> tuple[NodePlan, ...]:
        """Every node."""
        return tuple(node for pool in self.pools for node in pool.nodes)

    def tuning_of(self, node: NodePlan) -> Tuning:
        """Return the values of a node's own components."""
        return self.tuning.control_plane if node.role is Role.CONTROL_PLANE else self.tuning.pools[node.pool]

    def declared_on(self, node: NodePlan) -> Tuning:
        """Return the values of everything that runs on a node: besides its own those of the cluster's components."""
        everywhere = node.role is Role.CONTROL_PLANE
        shared = {
            name: tuned
            for name, tuned in self.tuning.cluster.items()
            if everywhere or tuned.component is Component.KUBE_PROXY
        }
        return {**self.tuning_of(node), **shared}


def plan_cluster(settings: ClusterSettings, catalog: Catalog) -> ClusterPlan:
    """Return the plan of a cluster. Pure: the same input gives the same plan.

    Raises `InvalidInputError` for tuning that the flavors do not carry.
    """
    return ClusterPlan(
        name=settings.name,
        kubernetes_version=settings.kubernetes_version,
        image_repository=settings.image_repository,
        addons=settings.addons,
        certificates=settings.certificates,
        boot_timeout_minutes=settings.boot_timeout_minutes,
        pod_cidr=settings.network.pod_cidr,
        service_cidr=settings.network.service_cidr,
        network=plan_network(settings, catalog),
        endpoint=plan_endpoint(settings),
        security_groups=plan_security_groups(settings),
        control_plane=plan_control_plane(settings, catalog),
        worker_pools=plan_workers(settings, catalog),
        tuning=plan_tuning(settings, catalog),
    )
