"""Finds what the settings name, and says everything that is missing at once."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from ipaddress import IPv4Address, ip_network
from typing import Any
from urllib.parse import urlsplit

from keystoneauth1.exceptions import ClientException
from openstack.connection import Connection
from openstack.exceptions import ForbiddenException, SDKException
from openstack.network.v2.subnet import Subnet

from cecf.cloud.balancers import SERVICE
from cecf.cloud.standing import look_at
from cecf.plan import names
from cecf.plan.catalog import Catalog, Flavor, ObjectStorage
from cecf.plan.nodes import Role
from cecf.plan.releases import refusals
from cecf.plan.standing import Standing
from cecf.problems import CloudUnavailableError, InvalidInputError, Problem, config_set
from cecf.settings import ClusterSettings, CreatedNetwork, ExistingNetwork, StackSettings
from cecf.settings.etcd import DEFAULT_FLAVOR
from cecf.versions import minor_of, release_of

_HELD = "cecf_kubernetes_version"
"""The property with which an image may say what Kubernetes it has."""


def look_up(connection: Connection, settings: StackSettings, owner: str) -> Catalog:
    """Return the ids behind the names in the settings.

    Raises `InvalidInputError` with every name not found, and with what cannot be changed any more of the cluster that
    `owner` has already.
    """
    try:
        return _look_up(_Search(connection), settings.cluster, owner)
    except (SDKException, ClientException) as error:
        raise CloudUnavailableError(settings.cloud, error) from None


def look_up_flavors(connection: Connection, settings: StackSettings) -> Mapping[str, Flavor]:
    """Return the flavors that the settings name, by name. Raises as `look_up` does."""
    search = _Search(connection)
    try:
        flavors = search.flavors(settings.cluster)
    except (SDKException, ClientException) as error:
        raise CloudUnavailableError(settings.cloud, error) from None
    if search.problems:
        raise InvalidInputError(search.problems)
    return flavors


def _look_up(search: "_Search", cluster: ClusterSettings, owner: str) -> Catalog:
    search.zones(cluster)
    search.volume_types(cluster)
    image_id = search.image(cluster)
    flavors = search.flavors(cluster)
    network = search.network(cluster.network.nodes)
    search.endpoint(cluster)
    object_storage = search.object_storage(cluster)
    balancer_flavor = search.load_balancer(cluster)
    standing = look_at(search.cloud, owner)
    search.unchanged(cluster, owner, standing)
    if search.problems:
        raise InvalidInputError(search.problems)
    return Catalog(
        image_id=image_id,
        flavors=flavors,
        object_storage=object_storage,
        load_balancer_flavor_id=balancer_flavor,
        standing=standing,
        **network,
    )


class _Search:
    """One look through a cloud; collects a problem for each name that is not there."""

    def __init__(self, connection: Connection) -> None:
        self.cloud = connection
        self.problems: list[Problem] = []

    def zones(self, cluster: ClusterSettings) -> None:
        known = [zone.name for zone in self.cloud.compute.availability_zones() if zone.state.get("available")]
        wanted = {"cluster.zones": cluster.zones} | {
            f"cluster.worker_pools.{name}.zones": pool.zones for name, pool in cluster.worker_pools.items()
        }
        for path, zones in wanted.items():
            for position, zone in enumerate(zones):
                self._check(f"{path}[{position}]", "availability zone", zone, known)

    def volume_types(self, cluster: ClusterSettings) -> None:
        known = [volume_type.name for volume_type in self.cloud.block_storage.types()]
        etcd = cluster.etcd
        volumes: dict[str, Any] = {"volume": etcd.volume, "wal_volume": etcd.wal_volume}
        if etcd.backup and etcd.backup.volume.type:
            volumes["backup.volume"] = etcd.backup.volume
        if etcd.events:
            volumes["events.volume"] = etcd.events.volume
        for path, volume in volumes.items():
            if volume:
                self._check(f"cluster.etcd.{path}.type", "volume type", volume.type, known)

    def object_storage(self, cluster: ClusterSettings) -> ObjectStorage | None:
        backup = cluster.etcd.backup
        if not backup or backup.store != "swift":
            return None
        session = self.cloud.session
        auth_url = backup.auth_url or session.get_endpoint(service_type="identity", interface="public")
        url = session.get_endpoint(service_type="object-store", interface="public")
        if not url:
            self.problems.append(
                Problem(
                    path="cluster.etcd.backup.store",
                    what="the cloud has no object storage",
                    why="its catalogue lists no service object-store",
                    mend=config_set("cluster.etcd.backup.store", "volume"),
                )
            )
        region = backup.region or self.cloud.config.get_region_name() or ""
        return ObjectStorage(auth_url=str(auth_url), region=region, path=urlsplit(url or "").path)

    def image(self, cluster: ClusterSettings) -> str:
        path, name = "cluster.image", cluster.node_image
        found = list(self.cloud.image.images(name=name, status="active"))
        if len(found) == 1:
            self._holds(found[0], cluster)
            return str(found[0].id)
        if found:
            self._ambiguous(path, "image", name, len(found))
        elif cluster.image:
            self._check(path, "image", name, [image.name for image in self.cloud.image.images(status="active")])
        else:
            minor = minor_of(cluster.kubernetes_version)
            self.problems.append(
                Problem(
                    path=path,
                    what=f"the project sees no image '{name}'",
                    why=f"nodes of Kubernetes {minor} boot from it, unless another is named",
                    mend=config_set(path, f"<an-image-with-kubernetes-{minor}>"),
                )
            )
        return ""

    def _holds(self, image: Any, cluster: ClusterSettings) -> None:
        """Refuse an image that says of itself that it is for another minor of Kubernetes."""
        minor = minor_of(cluster.kubernetes_version)
        held = (image.properties or {}).get(_HELD)
        if held and minor_of(held) != minor:
            self.problems.append(
                Problem(
                    path="cluster.image",
                    what=f"'{image.name}' has Kubernetes {held}, the cluster is to have {minor}",
                    why="a node's programs must be of the cluster's release",
                    mend=config_set("cluster.image", release_of(cluster.kubernetes_version).node_image),
                )
            )

    def flavors(self, cluster: ClusterSettings) -> Mapping[str, Flavor]:
        known = {
            flavor.name: Flavor(
                id=flavor.id, name=flavor.name, vcpus=flavor.vcpus, ram_mib=flavor.ram, disk_gib=flavor.disk
            )
            for flavor in self.cloud.compute.flavors()
        }
        wanted = {"cluster.control_plane.flavor": cluster.control_plane.flavor} | {
            f"cluster.worker_pools.{name}.flavor": pool.flavor for name, pool in cluster.worker_pools.items()
        }
        if cluster.etcd.topology == "external":
            wanted["cluster.etcd.flavor"] = cluster.etcd.flavor or DEFAULT_FLAVOR
        if cluster.etcd.events:
            wanted["cluster.etcd.events.flavor"] = cluster.etcd.events.flavor
        for path, name in wanted.items():
            self._check(path, "flavor", name, known)
        return known

    def network(self, nodes: CreatedNetwork | ExistingNetwork) -> dict[str, str]:
        path = "cluster.network.nodes"
        if isinstance(nodes, CreatedNetwork):
            found = self._network(f"{path}.external_network", nodes.external_network, external=True)
            return {"external_network_id": found}
        network_id = self._network(f"{path}.network", nodes.network, external=False)
        return {"network_id": network_id, "subnet_id": self._subnet(network_id, nodes) if network_id else ""}

    def endpoint(self, cluster: ClusterSettings) -> None:
        endpoint = cluster.control_plane.endpoint
        if endpoint.access == "floating_ip" and endpoint.external_network:
            path = "cluster.control_plane.endpoint.external_network"
            self._network(path, endpoint.external_network, external=True)

    def load_balancer(self, cluster: ClusterSettings) -> str | None:
        """Return the id of Octavia's flavor, if the settings name one."""
        path = "cluster.control_plane.endpoint"
        if cluster.control_plane.endpoint.kind != "load_balancer":
            return None
        instead = config_set(f"{path}.kind", "virtual_address")
        if self.cloud.endpoint_for(SERVICE) is None:
            what, why = "the cloud has no load balancers", "there is no Octavia in its catalog of services"
            self.problems.append(Problem(path=f"{path}.kind", what=what, why=why, mend=instead))
            return None
        try:
            return self._octavia(f"{path}.load_balancer", cluster)
        except ForbiddenException:
            what, why = "this credential may not use load balancers", "Octavia refuses it"
            mend = f"have its user be given the role load-balancer_member, and make the credential anew; or {instead}"
            self.problems.append(Problem(path=f"{path}.kind", what=what, why=why, mend=mend))
            return None

    def _octavia(self, path: str, cluster: ClusterSettings) -> str | None:
        octavia, wanted = self.cloud.load_balancer, cluster.control_plane.endpoint.load_balancer
        providers = [provider.name for provider in octavia.providers()]
        self._check(f"{path}.provider", "load balancer provider", wanted.provider, providers)
        if wanted.availability_zone:
            zones = [zone.name for zone in octavia.availability_zones() if zone.is_enabled]
            noun = "availability zone of load balancers"
            self._check(f"{path}.availability_zone", noun, wanted.availability_zone, zones)
        if not wanted.flavor:
            return None
        flavors = {flavor.name: str(flavor.id) for flavor in octavia.flavors() if flavor.is_enabled}
        self._check(f"{path}.flavor", "load balancer flavor", wanted.flavor, flavors)
        return flavors.get(wanted.flavor)

    def unchanged(self, cluster: ClusterSettings, owner: str, standing: Standing) -> None:
        """Refuse what would tear down the cluster that `owner` has: another name, another range of its network."""
        suffix = names.part("", Role.CONTROL_PLANE)
        mine = {"description": owner, "project_id": self.cloud.current_project_id}
        for group in self.cloud.network.security_groups(**mine):
            if group.name.endswith(suffix) and group.name != names.part(cluster.name, Role.CONTROL_PLANE):
                self._keep("name", "name", group.name.removesuffix(suffix), cluster.name)
        self.problems += refusals(cluster.kubernetes_version, standing.releases)
        nodes = cluster.network.nodes
        for subnet in self.cloud.network.subnets(name=names.part(cluster.name, "subnet"), **mine):
            if isinstance(nodes, CreatedNetwork) and ip_network(subnet.cidr) != nodes.cidr:
                self._keep("network.nodes.cidr", "range", subnet.cidr, str(nodes.cidr))

    def _keep(self, path: str, noun: str, there: str, wanted: str) -> None:
        self.problems.append(
            Problem(
                path=f"cluster.{path}",
                what=f"the stack's cluster has the {noun} {there} and cannot get {wanted}",
                why="every server would have to go; another cluster is another stack",
                mend=config_set(f"cluster.{path}", there),
            )
        )

    def _network(self, path: str, name: str, *, external: bool) -> str:
        networks = self.cloud.network.networks
        query = {"is_router_external": True} if external else {}
        found = list(networks(name=name, **query))
        if len(found) == 1:
            return str(found[0].id)
        if found:
            self._ambiguous(path, "network", name, len(found))
        else:
            noun = "external network" if external else "network"
            self._check(path, noun, name, [network.name for network in networks(**query)])
        return ""

    def _subnet(self, network_id: str, nodes: ExistingNetwork) -> str:
        path = "cluster.network.nodes.subnet"
        subnets = list(self.cloud.network.subnets(network_id=network_id))
        found = [subnet for subnet in subnets if subnet.name == nodes.subnet]
        if len(found) > 1:
            self._ambiguous(path, "subnet", nodes.subnet, len(found))
            return ""
        self._check(path, "subnet", nodes.subnet, [subnet.name for subnet in subnets])
        if not found:
            return ""
        (subnet,) = found
        if ip_network(subnet.cidr) != nodes.cidr:
            self.problems.append(
                Problem(
                    path="cluster.network.nodes.cidr",
                    what=f"{nodes.cidr} is not the subnet's range",
                    why=f"'{nodes.subnet}' has {subnet.cidr}",
                    mend=config_set("cluster.network.nodes.cidr", subnet.cidr),
                )
            )
        else:
            self._reserved(subnet, nodes)
        return str(subnet.id)

    def _reserved(self, subnet: Subnet, nodes: ExistingNetwork) -> None:
        """Refuse a reserved range from which Neutron hands out addresses itself."""
        for pool in subnet.allocation_pools or ():
            first, last = IPv4Address(pool["start"]), IPv4Address(pool["end"])
            if first <= nodes.reserved[-1] and nodes.reserved[0] <= last:
                self.problems.append(
                    Problem(
                        path="cluster.network.nodes.reserved",
                        what=f"{nodes.reserved} is not kept free",
                        why=f"Neutron hands out {first} to {last} to any port of '{nodes.subnet}'",
                        mend="have the subnet's owner shrink the pool (`openstack subnet set --allocation-pool`), or "
                        + config_set("cluster.network.nodes.reserved", "<a-free-range>"),
                    )
                )

    def _check(self, path: str, noun: str, name: str, known: Iterable[str]) -> None:
        there = sorted(known)
        if name in there:
            return
        close = get_close_matches(name, there, n=1)
        self.problems.append(
            Problem(
                path=path,
                what=f"the project sees no {noun} '{name}'",
                why=f"there is {', '.join(there)}" if there else f"it sees no {noun} at all",
                mend=config_set(path, close[0] if close else f"<{noun.replace(' ', '-')}>"),
            )
        )

    def _ambiguous(self, path: str, noun: str, name: str, number: int) -> None:
        self.problems.append(
            Problem(
                path=path,
                what=f"{number} {noun}s are called '{name}'",
                why="which one is meant must not depend on chance",
                mend=f"rename all but one, or {config_set(path, f'<{noun}>')}",
            )
        )
