"""What is decided for the kernel, without a kernel."""

import random
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

import hypothesis
from hypothesis import strategies as st

from lab.fabric.desired import GATE_TAP, HOST_TAP, Fabric, fabric, mark
from lab.fabric.links import bridge, tap
from lab.fabric.model import Route
from lab.fabric.parse import parse
from tests.fabric.objects import EVERYTHING_OUT, Objects, ingress


def town(**router: Any) -> Objects:
    """Give a network behind a router, with two servers."""
    made = Objects()
    made.network("public", "198.51.100.0/24", mtu=1500)
    made.network("net", "10.0.0.0/24", segment=7)
    made.group("web", EVERYTHING_OUT, ingress("tcp", (80, 80)))
    made.router("router", {"net": "10.0.0.1"}, ("public", "198.51.100.9"), **router)
    made.port("one", "net", "10.0.0.5", "web")
    made.port("two", "net", "10.0.0.6", "web")
    made.floating_ip("198.51.100.20", "router", "10.0.0.5")
    return made


def decide(made: Objects, *ports: str) -> Fabric:
    """Decide for these ports' machines."""
    cloud, problems = parse(made.raw)
    assert problems == ()
    networks = {port["id"]: port["network_id"] for port in made.raw["ports"]}
    return fabric(cloud, {made.id(port): bridge(networks[made.id(port)]) for port in ports})


def test_without_machines_there_is_nothing_but_a_closed_door() -> None:
    decided = decide(town())
    assert (decided.bridges, decided.live, decided.routers, decided.host) == ({}, (), (), None)
    assert "policy drop" in decided.ruleset


def test_a_machine_brings_its_network_its_router_and_the_outside() -> None:
    made = town()
    decided = decide(made, "one")
    assert decided.bridges == {bridge(made.id("net")): 1450, bridge(made.id("public")): 1500}
    assert decided.live == (tap(made.id("one")),)
    assert [plan.namespace for plan in decided.routers] == [f"qrouter-{made.id('router')}"]
    assert decided.host
    assert decided.host.address == IPv4Address("198.51.100.254")
    assert [str(address) for address in decided.host.reached] == ["198.51.100.9", "198.51.100.20"]


def test_a_router_without_machines_is_not_made() -> None:
    made = town()
    made.network("idle", "10.5.0.0/24", segment=9)
    made.router("idle-router", {"idle": "10.5.0.1"}, ("public", "198.51.100.10"))
    made.port("fake", "idle", "10.5.0.5", "web")
    assert [plan.id for plan in decide(made, "one").routers] == [made.id("router")]


def test_a_router_has_its_addresses_its_routes_and_the_way_out() -> None:
    made = town(routes=[{"destination": "10.9.0.0/16", "nexthop": "10.0.0.5"}])
    (plan,) = decide(made, "one").routers
    outside = next(each for each in plan.interfaces if each.name.startswith("qg-"))
    assert outside.addresses == (IPv4Interface("198.51.100.9/24"), IPv4Interface("198.51.100.20/32"))
    assert [(str(route.destination), str(route.via)) for route in plan.routes] == [
        ("0.0.0.0/0", "198.51.100.1"),
        ("10.9.0.0/16", "10.0.0.5"),
    ]
    assert "dnat to ip daddr map { 198.51.100.20 : 10.0.0.5 }" in plan.ruleset


def test_a_default_route_of_the_routers_own_replaces_the_networks() -> None:
    made = town(routes=[{"destination": "0.0.0.0/0", "nexthop": "10.0.0.5"}])
    (plan,) = decide(made, "one").routers
    assert [str(route.via) for route in plan.routes if route.destination == IPv4Network("0.0.0.0/0")] == ["10.0.0.5"]
    assert all(isinstance(route, Route) for route in plan.routes)


def test_a_router_that_is_shut_down_is_not_there() -> None:
    made = town(admin_state_up=False)
    assert decide(made, "one").routers == ()


def test_a_port_that_is_shut_down_stays_dead() -> None:
    made = town()
    made.raw["ports"][-1]["admin_state_up"] = False
    decided = decide(made, "one", "two")
    assert decided.live == (tap(made.id("one")),)
    assert decided.problems == ()


def test_a_cable_without_a_port_or_in_the_wrong_network_stays_dead_and_is_named() -> None:
    made = town()
    cloud, _ = parse(made.raw)
    decided = fabric(cloud, {made.id("one"): "brqwrong", made.id("nobody"): bridge(made.id("net"))})
    assert decided.live == ()
    assert len(decided.problems) == 2
    assert all("stays dead" in problem for problem in decided.problems)


def test_two_ports_with_one_mark_are_not_both_let_in() -> None:
    made = town()
    for name in ("one", "two"):
        port = next(each for each in made.raw["ports"] if each["id"] == made.id(name))
        port["id"] = f"abcdef01-{made.id(name)[9:]}"
    ids = [port["id"] for port in made.raw["ports"][-2:]]
    cloud, _ = parse(made.raw)
    decided = fabric(cloud, dict.fromkeys(ids, bridge(made.id("net"))))
    assert len(decided.live) == len(decided.problems) == 1


def test_a_network_keeps_its_conntrack_zone_while_others_come_and_go() -> None:
    made = town()
    made.network("more", "10.6.0.0/24", segment=3)
    made.port("there", "more", "10.6.0.5", "web")
    alone, both = decide(made, "one").ruleset, decide(made, "one", "there").ruleset
    zone = f'iifname "{bridge(made.id("net"))}" ct zone set 7'
    assert zone in alone
    assert zone in both


def test_a_port_without_port_security_has_no_rules() -> None:
    made = town()
    made.raw["ports"][-1]["port_security_enabled"] = False
    decided = decide(made, "one", "two")
    assert f"from-{tap(made.id('two'))}" not in decided.ruleset
    assert f'"{tap(made.id("two"))}" : goto from-any' in decided.ruleset


def test_the_machine_takes_no_new_connection() -> None:
    lines = decide(town(), "one").ruleset.splitlines()
    at = lines.index(f"  chain ingress-{HOST_TAP} {{")
    assert lines[at + 1 : at + 3] == ["    drop", "  }"]


def test_an_address_that_neutron_gives_away_is_not_the_machines() -> None:
    made = town()
    made.floating_ip("198.51.100.254", "router", "10.0.0.6")
    host = decide(made, "one").host
    assert host
    assert host.address == IPv4Address("198.51.100.253")


def test_the_gate_is_at_the_address_of_the_external_networks_gateway() -> None:
    gate = decide(town(), "one").gate
    assert gate
    assert gate.address == IPv4Interface("198.51.100.1/24")


def test_without_a_way_out_there_is_no_gate() -> None:
    made = town()
    made.raw["routers"][0]["admin_state_up"] = False
    assert decide(made, "one").gate is None
    assert f'"{GATE_TAP}"' not in decide(made, "one").ruleset


def test_a_gateway_that_a_router_has_is_not_the_gates() -> None:
    made = town()
    made.floating_ip("198.51.100.1", "router", "10.0.0.6")
    assert decide(made, "one").gate is None


def test_marks_are_told_apart_by_the_taps_name_alone() -> None:
    made = town()
    assert f"{mark(made.id('one')):08x}" == tap(made.id("one"))[3:11]


@hypothesis.given(st.randoms(use_true_random=False))
def test_the_order_in_which_neutron_lists_things_changes_nothing(shuffler: random.Random) -> None:
    made = town()
    before = decide(made, "one", "two")
    for each in made.raw.values():
        shuffler.shuffle(each)
    for group in made.raw["security_groups"]:
        shuffler.shuffle(group["security_group_rules"])
    assert decide(made, "two", "one") == before
