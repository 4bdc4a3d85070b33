"""The businesses: how many nodes, how isolated, and nothing that one shares with another."""

from importlib import import_module
from ipaddress import IPv4Network
from itertools import combinations

import pytest

from cecf.plan import Role
from cecf.settings import businesses, read_profile
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
    networks: list[IPv4Network] = [clusters.settings(name).cluster.network.nodes.cidr for name in businesses()]
    assert [(one, other) for one, other in combinations(networks, 2) if one.overlaps(other)] == []


def test_no_two_businesses_have_a_name_in_common() -> None:
    names = [{node.name for node in clusters.plan(business).nodes} for business in businesses()]
    assert [one & other for one, other in combinations(names, 2) if one & other] == []


def test_a_business_with_several_servers_survives_the_loss_of_a_zone() -> None:
    for business in businesses():
        zones = [node.zone for node in clusters.plan(business).control_plane.nodes]
        lost = max(zones.count(zone) for zone in zones)
        assert len(zones) == 1 or len(zones) - lost > len(zones) // 2


def test_what_has_a_profile_has_a_composition() -> None:
    modules = {file.stem for file in (clusters.ROOT / "stacks").glob("*.py")} - {"__init__", "common"}
    assert modules == set(businesses())
    assert [name for name in modules if not callable(import_module(f"stacks.{name}").build)] == []


def test_a_profile_alone_holds_neither_business_nor_cloud() -> None:
    assert [business for business in businesses() if {"business", "cloud"} & read_profile(business).keys()] == []
