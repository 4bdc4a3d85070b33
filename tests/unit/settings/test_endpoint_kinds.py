"""The three kinds of endpoint: each has what it needs, and is told nothing that it would ignore."""

from typing import Any

import pytest

from cecf.settings import ApiEndpointSettings, load_settings, read_profile
from tests.helpers import clusters
from tests.helpers.settings_cases import mended, problem, problems

PATH = "cluster.control_plane.endpoint"
OUTSIDE = {"kind": "external", "address": "api.example.org"}


def layer(**endpoint: Any) -> dict[str, Any]:
    """Return dev's layer with changes to the endpoint."""
    return clusters.layer("dev", {"control_plane": {"endpoint": endpoint}})


def endpoint(**values: Any) -> ApiEndpointSettings:
    """Return dev's endpoint with changes."""
    return load_settings(layer(**values), read_profile("dev")).settings.cluster.control_plane.endpoint


def test_the_control_planes_themselves_answer_unless_it_is_said() -> None:
    assert endpoint().kind == "virtual_address"


@pytest.mark.parametrize("kind", ["octavia", "Load_Balancer", ""])
def test_another_kind_is_refused(kind: str) -> None:
    assert problem(layer(kind=kind)).path == f"{PATH}.kind"


@pytest.mark.parametrize(
    "address", ["192.0.2.10", "api.example.org", "api", "k8s-1.example.org", "a.b.c.d.e", "xn--bcher-kva.example"]
)
def test_an_address_is_ipv4_or_a_name(address: str) -> None:
    assert endpoint(kind="external", address=address).address == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "192.0.2.256",
        "192.0.2",
        "10",
        "2001:db8::1",
        "API.example.org",
        "api_1.example.org",
        "-api.example.org",
        "https://api.example.org",
        "api.example.org:6443",
        "api.example.org.",
        "localhost",
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 (refused)
        "224.0.0.18",
        f"{'a' * 64}.example.org",
        ".".join(["a" * 50] * 6),
    ],
)
def test_what_is_neither_is_refused_without_being_repeated(address: str) -> None:
    found = problem(layer(kind="external", address=address))
    assert found.path == f"{PATH}.address"
    assert "an IPv4 address or a DNS name" in found.what


def test_somebody_else_s_endpoint_has_an_address() -> None:
    found = problem(layer(kind="external"))
    assert (found.path, found.what) == (f"{PATH}.address", "is required")


def test_nobody_else_s_has_one() -> None:
    for kind in ("virtual_address", "load_balancer"):
        found = problem(layer(kind=kind, address="192.0.2.10"))
        assert (found.path, found.what) == (f"{PATH}.address", f"cannot be chosen for kind '{kind}'")
        assert load_settings(mended(layer(kind=kind, address="192.0.2.10"), found.mend), read_profile("dev"))


def test_no_floating_ip_leads_to_somebody_else_s_endpoint() -> None:
    wrong = layer(**OUTSIDE, access="floating_ip", allowed_cidrs=["192.0.2.0/24"])
    found = problem(wrong)
    assert (found.path, found.what) == (f"{PATH}.access", "'floating_ip' is not possible")
    assert load_settings(mended(wrong, found.mend), read_profile("dev"))


@pytest.mark.parametrize("access", ["internal", "none"])
def test_somebody_else_s_endpoint_is_reached_by_its_address_or_not_at_all(access: str) -> None:
    assert endpoint(**OUTSIDE, access=access, allowed_cidrs=["192.0.2.0/24"]).access == access


@pytest.mark.parametrize("change", [{"kind": "load_balancer"}, OUTSIDE])
def test_6443_is_free_where_the_servers_themselves_do_not_answer(change: dict[str, Any]) -> None:
    assert endpoint(**change, port=6443).port == 6443


@pytest.mark.parametrize(
    ("address", "within"), [("10.244.3.4", "network.pod_cidr 10.244.0.0/16"), ("10.96.0.1", "network.service_cidr")]
)
def test_an_address_among_pods_or_services_is_refused(address: str, within: str) -> None:
    found = problem(layer(kind="external", address=address))
    assert found.path == f"{PATH}.address"
    assert within in found.what


@pytest.mark.parametrize("other", [{}, OUTSIDE])
def test_what_octavia_is_asked_for_is_refused_where_it_is_not_asked(other: dict[str, Any]) -> None:
    found = problem(layer(**other, load_balancer={"provider": "ovn"}))
    assert found.path == f"{PATH}.load_balancer"
    assert "it would change nothing" in found.why


def test_a_command_mends_it() -> None:
    wrong = layer(load_balancer={"provider": "ovn"})
    found = mended(wrong, problem(wrong).mend)
    assert load_settings(found, read_profile("dev")).settings.cluster.control_plane.endpoint.kind == "load_balancer"


@pytest.mark.parametrize(
    ("given", "algorithm", "probe"),
    [
        ({}, "LEAST_CONNECTIONS", "HTTPS"),
        ({"provider": "ovn"}, "SOURCE_IP_PORT", "TCP"),
        ({"provider": "vendor"}, "LEAST_CONNECTIONS", "HTTPS"),
        ({"algorithm": "ROUND_ROBIN", "health_monitor": "TCP"}, "ROUND_ROBIN", "TCP"),
    ],
)
def test_each_provider_gets_what_it_can_do(given: dict[str, str], algorithm: str, probe: str) -> None:
    found = endpoint(kind="load_balancer", load_balancer=given).load_balancer
    assert (found.chosen_algorithm, found.chosen_probe) == (algorithm, probe)


def test_what_ovn_cannot_do_is_refused_all_at_once() -> None:
    wanted = {
        "provider": "ovn",
        "flavor": "standby",
        "availability_zone": "room1",
        "algorithm": "ROUND_ROBIN",
        "health_monitor": "HTTPS",
    }
    wrong = layer(kind="load_balancer", load_balancer=wanted)
    found = problems(wrong)
    assert [p.path for p in found] == [f"{PATH}.load_balancer.{name}" for name in list(wanted)[1:]]
    for each in found:
        wrong = mended(wrong, each.mend)
    assert load_settings(wrong, read_profile("dev"))


def test_what_only_ovn_can_do_is_refused_of_others() -> None:
    found = problem(layer(kind="load_balancer", load_balancer={"algorithm": "SOURCE_IP_PORT"}))
    assert found.path == f"{PATH}.load_balancer.algorithm"
