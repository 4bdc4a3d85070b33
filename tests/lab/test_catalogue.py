"""What the service catalogue says, without a Keystone."""

from dataclasses import replace
from ipaddress import IPv4Network

from lab.openstack import catalogue
from lab.openstack.apis import APIS
from lab.openstack.seed_data import EXTERNAL_NETWORK
from lab.openstack.site import NODES_HOST, NODES_REGION, REGION, Site


def test_every_service_is_on_loopback_in_the_usual_region(site: Site) -> None:
    """Tools on this machine need no network of the lab's."""
    usual = [each for each in catalogue.endpoints(site) if each.region == REGION]
    assert {each.service for each in usual} == {*(api.service for api in APIS), "swift"}
    assert all(each.url.startswith("http://127.0.0.1:") for each in usual)


def test_servers_find_objects_and_nothing_else_in_their_region(site: Site) -> None:
    """A client without a region must never be led to an address that this machine has no way to."""
    theirs = [each for each in catalogue.endpoints(site) if each.region == NODES_REGION]
    assert [(each.kind, each.url) for each in theirs] == [
        ("object-store", f"http://{NODES_HOST}:8080/v1/AUTH_%(tenant_id)s")
    ]


def test_the_address_for_servers_is_what_neutron_makes_the_gateway() -> None:
    """Neutron takes the first address, and so does the fabric, which asks Neutron."""
    assert str(IPv4Network(EXTERNAL_NETWORK[1])[1]) == NODES_HOST


def test_a_second_lab_is_at_other_ports_for_its_servers_too(site: Site) -> None:
    """Whoever mixes two labs up gets no answer."""
    moved = replace(site, offset=10000)
    assert moved.url_for_nodes("keystone", "/v3") == f"http://{NODES_HOST}:15000/v3"
