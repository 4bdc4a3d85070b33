"""The tables of what a fresh cloud holds."""

import ipaddress

import pytest

from cecf.versions import LAB_RELEASES
from lab.openstack.seed_data import EXTERNAL_NETWORK, FLAVORS, IMAGES, NODE_IMAGES, PROJECTS, QUOTAS


def test_every_project_has_quotas() -> None:
    """No business lives on the services' defaults."""
    assert set(QUOTAS) == set(PROJECTS)


@pytest.mark.parametrize("project", PROJECTS)
def test_quotas_are_explicit_and_fit_together(project: str) -> None:
    """Nothing is unlimited, and as many servers as allowed find cores, memory and ports."""
    quotas = QUOTAS[project]
    assert all(limit > 0 for limits in quotas.values() for limit in limits.values())
    compute, network = quotas["compute"], quotas["network"]
    smallest = min(FLAVORS, key=lambda flavor: flavor.ram_mib)
    assert compute["instances"] * smallest.vcpus <= compute["cores"]
    assert compute["instances"] * smallest.ram_mib <= compute["ram"]
    assert compute["instances"] <= network["ports"]
    assert compute["server_group_members"] == 10


@pytest.mark.parametrize("names", [[flavor.name for flavor in FLAVORS], [image.name for image in IMAGES]])
def test_names_are_unique(names: list[str]) -> None:
    """Names are how everybody finds them."""
    assert len(names) == len(set(names))


def test_there_is_an_image_of_every_release_of_the_lab() -> None:
    """They are written out there."""
    assert [image.name for image in NODE_IMAGES] == [release.node_image for release in LAB_RELEASES]
    assert [image.properties["cecf_kubernetes_version"] for image in NODE_IMAGES] == [r.minor for r in LAB_RELEASES]


def test_external_network_holds_its_addresses() -> None:
    """The range is a network, not an address in one."""
    assert ipaddress.ip_network(EXTERNAL_NETWORK[1]).num_addresses == 4096
