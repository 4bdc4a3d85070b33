"""The whole picture of a cluster, from settings and what the cloud has."""

from dataclasses import dataclass
from ipaddress import IPv4Network

from cecf.plan import names
from cecf.plan.catalog import Catalog
from cecf.plan.endpoint import EndpointPlan, plan_endpoint
from cecf.plan.etcd import EtcdPlan, plan_etcd, plan_events
from cecf.plan.network import CreatedNetworkPlan, ExistingNetworkPlan, plan_network
from cecf.plan.nodes import NodePlan, PoolPlan, Role, plan_control_plane, plan_etcd_pools, plan_workers
from cecf.plan.quorum import QuorumPlan, plan_quorums
from cecf.plan.rules import SecurityGroupPlan, plan_security_groups
from cecf.plan.sizing import advice
from cecf.plan.tuning import plan_tuning
from cecf.settings import ClusterSettings
from cecf.settings.addons import AddonSettings
from cecf.settings.certificates import CertificateSettings
from cecf.settings.hardening import AuditSettings, PodSecuritySettings
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
    drain_timeout_minutes: int
    protect: bool
    """Whether a run that would delete data or keys is refused."""
    pod_cidr: IPv4Network
    service_cidr: IPv4Network
    network: CreatedNetworkPlan | ExistingNetworkPlan
    endpoint: EndpointPlan
    audit: AuditSettings
    pod_security: PodSecuritySettings
    security_groups: tuple[SecurityGroupPlan, ...]
    control_plane: PoolPlan
    etcd: EtcdPlan
    """The etcd of the cluster's data."""
    events: EtcdPlan | None
    """The etcd of Events, where they have one of their own."""
    etcd_pools: tuple[PoolPlan, ...]
    """Servers that run nothing but etcd."""
    worker_pools: tuple[PoolPlan, ...]
    quorums: tuple[QuorumPlan, ...]
    """Whose members a run never takes away all at once."""
    tuning: ClusterTuning
    advice: tuple[str, ...]
    """What could be better, for people; nothing that is refused."""

    @property
    def birth(self) -> dict[str, str]:
        """What a running cluster cannot change, by the path of the setting: its nodes would not find each other."""
        given = {"control_plane.endpoint.address": str(self.endpoint.address)}
        return {
            "image_repository": self.image_repository,
            "network.pod_cidr": str(self.pod_cidr),
            "network.service_cidr": str(self.service_cidr),
            "control_plane.endpoint.port": str(self.endpoint.port),
            "control_plane.endpoint.access": self.endpoint.access,
            "control_plane.endpoint.kind": self.endpoint.kind,
            **(given if self.endpoint.kind == "external" else {}),
            "control_plane.count": str(len(self.control_plane.nodes)),
            "etcd.topology": self.etcd_topology,
            "etcd.members": str(len(self.etcd.members)),
            "etcd.events.members": str(len(self.events.members) if self.events else 0),
            f"tuning.values.{MASK}": str(self.tuning.cluster[MASK].value),
        }

    @property
    def pools(self) -> tuple[PoolPlan, ...]:
        """The servers that run nothing but etcd, the control plane, then the worker pools by name."""
        return (*self.etcd_pools, self.control_plane, *self.worker_pools)

    @property
    def nodes(self) -> tuple[NodePlan, ...]:
        """Every node."""
        return tuple(node for pool in self.pools for node in pool.nodes)

    @property
    def etcd_topology(self) -> str:
        """As the settings have it: `external` where the data's etcd has servers of its own, else `stacked`."""
        return "external" if any(pool.name == names.ETCD for pool in self.etcd_pools) else "stacked"

    @property
    def etcds(self) -> tuple[EtcdPlan, ...]:
        """Every etcd."""
        return (self.etcd, self.events) if self.events else (self.etcd,)

    def etcd_of(self, node: NodePlan) -> EtcdPlan | None:
        """Return the etcd that a node has a member of."""
        return next((etcd for etcd in self.etcds if node.name in etcd.addresses), None)

    def tuning_of(self, node: NodePlan) -> Tuning:
        """Return the values of a node's own components; a server that runs nothing but etcd has none."""
        if node.role is Role.ETCD:
            return {}
        return self.tuning.control_plane if node.role is Role.CONTROL_PLANE else self.tuning.pools[node.pool]

    def declared_on(self, node: NodePlan) -> Tuning:
        """Return the values of everything that runs on a node: besides its own those of the cluster's components."""
        running = set(_OF_ETCD) if node.is_member else set()
        if node.role is Role.CONTROL_PLANE:
            running |= set(Component) - _OF_ETCD - (set() if self.endpoint.on_nodes else {Component.HAPROXY})
        if node.role is Role.WORKER:
            running.add(Component.KUBE_PROXY)
        shared = {name: tuned for name, tuned in self.tuning.cluster.items() if tuned.component in running}
        return {**self.tuning_of(node), **shared}


_OF_ETCD = frozenset({Component.ETCD, Component.ETCD_UNIT})
"""What runs wherever etcd has a member, and nowhere else."""


def plan_cluster(settings: ClusterSettings, catalog: Catalog) -> ClusterPlan:
    """Return the plan of a cluster. Pure: the same input gives the same plan.

    Raises `InvalidInputError` for tuning that the flavors do not carry.
    """
    control_plane, etcd_pools = plan_control_plane(settings, catalog), plan_etcd_pools(settings, catalog)
    etcd = plan_etcd(settings, catalog, control_plane, etcd_pools)
    events = plan_events(settings, catalog, etcd_pools)
    quorums = plan_quorums(
        settings.name,
        (etcd, events) if events else (etcd,),
        control_plane,
        reachable=settings.control_plane.endpoint.access != "none",
        standing=catalog.standing,
    )
    return ClusterPlan(
        name=settings.name,
        kubernetes_version=settings.kubernetes_version,
        image_repository=settings.image_repository,
        addons=settings.addons,
        certificates=settings.certificates,
        boot_timeout_minutes=settings.boot_timeout_minutes,
        drain_timeout_minutes=settings.drain_timeout_minutes,
        protect=settings.protect,
        pod_cidr=settings.network.pod_cidr,
        service_cidr=settings.network.service_cidr,
        network=plan_network(settings, catalog),
        endpoint=plan_endpoint(settings, catalog),
        audit=settings.control_plane.audit,
        pod_security=settings.control_plane.pod_security,
        security_groups=plan_security_groups(settings),
        control_plane=control_plane,
        etcd=etcd,
        events=events,
        etcd_pools=etcd_pools,
        worker_pools=plan_workers(settings, catalog),
        quorums=quorums,
        tuning=plan_tuning(settings, catalog),
        advice=tuple(advice(_nodes(settings), settings.control_plane.flavor, catalog.flavors)),
    )


def _nodes(settings: ClusterSettings) -> int:
    return settings.control_plane.count + sum(pool.count for pool in settings.worker_pools.values())
