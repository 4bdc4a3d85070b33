"""What a cluster takes of a project's quotas, object by object, and how much of that is still to come."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cecf.plan.cluster import ClusterPlan
from cecf.plan.endpoint import EndpointPlan
from cecf.plan.network import CreatedNetworkPlan
from cecf.plan.nodes import NodePlan, VolumePlan

Takes = Mapping[str, int]
"""Amounts by the quota's name as its service has it: `instances`, `ram` (MiB), `gigabytes_ssd` (GiB), `port`, ..."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """An object of a cluster that counts against quotas."""

    noun: str
    name: str
    """Empty for what has none in the cloud: a cluster has one of these at most."""
    sort: str = ""
    """Its flavor or its volume type, by which it is paid for."""
    takes: Takes = field(default_factory=dict)


def items(plan: ClusterPlan) -> tuple[Item, ...]:
    """Return what a cluster consists of, as far as quotas count it."""
    nodes = (item for node in plan.nodes for item in _of_node(node))
    groups = (
        Item(noun="server group", name=group.name, takes={"server_groups": 1})
        for pool in plan.pools
        for group in pool.groups
    )
    security = (
        Item(
            noun="security group",
            name=group.name,
            takes={"security_group": 1, "security_group_rule": len(group.rules)},
        )
        for group in plan.security_groups
    )
    return (*_of_network(plan), *_of_endpoint(plan.endpoint), *security, *groups, *nodes)


def to_come(planned: Iterable[Item], there: Iterable[Item]) -> Counter[str]:
    """Return what a run takes on top of what is there, at the most.

    New objects are made before those that nothing wants any more go, so these give nothing back in time. A server
    that is replaced goes first: of its flavor only what the new one has more of is to come.
    """
    held = {(item.noun, item.name): item.takes for item in there}
    total: Counter[str] = Counter()
    for item in planned:
        before = held.get((item.noun, item.name), {})
        for quota, amount in item.takes.items():
            total[quota] += max(0, amount - before.get(quota, 0))
    return +total


def largest(plan: ClusterPlan) -> dict[str, int]:
    """Return what quotas bound for each object by itself, not for all together: members of a group, GiB of a volume."""
    members = [len(group.nodes) for pool in plan.pools for group in pool.groups]
    sizes = [volume.size_gib for node in plan.nodes for volume in node.volumes]
    return {"server_group_members": max(members, default=0), "per_volume_gigabytes": max(sizes, default=0)}


def server(name: str, flavor: str, vcpus: int, ram_mib: int) -> Item:
    """Return a server, planned or there."""
    return Item(noun="server", name=name, sort=flavor, takes={"instances": 1, "cores": vcpus, "ram": ram_mib})


def volume(name: str, sort: str, size_gib: int) -> Item:
    """Return a volume, planned or there; Cinder counts it among all and among those of its type."""
    takes = {"volumes": 1, "gigabytes": size_gib}
    own = {f"volumes_{sort}": 1, f"gigabytes_{sort}": size_gib} if sort else {}
    return Item(noun="volume", name=name, sort=sort, takes={**takes, **own})


def load_balancer(name: str, members: int) -> Item:
    """Return a load balancer with its parts and the port of its address, planned or there."""
    parts = {"load_balancer": 1, "listener": 1, "pool": 1, "health_monitor": 1, "member": members}
    return Item(noun="load balancer", name=name, takes={**parts, "port": 1})


def _of_node(node: NodePlan) -> Iterator[Item]:
    yield server(node.name, node.flavor.name, node.flavor.vcpus, node.flavor.ram_mib)
    yield Item(noun="port", name=node.name, takes={"port": 1})
    yield from map(_of_volume, node.volumes)


def _of_volume(plan: VolumePlan) -> Item:
    return volume(plan.name, plan.type or "", plan.size_gib)


def _of_network(plan: ClusterPlan) -> Iterator[Item]:
    network = plan.network
    if isinstance(network, CreatedNetworkPlan):
        yield Item(noun="network", name=network.network, takes={"network": 1})
        yield Item(noun="subnet", name=network.subnet, takes={"subnet": 1})
        # A router leads into its subnet by a port.
        yield Item(noun="router", name=network.router, takes={"router": 1, "port": 1})


def _of_endpoint(plan: EndpointPlan) -> Iterator[Item]:
    if plan.on_nodes:
        yield Item(noun="port", name=plan.name, takes={"port": 1})
    if plan.load_balancer:
        yield load_balancer(plan.name, len(plan.load_balancer.members))
    if plan.external_network and plan.kind != "external":
        yield Item(noun="floating IP", name="", takes={"floatingip": 1})
