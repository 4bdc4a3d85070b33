"""Rules as text: what a group's rule becomes, and that nftables takes whatever is decided."""

import os
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

import hypothesis
import pytest
from hypothesis import strategies as st

from lab.fabric import filters, kernel, links
from lab.fabric.filters import Guarded
from lab.fabric.model import Cloud, Fixed, Pair, Port, Rule
from tests.fabric.bench import missing

GROUP = "11111111-1111-1111-1111-111111111111"
OTHER = "22222222-2222-2222-2222-222222222222"
MAC = "fa:16:3e:00:00:01"

NETWORKS = st.builds(
    lambda address, length: IPv4Network((address, length), strict=False), st.integers(0, 2**32 - 1), st.integers(0, 32)
)
RULES = st.builds(
    Rule,
    group=st.just(GROUP),
    ingress=st.booleans(),
    protocol=st.none() | st.sampled_from([1, 2, 6, 17, 47, 112, 132, 136, 255]),
    low=st.none() | st.integers(0, 255),
    high=st.none() | st.integers(0, 255),
    prefix=st.none() | NETWORKS,
    remote_group=st.sampled_from(["", GROUP, OTHER]),
    remote_addresses=st.sampled_from(["", OTHER]),
)
PAIRS = st.builds(Pair, NETWORKS, st.sampled_from([MAC, "fa:16:3e:00:00:02"]))


def line(**fields: object) -> str:
    """Write the only rule of a group whose only member is guarded."""
    rule = Rule(GROUP, ingress=True, **fields)  # type: ignore[arg-type]
    text = filters.ruleset(Cloud(rules={"rule": rule}), [Guarded("tap", 5, (), (GROUP,))], [], {})
    return text.split(f"chain ingress-{GROUP} {{")[1].split("}")[0].strip()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "accept"),
        ({"protocol": 6, "low": 80, "high": 90}, "meta l4proto 6 th dport 80-90 accept"),
        ({"protocol": 17, "low": 53, "high": 53}, "meta l4proto 17 th dport 53 accept"),
        ({"protocol": 17, "low": 0, "high": 0}, "meta l4proto 17 th dport 0 accept"),
        ({"protocol": 112}, "meta l4proto 112 accept"),
        # Protocols without ports have none, whatever the rule says.
        ({"protocol": 112, "low": 1, "high": 2}, "meta l4proto 112 accept"),
        ({"protocol": 1, "low": 8, "high": 0}, "meta l4proto 1 icmp type 8 icmp code 0 accept"),
        ({"protocol": 1, "low": 3}, "meta l4proto 1 icmp type 3 accept"),
        ({"prefix": IPv4Network("10.0.0.0/8")}, "ip saddr 10.0.0.0/8 accept"),
        ({"prefix": IPv4Network("0.0.0.0/0")}, "accept"),
        ({"remote_group": OTHER}, f"ip saddr @members-{OTHER} accept"),
    ],
)
def test_a_rule_becomes_one_line(fields: dict[str, object], expected: str) -> None:
    assert line(**fields) == expected


def test_a_groups_members_are_its_ports_addresses_and_pairs() -> None:
    fixed = (Fixed("subnet", IPv4Address("10.0.0.5")),)
    port = Port("id", "net", MAC, fixed, (Pair(IPv4Network("10.0.0.100"), MAC),), (OTHER,))
    stranger = Port("id2", "net", MAC, (Fixed("subnet", IPv4Address("10.0.0.7")),), (), (GROUP,))
    cloud = Cloud(ports={"1": port, "2": stranger}, rules={"r": Rule(GROUP, ingress=True, remote_group=OTHER)})
    text = filters.ruleset(cloud, [Guarded("tap", 5, (), (GROUP,))], [], {})
    assert "elements = { 10.0.0.5/32, 10.0.0.100/32 }" in text


def test_a_port_without_groups_hears_and_says_nothing_new() -> None:
    text = filters.ruleset(Cloud(), [Guarded("tapx", 5, (Pair(IPv4Network("10.0.0.5"), MAC),))], [], {})
    for direction in ("egress", "ingress"):
        assert f"chain {direction}-tapx {{\n    drop\n  }}" in text


@hypothesis.given(st.lists(PAIRS, max_size=4), st.lists(PAIRS, max_size=4))
def test_a_ports_chain_names_its_own_senders_and_nobody_elses(mine: list[Pair], theirs: list[Pair]) -> None:
    both = [Guarded("tapmine", 5, tuple(mine)), Guarded("taptheirs", 6, tuple(theirs))]
    alone = filters.ruleset(Cloud(), both[:1], [], {})
    together = filters.ruleset(Cloud(), both, [], {})
    chains = [text.split("chain from-tapmine {")[1].split("\n  }")[0] for text in (alone, together)]
    assert chains[0] == chains[1]
    assert all(pair.mac in chains[0] for pair in mine)


@pytest.fixture(scope="module")
def empty() -> Iterator[str]:
    """Give a namespace to try rules in."""
    if reason := missing():
        pytest.skip(reason)
    name = f"cecf-test-rules-{os.getpid()}"
    links.run("ip", "netns", "add", name, may_fail=True)
    yield name
    links.run("ip", "netns", "delete", name, may_fail=True)


@hypothesis.settings(max_examples=25)
@hypothesis.given(st.lists(RULES, max_size=6), st.lists(PAIRS, max_size=4), st.lists(NETWORKS, max_size=4))
def test_nftables_takes_every_ruleset(
    empty: str, rules: list[Rule], pairs: list[Pair], addresses: list[IPv4Network]
) -> None:
    member = Port("id", "net", MAC, (), tuple(pairs), (OTHER,))
    cloud = Cloud(
        ports={"1": member},
        rules={str(number): rule for number, rule in enumerate(rules)},
        address_groups={OTHER: tuple(addresses)},
    )
    guarded = [Guarded("tapaaaa", 5, tuple(pairs), (GROUP,)), Guarded("tapbbbb", 0xFFFFFFFF, tuple(pairs), (GROUP,))]
    text = filters.ruleset(cloud, guarded, ["tapcccc"], {"brqdddd": 65535})
    kernel._nft(empty, "-c", "-f", "-", text=text)
