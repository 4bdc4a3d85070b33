"""Addresses: fixed ones are the plan's alone, all others Neutron's."""

from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given

from cecf.plan import Catalog, ClusterPlan, CreatedNetworkPlan, ExistingNetworkPlan, Role, plan_cluster
from cecf.settings import CreatedNetwork
from cecf.settings.network import RESERVED_WITH_EVENTS
from tests.helpers import clusters
from tests.helpers.strategies import CLUSTERS, CREATED, Cluster, plan_of, settings_of


def fixed(plan: ClusterPlan) -> list[IPv4Address]:
    """Return the addresses that the plan hands out itself."""
    return [plan.endpoint.address, *(node.address for node in plan.nodes if node.address)]


def created(cluster: Cluster) -> CreatedNetworkPlan:
    """Return the network that is created for a cluster."""
    network = plan_of(cluster).network
    assert isinstance(network, CreatedNetworkPlan)
    return network


@given(CLUSTERS)
def test_fixed_addresses_are_distinct_and_inside_the_reserved_range(cluster: Cluster) -> None:
    addresses, reserved = fixed(plan_of(cluster)), settings_of(cluster).network.nodes.reserved
    plan = plan_of(cluster)
    servers = len(plan.control_plane.nodes) + sum(len(pool.nodes) for pool in plan.etcd_pools)
    assert len(set(addresses)) == len(addresses) == servers + 1
    assert [address for address in addresses if address not in reserved] == []


@given(CREATED)
def test_neutron_never_hands_out_a_fixed_address_or_the_gateway(nodes: dict[str, Any]) -> None:
    etcd = {"topology": "external", "members": 5}
    cluster = {"name": "c", "zones": ["az1"], "network": {"nodes": nodes}, "control_plane": {"count": 5}, "etcd": etcd}
    if settings_of(cluster).network.nodes.reserved.num_addresses >= RESERVED_WITH_EVENTS:
        cluster["etcd"] = {**etcd, "events": {"members": 5}}
    network = created(cluster)
    taken = {*fixed(plan_of(cluster)), network.gateway}
    assert len(taken) == (17 if "events" in cluster["etcd"] else 12)
    assert [address for address in taken if network.pool_start <= address <= network.pool_end] == []


@given(CREATED)
def test_the_pool_is_what_is_left_of_the_network(nodes: dict[str, Any]) -> None:
    network = created({"name": "c", "zones": ["az1"], "network": {"nodes": nodes}})
    assert network.pool_start in network.cidr
    assert network.pool_end == network.cidr.broadcast_address - 1
    left = int(network.pool_end) - int(network.pool_start) + 2
    assert left * 4 == network.cidr.num_addresses * 3


@given(CREATED)
def test_the_reserved_range_is_the_first_quarter(nodes: dict[str, Any]) -> None:
    settings = settings_of({"name": "c", "zones": ["az1"], "network": {"nodes": nodes}}).network.nodes
    assert isinstance(settings, CreatedNetwork)
    assert settings.reserved.num_addresses * 4 == settings.cidr.num_addresses
    assert settings.reserved.network_address == settings.cidr.network_address


@given(CLUSTERS)
def test_everything_but_workers_has_a_fixed_address_and_members_of_etcd_alone_have_volumes(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    members = [node for etcd in plan.etcds for node in etcd.members]
    for node in plan.nodes:
        assert (node.address is not None, bool(node.volumes)) == (node.role is not Role.WORKER, node in members)


def test_another_number_of_control_planes_moves_nobody_s_address() -> None:
    one, five = (clusters.plan("dev", {"control_plane": {"count": count}}) for count in (1, 5))
    assert one.endpoint == five.endpoint
    assert one.control_plane.nodes == five.control_plane.nodes[:1]


ETCD = {"topology": "external", "members": 3, "events": {"members": 1}}


@pytest.mark.parametrize("change", [{"members": 5}, {"events": {"members": 5}}, {"wal_volume": {}}])
def test_another_etcd_moves_nobody_s_address(change: dict[str, Any]) -> None:
    before, after = (clusters.plan("dev", {"etcd": etcd}) for etcd in (ETCD, {**ETCD, **change}))
    assert {n.name: n.address for n in before.nodes}.items() <= {n.name: n.address for n in after.nodes}.items()
    assert str(before.etcd.members[0].address) == "10.10.0.11"
    assert before.events
    assert str(before.events.members[0].address) == "10.10.0.16"


def test_an_existing_network_is_named_by_its_ids() -> None:
    network = clusters.plan("smartcity").network
    assert isinstance(network, ExistingNetworkPlan)
    assert (network.network_id, network.subnet_id) == (clusters.CATALOG.network_id, clusters.CATALOG.subnet_id)


def test_the_endpoint_s_url_has_its_address_and_port() -> None:
    assert (
        clusters.plan("dev", {"control_plane": {"endpoint": {"port": 9443}}}).endpoint.url == "https://10.10.0.5:9443"
    )


@pytest.mark.parametrize("business", ["dev", "smartcity"])
def test_a_catalog_made_for_other_settings_is_refused(business: str) -> None:
    lacking = Catalog(image_id="i", flavors=clusters.FLAVORS)
    with pytest.raises(ValueError, match="made for other settings"):
        plan_cluster(clusters.settings(business).cluster, lacking)
