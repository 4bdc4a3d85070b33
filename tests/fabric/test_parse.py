"""Neutron's JSON is read as it is meant, and junk does no harm."""

from ipaddress import IPv4Address, IPv4Network

import hypothesis
import pytest
from hypothesis import strategies as st

from lab.fabric.desired import fabric
from lab.fabric.links import bridge
from lab.fabric.model import Fixed, Pair, Rule
from lab.fabric.parse import parse
from tests.fabric.objects import Json, Objects, ingress

COLLECTIONS = ("networks", "subnets", "ports", "routers", "floatingips", "security_groups", "address_groups")

JUNK = st.sampled_from(
    [
        None,
        True,
        -1,
        70000,
        3.5,
        "",
        "x",
        "10.0.0.5",
        "::1",
        'a"; }',
        [],
        [None],
        ["x"],
        {},
        {"id": 1},
        [{"ip_address": 0}],
    ]
)
NAMES = st.sampled_from(
    ["id", "cidr", "network_id", "mac_address", "fixed_ips", "routes", "mtu", "security_group_rules", "addresses"]
)


def objects() -> Objects:
    """Give a network with one port."""
    made = Objects()
    made.network("net", "10.0.0.0/24", segment=1)
    made.group("web", ingress("tcp", (80, 80)))
    made.port("server", "net", "10.0.0.5", "web", allowed_address_pairs=[{"ip_address": "10.0.0.100"}])
    return made


def rule(**fields: object) -> Rule:
    """Read one rule of a security group."""
    made = Objects()
    made.group("group", ingress() | fields)
    cloud, problems = parse(made.raw)
    assert problems == ()
    return cloud.rules[made.id("group/0")]


def test_a_port_may_speak_for_itself_and_its_pairs() -> None:
    made = objects()
    cloud, problems = parse(made.raw)
    port = cloud.ports[made.id("server")]
    assert problems == ()
    assert port.fixed == (Fixed(made.id("net-v4"), IPv4Address("10.0.0.5")),)
    assert port.senders == (
        Pair(IPv4Network("10.0.0.5"), port.mac),
        Pair(IPv4Network("10.0.0.100"), port.mac),
    )
    assert port.secure


@pytest.mark.parametrize(
    ("given", "number"),
    [("tcp", 6), ("VRRP", 112), ("112", 112), (112, 112), ("any", None), (None, None), ("0", None), ("sctp", 132)],
)
def test_a_protocol_has_a_name_or_a_number(given: object, number: int | None) -> None:
    assert rule(protocol=given).protocol == number


def test_a_rule_has_ports_and_whom_they_are_open_to() -> None:
    made = rule(protocol="udp", port_range_min=1, port_range_max=9, remote_ip_prefix="10.1.2.3/24")
    assert (made.low, made.high, made.prefix) == (1, 9, IPv4Network("10.1.2.0/24"))
    assert made.ingress


def test_what_is_of_ipv6_is_left_out_without_a_word() -> None:
    made = objects()
    made.group("six", ingress("tcp") | {"ethertype": "IPv6"})
    made.add("subnets", "six", network_id=made.id("net"), cidr="fd00::/64", gateway_ip="fd00::1")
    made.raw["ports"][0]["fixed_ips"].append({"subnet_id": made.id("six"), "ip_address": "fd00::5"})
    made.raw["ports"][0]["allowed_address_pairs"].append({"ip_address": "fd00::6"})
    cloud, problems = parse(made.raw)
    assert problems == ()
    assert made.id("six") not in cloud.subnets
    assert made.id("six/0") not in cloud.rules
    assert len(cloud.ports[made.id("server")].senders) == 2


@pytest.mark.parametrize(
    ("collection", "fields"),
    [
        ("ports", {"mac_address": "fa:16"}),
        ("ports", {"fixed_ips": [{"subnet_id": "x", "ip_address": "10.0.0.5"}]}),
        ("ports", {"allowed_address_pairs": [{"ip_address": "10.0.0.5; flush ruleset"}]}),
        ("ports", {"network_id": None}),
        ("networks", {"mtu": 70000}),
        ("networks", {"id": 'x"; }'}),
        ("subnets", {"cidr": "10.0.0.0/40"}),
    ],
)
def test_an_object_that_makes_no_sense_is_named_and_the_others_are_read(collection: str, fields: Json) -> None:
    made = objects()
    made.raw[collection].insert(0, made.raw[collection][0] | {"id": made.id("strange")} | fields)
    cloud, problems = parse(made.raw)
    assert len(problems) == 1
    assert problems[0].startswith(f"{collection} ")
    assert "\n" not in problems[0]
    assert {made.id("server")} == set(cloud.ports)


def test_a_strange_rule_opens_nothing() -> None:
    made = Objects()
    made.group("group", ingress("tcp", (80, 70000)), ingress("nonsense"), ingress("udp", (53, 53)))
    cloud, problems = parse(made.raw)
    assert set(cloud.rules) == {made.id("group/2")}
    assert len(problems) == 2


@hypothesis.given(
    st.dictionaries(st.sampled_from(COLLECTIONS), st.lists(JUNK | st.dictionaries(NAMES, JUNK), max_size=3))
)
def test_nothing_that_an_api_may_say_stops_it(raw: dict[str, list[Json]]) -> None:
    _, problems = parse(raw)
    assert all(isinstance(problem, str) for problem in problems)


@hypothesis.given(st.sampled_from(COLLECTIONS[:3]), st.data())
def test_one_field_of_junk_stops_neither_reading_nor_deciding(collection: str, data: st.DataObject) -> None:
    made = objects()
    plugged = {made.id("server"): bridge(made.id("net"))}
    one = made.raw[collection][0]
    one[data.draw(st.sampled_from(sorted(one)))] = data.draw(JUNK)
    cloud, _ = parse(made.raw)
    assert fabric(cloud, plugged).ruleset.startswith("table bridge cecf {")
