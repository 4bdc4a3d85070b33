"""Which ranges of addresses are the world, which numbers of members may split in half, which images stay."""

from ipaddress import IPv4Network, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.rules import etcd, images, reach, tokens
from policy.rules.model import Resource, Rule
from tests.policy.conftest import alone


def breaks(rule: Rule, resource: Resource) -> bool:
    """Tell whether a resource breaks a rule."""
    return bool(list(rule.violations([resource], {})))


def opening(cidr: str, direction: str = "ingress") -> Resource:
    """Return a rule that lets a range in."""
    return alone(tokens.SECURITY_GROUP_RULE, direction=direction, protocol="tcp", remoteIpPrefix=cidr)


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_a_range_wider_than_a_slash_8_is_the_world(address: int, length: int) -> None:
    cidr = str(IPv4Network((address, length), strict=False))
    assert breaks(reach.RULES[0], opening(cidr)) == (length < 8)
    assert not breaks(reach.RULES[0], opening(cidr, "egress"))


@given(st.integers(0, 2**128 - 1), st.integers(0, 128))
def test_of_ipv6_a_range_wider_than_a_slash_16_is(address: int, length: int) -> None:
    assert breaks(reach.RULES[0], opening(str(IPv6Network((address, length), strict=False)))) == (length < 16)


@pytest.mark.parametrize("remote", ["remoteGroupId", "remoteAddressGroupId"])
def test_members_of_a_group_are_not_the_world(remote: str) -> None:
    rule = alone(tokens.SECURITY_GROUP_RULE, direction="ingress", remoteIpPrefix="", **{remote: "a-group"})
    assert not breaks(reach.RULES[0], rule)


def test_listeners_of_a_balancer_that_knows_no_ranges_are_left_to_the_security_groups() -> None:
    rule, listener = reach.RULES[1], alone(tokens.LISTENER, protocolPort=6443)
    for provider, broken in (("ovn", False), ("amphora", True), (None, True)):
        balancer = alone(tokens.LOAD_BALANCER, loadbalancerProvider=provider)
        assert bool(list(rule.violations([balancer, listener], {}))) == broken


@given(st.integers(1, 9))
def test_an_even_number_of_members_breaks_the_rule(members: int) -> None:
    stack = alone(tokens.STACK, etcd={"members": {f"node-{n}": "" for n in range(members)}, "events_members": {}})
    assert breaks(etcd.RULES[0], stack) == (members % 2 == 0)


@pytest.mark.parametrize(
    ("image", "pinned"),
    [
        ("coredns", False),
        ("coredns:latest", False),
        ("coredns:v1.12.1", True),
        ("registry:5000/coredns", False),
        ("registry:5000/coredns:v1.12.1", True),
        (f"registry:5000/coredns@sha256:{'0' * 64}", True),
        (f"coredns:latest@sha256:{'0' * 64}", True),
    ],
)
def test_an_image_is_pinned_by_a_version_or_a_digest(image: str, *, pinned: bool) -> None:
    pod = alone("kubernetes:core/v1:Pod", spec={"containers": [{"image": image}]})
    assert breaks(images.RULES[1], pod) != pinned


def test_volumes_outside_of_etcd_and_those_with_snapshots_may_be_of_any_type() -> None:
    inside = f"cecf:index:ElasticCluster${tokens.ETCD_CLUSTER}$"
    for name, within, broken in (("a-etcd", inside, True), ("a-backup", inside, False), ("b", "", False)):
        volume = alone(tokens.VOLUME, name=name, within=within, volumeType="hdd")
        assert breaks(etcd.RULES[1], volume) == broken
