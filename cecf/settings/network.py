"""Where the nodes live and how pods and services are numbered."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field

from cecf.problems import Problem, config_set
from cecf.settings.base import Model
from cecf.settings.types import Name

MINIMUM_NODE_ADDRESSES = 64
"""Addresses. A quarter is reserved for the endpoint, control planes and etcd; the rest is for workers."""

MINIMUM_RESERVED_ADDRESSES = 16
"""Addresses: one endpoint, five control planes and five etcd servers, on a CIDR boundary."""

RESERVED_WITH_EVENTS = 32
"""Addresses: five more servers, for the etcd of Events."""

MINIMUM_SERVICE_ADDRESSES = 256
"""Addresses. The range cannot be changed later."""


class CreatedNetwork(Model):
    """A network of the cluster's own, with a router to the outside."""

    kind: Literal["create"] = "create"
    """`create`: the stack makes and owns the network."""
    cidr: IPv4Network = IPv4Network("10.10.0.0/24")
    """Addresses of the nodes; the first quarter is reserved for fixed addresses, the rest is for workers."""
    external_network: Name = "public"
    """The external network that the router leads to."""
    dns_servers: tuple[IPv4Address, ...] = ()
    """Resolvers of the nodes; empty: the cloud's own."""
    mtu: Annotated[int, Field(ge=1280, le=9216)] | None = None
    """Bytes; empty: what the cloud gives to the network's type."""

    def problems(self) -> Iterable[Problem]:
        """Refuse a network in which the fixed addresses and one pool of workers do not fit."""
        if self.cidr.num_addresses < MINIMUM_NODE_ADDRESSES:
            yield Problem(
                path="cidr",
                what=f"{self.cidr} has {self.cidr.num_addresses} addresses, at least "
                f"{MINIMUM_NODE_ADDRESSES} are needed",
                why="a quarter is reserved for the endpoint, control planes and etcd",
                mend=config_set("cluster.network.nodes.cidr", self.cidr.supernet(new_prefix=26)),
            )

    @property
    def reserved(self) -> IPv4Network:
        """The first quarter: addresses that the plan hands out itself."""
        return next(self.cidr.subnets(prefixlen_diff=2))


class ExistingNetwork(Model):
    """A network that somebody else owns; the stack only puts ports into it."""

    kind: Literal["existing"]
    """`existing`: the network is found by name and never changed."""
    network: Name
    """The network's name."""
    subnet: Name
    """The subnet's name."""
    cidr: IPv4Network
    """The subnet's addresses, as the cloud has them: checked against it before anything is created."""
    reserved: IPv4Network
    """The part of `cidr` that its owner keeps free for this cluster's fixed addresses."""

    def problems(self) -> Iterable[Problem]:
        """Refuse a reserved range that lies outside the subnet or is too small."""
        path = "cluster.network.nodes.reserved"
        if not self.reserved.subnet_of(self.cidr):
            yield Problem(
                path="reserved",
                what=f"{self.reserved} is not part of {self.cidr}",
                why="ports could not get addresses from it",
                mend=config_set(path, f"{self.cidr.network_address}/28"),
            )
        if self.reserved.num_addresses < MINIMUM_RESERVED_ADDRESSES:
            yield Problem(
                path="reserved",
                what=f"{self.reserved} has {self.reserved.num_addresses} addresses, at least "
                f"{MINIMUM_RESERVED_ADDRESSES} are needed",
                why="the endpoint, control planes and etcd have fixed addresses",
                mend=config_set(path, self.reserved.supernet(new_prefix=28)),
            )


NodeNetwork = Annotated[CreatedNetwork | ExistingNetwork, Field(discriminator="kind")]


class NetworkSettings(Model):
    """The three address ranges of a cluster, which must not overlap."""

    nodes: NodeNetwork = CreatedNetwork()
    """The network of the servers: created, or existing and shared."""
    pod_cidr: IPv4Network = IPv4Network("10.244.0.0/16")
    """Addresses of pods; a /24 a node, so /16 is enough for 256 nodes."""
    service_cidr: IPv4Network = IPv4Network("10.96.0.0/16")
    """Virtual addresses of Services."""

    def problems(self) -> Iterable[Problem]:
        """Refuse ranges that overlap, and one for Services that is too small."""
        if self.service_cidr.num_addresses < MINIMUM_SERVICE_ADDRESSES:
            yield Problem(
                path="service_cidr",
                what=f"{self.service_cidr} has {self.service_cidr.num_addresses} addresses, at least "
                f"{MINIMUM_SERVICE_ADDRESSES} are needed",
                why="each Service takes one, and the tenth is the cluster's DNS",
                mend=config_set("cluster.network.service_cidr", self.service_cidr.supernet(new_prefix=24)),
            )
        ranges = {"nodes.cidr": self.nodes.cidr, "pod_cidr": self.pod_cidr, "service_cidr": self.service_cidr}
        for (first, one), (second, other) in combinations(ranges.items(), 2):
            if one.overlaps(other):
                yield Problem(
                    path=second,
                    what=f"{other} overlaps {first} {one}",
                    why="packets for one would be routed to the other",
                    mend=config_set(f"cluster.network.{second}", "<a-range-of-its-own>"),
                    rests_on=(first,),
                )
