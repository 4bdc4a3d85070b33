"""What a cluster's own controllers make in its cloud: Services' load balancers, and volumes that pods claim.

They know their cluster's name only (`--cluster-name` of the OpenStack cloud controller, `--cluster` of Cinder's CSI
driver) and write it into everything; no owner's mark. So this is a stack's only where no other stack of the project
has a cluster of that name.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from openstack.connection import Connection

from cecf.cloud import balancers
from cecf.cloud.owned import GONE_TIMEOUT, OWNER_KEY, Kind, Owned, items, remove_volume
from cecf.plan import names

CLUSTER_KEY = "cinder.csi.openstack.org/cluster"
"""The metadata key that Cinder's CSI driver gives its volumes and snapshots."""


def made_inside(cloud: Connection, cluster: str) -> Iterator[Owned]:
    """Yield what the controllers of a cluster have made in the project, in an order in which it can be removed."""
    for kind in KINDS_INSIDE:
        yield from items(kind, kind.find(cloud, cluster))


def others_of_that_name(cloud: Connection, owner: str, cluster: str) -> bool:
    """Tell whether another stack of the project has a cluster of the same name."""
    first = names.node(cluster, names.CONTROL_PLANE, 0).removesuffix("0")
    return any(
        server.name.startswith(first) and server.metadata.get(OWNER_KEY, owner) != owner
        for server in cloud.compute.servers()
    )


def _floating_ips(cloud: Connection, cluster: str, **_query: Any) -> Iterator[Any]:
    return _said(cloud.network.ips, cloud, "Floating IP for Kubernetes external service ", f" from cluster {cluster}")


def security_groups(cloud: Connection, cluster: str, **_query: Any) -> Iterator[Any]:
    """Yield the groups of the load balancers that a cluster's cloud controller has made."""
    end = f" Service LoadBalancer in cluster {cluster}"
    return _said(cloud.network.security_groups, cloud, "Security Group for ", end)


def _said(list_all: Any, cloud: Connection, begin: str, end: str) -> Iterator[Any]:
    """Find by how descriptions begin and end, in the credential's own project."""
    found = list_all(project_id=cloud.current_project_id)
    return (each for each in found if (each.description or "").startswith(begin) and each.description.endswith(end))


def _load_balancers(cloud: Connection, cluster: str, **_query: Any) -> Iterator[Any]:
    # A cluster's name has no underscore, so this is the begin of no other's.
    prefix = f"kube_service_{cluster}_"
    return (each for each in balancers.of_project(cloud) if each.name.startswith(prefix))


def _claimed(found: Iterable[Any], cluster: str) -> Iterator[Any]:
    return (each for each in found if (each.metadata or {}).get(CLUSTER_KEY) == cluster)


def _remove_snapshot(cloud: Connection, snapshot: Any) -> None:
    cloud.block_storage.delete_snapshot(snapshot)
    cloud.block_storage.wait_for_delete(snapshot, interval=1, wait=GONE_TIMEOUT)


KINDS_INSIDE = (
    Kind(noun="floating IP", find=_floating_ips, remove=lambda cloud, found: cloud.network.delete_ip(found)),
    Kind(noun="load balancer", find=_load_balancers, remove=balancers.remove_load_balancer),
    Kind(
        noun="security group",
        find=security_groups,
        remove=lambda cloud, found: cloud.network.delete_security_group(found),
    ),
    Kind(
        noun="volume snapshot",
        find=lambda cloud, cluster, **_query: _claimed(cloud.block_storage.snapshots(), cluster),
        remove=_remove_snapshot,
    ),
    Kind(
        noun="volume",
        find=lambda cloud, cluster, **_query: _claimed(cloud.block_storage.volumes(), cluster),
        remove=remove_volume,
    ),
)
"""Every kind, dependents first; a volume waits until no server has it."""
