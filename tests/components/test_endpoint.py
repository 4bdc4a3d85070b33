"""The endpoint in its three forms, as the engine is told of it."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
import yaml

from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import Recording

OFFICE = "192.0.2.0/24"
PARTS = {
    "LoadBalancer": "dev-api",
    "Listener": "dev-api-listener",
    "Pool": "dev-api-pool",
    "Members": "dev-api-members",
    "Monitor": "dev-api-monitor",
}
"""By kind, in the order in which Octavia takes them."""


def endpoint(**values: Any) -> Mapping[str, Any]:
    """Return a change of the endpoint."""
    return {"control_plane": {"endpoint": {"allowed_cidrs": [OFFICE], **values}}}


@pytest.fixture(scope="module")
def balanced(build: Build) -> Recording:
    """Return dev behind a load balancer that a floating IP leads to."""
    return build("dev", endpoint(kind="load_balancer", port=6443, access="floating_ip"))


@pytest.fixture(scope="module")
def external(build: Build) -> Recording:
    """Return dev behind somebody else's endpoint."""
    return build("dev", endpoint(kind="external", address="api.example.org", port=443, access="internal"))


def test_a_load_balancer_is_exactly_these_parts(balanced: Recording) -> None:
    parent = balanced.one("ApiEndpoint", "dev-endpoint").urn
    below = {r.type.split(":")[-1]: r.name for r in balanced.registrations if r.parent == parent}
    assert below == {**PARTS, "FloatingIp": "dev-api-floating-ip"}


def test_it_is_asked_for_at_the_plan_s_address_and_in_the_nodes_subnet(balanced: Recording) -> None:
    assert balanced.one("LoadBalancer", "dev-api").inputs == {
        "name": "dev-api",
        "description": "cecf-stack:dev",
        "loadbalancerProvider": "amphora",
        "vipSubnetId": "dev-subnet-id",
        "vipAddress": "10.10.0.5",
    }


def test_its_flavor_and_zone_are_those_of_the_settings(build: Build) -> None:
    settings = endpoint(kind="load_balancer", load_balancer={"flavor": "standby", "availability_zone": "room1"})
    inputs = build("dev", settings).one("LoadBalancer", "dev-api").inputs
    assert (inputs["flavorId"], inputs["availabilityZone"]) == (clusters.CATALOG.load_balancer_flavor_id, "room1")


def test_the_listener_lets_in_nodes_and_who_is_named_and_waits_for_silent_watches(balanced: Recording) -> None:
    inputs = balanced.one("Listener", "dev-api-listener").inputs
    assert (inputs["protocol"], inputs["protocolPort"]) == ("TCP", 6443)
    assert inputs["allowedCidrs"] == ["10.10.0.0/24", OFFICE]
    assert inputs["timeoutClientData"] == inputs["timeoutMemberData"] == 900_000
    assert inputs["timeoutMemberConnect"] == 1_000


def test_all_members_are_one_resource_and_so_one_request(balanced: Recording) -> None:
    assert balanced.of("Member") == []
    members = balanced.one("Members", "dev-api-members").inputs["members"]
    assert members == [
        {
            "name": f"dev-control-plane-{ordinal}",
            "address": f"10.10.0.{5 + ordinal}",
            "protocolPort": 6443,
            "subnetId": "dev-subnet-id",
        }
        for ordinal in (1, 2, 3)
    ]


def test_members_wait_for_no_server_since_servers_wait_for_the_load_balancer(balanced: Recording) -> None:
    parts = {balanced.one(kind, name).urn for kind, name in PARTS.items()}
    for server in balanced.of("Instance"):
        assert parts <= balanced.all_dependencies(server)


def test_octavia_is_asked_for_one_thing_after_the_other(balanced: Recording) -> None:
    order = [balanced.one(kind, name) for kind, name in PARTS.items()]
    for earlier, later in pairwise(order):
        assert earlier.urn in later.dependencies


def test_the_monitor_asks_readyz(balanced: Recording) -> None:
    inputs = balanced.one("Monitor", "dev-api-monitor").inputs
    assert (inputs["type"], inputs["urlPath"], inputs["expectedCodes"]) == ("HTTPS", "/readyz", "200")


def test_a_monitor_that_opens_connections_only_has_no_path(build: Build) -> None:
    made = build("dev", endpoint(kind="load_balancer", load_balancer={"health_monitor": "TCP"}))
    inputs = made.one("Monitor", "dev-api-monitor").inputs
    assert inputs["type"] == "TCP"
    assert inputs.keys().isdisjoint({"urlPath", "expectedCodes", "httpMethod"})


def test_ovn_gets_neither_ranges_nor_times(build: Build) -> None:
    made = build("dev", endpoint(kind="load_balancer", load_balancer={"provider": "ovn"}))
    inputs = made.one("Listener", "dev-api-listener").inputs
    assert inputs.keys() == {"name", "description", "loadbalancerId", "protocol", "protocolPort"}


def test_what_octavia_could_not_build_is_made_anew_and_waited_for(balanced: Recording) -> None:
    for kind, name in PARTS.items():
        part = balanced.one(kind, name)
        assert "#initerror" in part.replace_on_changes
        assert (part.create_timeout, part.delete_timeout) == ("15m", "15m")
        assert part.before_create == ("cecf-clear-the-way",)


def test_the_floating_ip_leads_to_the_load_balancer_s_own_port(balanced: Recording) -> None:
    assert balanced.one("FloatingIp", "dev-api-floating-ip").inputs["portId"] == "port-of-the-load-balancer"
    assert balanced.exports["api_endpoint"] == f"https://{clusters.FLOATING_IP}:6443"
    assert known_as(balanced) == "10.10.0.5"


def known_as(recording: Recording) -> str:
    """Return the name under which the kubeconfig expects the API servers."""
    (cluster,) = yaml.safe_load(recording.exports["kubeconfig"])["clusters"]
    name: str = cluster["cluster"]["tls-server-name"]
    return name


def test_no_object_of_openstack_stands_for_somebody_else_s_endpoint(external: Recording) -> None:
    assert [r.name for r in external.objects if r.name.startswith("dev-api")] == []
    assert external.exports["api_endpoint"] == "https://api.example.org:443"
    assert known_as(external) == "api.example.org"


@pytest.mark.parametrize("kind", ["balanced", "external"])
def test_no_server_may_send_from_an_address_that_is_not_the_nodes(kind: str, request: pytest.FixtureRequest) -> None:
    recording: Recording = request.getfixturevalue(kind)
    assert [r.name for r in recording.of("Port") if r.inputs.get("allowedAddressPairs")] == []
