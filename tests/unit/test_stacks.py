"""The businesses: how many nodes, how isolated, and nothing that one shares with another."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest

from cecf.plan import Role
from stacks import BUSINESSES
from tests.helpers import clusters

SHAPES = [("finance", 3, 0, "isolated"), ("bigdata", 1, 1, "isolated"), ("smartcity", 1, 0, "shared")]


@pytest.mark.parametrize(("business", "servers", "workers", "isolation"), SHAPES)
def test_a_business_has_the_nodes_and_the_isolation_that_it_was_promised(
    business: str, servers: int, workers: int, isolation: str
) -> None:
    roles = [node.role for node in clusters.plan(business).nodes]
    assert (roles.count(Role.CONTROL_PLANE), roles.count(Role.WORKER)) == (servers, workers)
    assert clusters.settings(business).isolation == isolation


def test_the_node_networks_of_two_businesses_do_not_overlap() -> None:
    networks: dict[str, IPv4Network] = {name: clusters.settings(name).cluster.network.nodes.cidr for name in BUSINESSES}
    assert [(a, b) for a, b in combinations(networks, 2) if networks[a].overlaps(networks[b])] == []


def test_no_two_businesses_have_a_name_in_common() -> None:
    names = [{node.name for node in clusters.plan(business).nodes} for business in BUSINESSES]
    assert [one & other for one, other in combinations(names, 2) if one & other] == []


def test_a_business_with_several_servers_survives_the_loss_of_a_zone() -> None:
    for business in BUSINESSES:
        zones = [node.zone for node in clusters.plan(business).control_plane.nodes]
        lost = max(zones.count(zone) for zone in zones)
        assert len(zones) == 1 or len(zones) - lost > len(zones) // 2


def test_a_profile_alone_holds_neither_business_nor_cloud() -> None:
    assert {business for business, found in BUSINESSES.items() if {"business", "cloud"} & found.profile.keys()} == set()
