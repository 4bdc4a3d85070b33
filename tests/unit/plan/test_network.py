"""Addresses: fixed ones are the plan's alone, all others Neutron's."""

from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given

from cecf.plan import Catalog, ClusterPlan, CreatedNetworkPlan, ExistingNetworkPlan, plan_cluster
from cecf.settings import CreatedNetwork
from tests.helpers import clusters
from tests.helpers.strategies import CLUSTERS, CREATED, Cluster, plan_of, settings_of


def fixed(plan: ClusterPlan) -> list[IPv4Address]:
    """Return the addresses that the plan hands out itself."""
    return [IPv4Address(plan.endpoint.address), *(node.address for node in plan.nodes if node.address)]


def created(cluster: Cluster) -> CreatedNetworkPlan:
    """Return the network that is created for a cluster."""
    network = plan_of(cluster).network
    assert isinstance(network, CreatedNetworkPlan)
    return network


@given(CLUSTERS)
def test_fixed_addresses_are_distinct_and_inside_the_reserved_range(cluster: Cluster) -> None:
    addresses, reserved = fixed(plan_of(cluster)), settings_of(cluster).network.nodes.reserved
    assert len(set(addresses)) == len(addresses) == cluster["control_plane"]["count"] + 1
    assert [address for address in addresses if address not in reserved] == []


@given(CREATED)
def test_neutron_never_hands_out_a_fixed_address_or_the_gateway(nodes: dict[str, Any]) -> None:
    cluster = {"name": "c", "zones": ["az1"], "network": {"nodes": nodes}, "control_plane": {"count": 5}}
    network = created(cluster)
    taken = {*fixed(plan_of(cluster)), network.gateway}
    assert len(taken) == 7
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
def test_control_planes_alone_have_fixed_addresses_and_etcd_volumes(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    for node in plan.nodes:
        of_control_plane = node in plan.control_plane.nodes
        assert (node.address is not None, node.etcd_volume is not None) == (of_control_plane, of_control_plane)


def test_another_number_of_control_planes_moves_nobody_s_address() -> None:
    one, five = (clusters.plan("dev", {"control_plane": {"count": count}}) for count in (1, 5))
    assert one.endpoint == five.endpoint
    assert one.control_plane.nodes == five.control_plane.nodes[:1]


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
