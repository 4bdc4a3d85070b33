"""Every bad input is refused where it stands, with the reason, and doing what the refusal says mends it."""

from typing import Any

import pytest

from cecf.problems import join_path
from cecf.settings import load_settings, read_profile
from tests.helpers import clusters
from tests.helpers.settings_cases import mended, problem, problems

EXISTING = {"kind": "existing", "network": "shared", "subnet": "shared-v4"}


def shared(cidr: str, reserved: str) -> dict[str, Any]:
    """Return smartcity's layer with another subnet."""
    return clusters.layer("smartcity", {"network": {"nodes": {"cidr": cidr, "reserved": reserved}}})


UNKNOWN = [
    pytest.param({"controlplane": {}}, "controlplane", "did you mean 'control_plane'?", id="in the cluster"),
    pytest.param(
        {"control_plane": {"flavour": "m1.large"}}, "control_plane.flavour", "did you mean 'flavor'?", id="in a part"
    ),
    pytest.param(
        {"worker_pools": {"general": {"conut": 3}}}, "worker_pools.general.conut", "did you mean 'count'?", id="pool"
    ),
    pytest.param(
        {"network": {"nodes": {"externel_network": "x"}}},
        "network.nodes.externel_network",
        "did you mean 'external_network'?",
        id="in an alternative",
    ),
    pytest.param({"zzz": 1}, "zzz", "", id="like no other"),
]


@pytest.mark.parametrize(("cluster", "path", "why"), UNKNOWN)
def test_an_unknown_key_is_refused_with_the_one_that_was_meant(cluster: dict[str, Any], path: str, why: str) -> None:
    layer = clusters.layer("dev", cluster)
    found = problem(layer)
    assert (found.path, found.what, found.why) == (f"cluster.{path}", "there is no such setting", why)
    assert load_settings(mended(layer, found.mend), read_profile("dev"))


def test_an_unknown_key_of_the_other_kind_of_network_is_unknown_in_this_one() -> None:
    found = problem(clusters.layer("dev", {"network": {"nodes": {"subnet": "x"}}}))
    assert found.path == "cluster.network.nodes.subnet"


def test_an_unknown_key_at_the_top_is_refused() -> None:
    layer = clusters.layer("dev", clowd="x")
    assert (problem(layer).path, problem(layer).why) == ("clowd", "did you mean 'cloud'?")


TYPES = [
    pytest.param({"control_plane": {"count": "3"}}, "control_plane.count", "integer", id="text for a count"),
    pytest.param({"control_plane": {"count": True}}, "control_plane.count", "integer", id="true for a count"),
    pytest.param({"control_plane": {"count": 3.5}}, "control_plane.count", "integer", id="a fraction for a count"),
    pytest.param({"control_plane": {"count": None}}, "control_plane.count", "integer", id="nothing for a count"),
    pytest.param({"worker_pools": {"general": {"count": "2"}}}, "worker_pools.general.count", "integer", id="text"),
    pytest.param({"image": 7}, "image", "string", id="a number for a name"),
    pytest.param({"image": ""}, "image", "at least 1 character", id="an empty name"),
    pytest.param({"zones": "az1"}, "zones", "should be a list", id="one name for a list"),
    pytest.param({"zones": []}, "zones", "one value at least", id="an empty list"),
    pytest.param({"etcd": 3}, "etcd", "an object with keys", id="a number for an object"),
    pytest.param({"worker_pools": ["general"]}, "worker_pools", "an object with keys", id="a list for an object"),
    pytest.param({"network": {"nodes": "create"}}, "network.nodes", "object", id="text for an alternative"),
    pytest.param({"network": {"pod_cidr": "10.244.0.1/16"}}, "network.pod_cidr", "", id="host bits"),
    pytest.param({"network": {"pod_cidr": "fd00::/64"}}, "network.pod_cidr", "", id="IPv6"),
    pytest.param({"network": {"pod_cidr": 10}}, "network.pod_cidr", "string", id="a number for a range"),
    pytest.param({"network": {"nodes": {"mtu": 1000}}}, "network.nodes.mtu", "1280", id="too small an MTU"),
    pytest.param({"kubernetes_version": "v1.34"}, "kubernetes_version", "full release", id="half a version"),
    pytest.param({"etcd": {"topology": "shared"}}, "etcd.topology", "'stacked'", id="no such alternative"),
    pytest.param({"etcd": {"volume": {"size_gib": 0}}}, "etcd.volume.size_gib", "1", id="no room"),
    pytest.param({"control_plane": {"endpoint": {"port": 65536}}}, "control_plane.endpoint.port", "65535", id="port"),
    pytest.param(
        {"control_plane": {"audit": {"policy": False}}}, "control_plane.audit.policy", "'none'", id="YAML's off"
    ),
    pytest.param(
        {"control_plane": {"pod_security": {"enforce": "strict"}}},
        "control_plane.pod_security.enforce",
        "'restricted'",
        id="no such level",
    ),
    pytest.param(
        {"worker_pools": {"general": {"retired": [0]}}}, "worker_pools.general.retired[0]", "1", id="no ordinal"
    ),
]


@pytest.mark.parametrize(("cluster", "path", "words"), TYPES)
def test_a_wrong_type_or_value_is_refused_where_it_stands(cluster: dict[str, Any], path: str, words: str) -> None:
    found = problem(clusters.layer("dev", cluster))
    assert found.path == f"cluster.{path}"
    assert words in f"{found.what}; {found.why}"


QUORUMS = [(2, 3), (4, 5), (6, 5), (0, 1), (-1, 1), (7, 5)]


@pytest.mark.parametrize(("size", "better"), QUORUMS)
@pytest.mark.parametrize("business", ["dev", "finance", "bigdata"])
def test_no_quorum_of_another_size_than_1_3_or_5_can_be_written_down(business: str, size: int, better: int) -> None:
    layer = clusters.layer(business, {"control_plane": {"count": size}, "etcd": {"members": size}})
    found = {p.path: p for p in problems(layer)}
    assert found.keys() == {"cluster.control_plane.count", "cluster.etcd.members"}
    for wrong in found.values():
        assert wrong.what == f"{size} is none of 1, 3, 5"
        assert wrong.why
        layer = mended(layer, wrong.mend)
    settings = load_settings(layer, read_profile(business)).settings.cluster
    assert settings.control_plane.count == settings.etcd.members == better


@pytest.mark.parametrize("size", [1, 3, 5])
def test_quorums_of_1_3_and_5_are_allowed(size: int) -> None:
    assert clusters.settings("dev", {"control_plane": {"count": size}}).cluster.control_plane.count == size


def test_members_on_fewer_or_more_servers_than_there_are_is_refused() -> None:
    layer = clusters.layer("dev", {"etcd": {"members": 5}})
    found = problem(layer)
    assert found.path == "cluster.etcd.members"
    assert found.what == "5 members on 3 control-plane servers"
    assert load_settings(mended(layer, found.mend), read_profile("dev")).settings.cluster.etcd.members == 3


ETCD = [
    pytest.param({"flavor": "m1.large"}, "flavor", "would be of no server", id="a flavor of no server"),
    pytest.param({"topology": "external", "members": 1}, "members", "on a server of its own", id="a single one apart"),
]


@pytest.mark.parametrize(("etcd", "path", "words"), ETCD)
def test_what_an_etcd_cannot_be_is_refused_and_the_command_mends_it(
    etcd: dict[str, Any], path: str, words: str
) -> None:
    layer = clusters.layer("dev", {"etcd": etcd})
    found = problem(layer)
    assert found.path == f"cluster.etcd.{path}"
    assert words in found.what
    assert found.why
    assert load_settings(mended(layer, found.mend), read_profile("dev"))


def test_members_on_servers_of_their_own_need_not_be_as_many_as_control_planes() -> None:
    etcd = {"topology": "external", "members": 5}
    for count in (1, 3):
        change = {"control_plane": {"count": count}, "etcd": etcd}
        assert len(clusters.plan("dev", change).etcd.members) == 5
    assert len(clusters.plan("bigdata", {"etcd": {"topology": "external"}}).etcd.members) == 3


@pytest.mark.parametrize(
    "nodes", [{"cidr": "10.10.0.0/26"}, {**EXISTING, "cidr": "10.60.0.0/16", "reserved": "10.60.1.0/28"}]
)
def test_an_etcd_of_events_needs_addresses_for_its_servers(nodes: dict[str, Any]) -> None:
    business = "smartcity" if "reserved" in nodes else "dev"
    layer = clusters.layer(business, {"network": {"nodes": nodes}, "etcd": {"events": {}}})
    found = problem(layer)
    assert found.path == "cluster.etcd.events"
    assert "no addresses" in found.what
    assert load_settings(mended(layer, found.mend), read_profile(business))


def test_a_volume_of_events_is_held_against_what_both_etcds_may_grow_to() -> None:
    tuning = {"values": {"etcd": {"quota-backend-bytes": 6 << 30}}}
    layer = clusters.layer("dev", {"tuning": tuning, "etcd": {"volume": {"size_gib": 20}, "events": {}}})
    found = problem(layer)
    assert found.path == "cluster.etcd.events.volume.size_gib"
    events = load_settings(mended(layer, found.mend), read_profile("dev")).settings.cluster.etcd.events
    assert events
    assert events.volume.size_gib == 13


OVERLAPS = [
    pytest.param({"nodes": {"cidr": "10.244.8.0/24"}}, "pod_cidr", "nodes.cidr", id="nodes and pods"),
    pytest.param({"nodes": {"cidr": "10.96.0.0/12"}}, "service_cidr", "nodes.cidr", id="nodes and services"),
    pytest.param({"service_cidr": "10.244.128.0/20"}, "service_cidr", "pod_cidr", id="pods and services"),
    pytest.param({"pod_cidr": "10.10.0.0/24"}, "pod_cidr", "nodes.cidr", id="the very same"),
]


@pytest.mark.parametrize(("network", "path", "other"), OVERLAPS)
def test_ranges_that_overlap_are_refused(network: dict[str, Any], path: str, other: str) -> None:
    found = problem(clusters.layer("dev", {"network": network}))
    assert found.path == f"cluster.network.{path}"
    assert f"overlaps {other}" in found.what
    assert found.why == "packets for one would be routed to the other"


def test_an_existing_network_s_range_is_held_against_the_others_too() -> None:
    found = problem(clusters.layer("smartcity", {"network": {"pod_cidr": "10.60.128.0/17"}}))
    assert found.path == "cluster.network.pod_cidr"


def test_of_three_ranges_in_one_two_are_to_be_moved() -> None:
    ranges = {"nodes": {"cidr": "10.0.0.0/8"}, "pod_cidr": "10.0.0.0/16", "service_cidr": "10.0.0.0/24"}
    found = problems(clusters.layer("dev", {"network": ranges}))
    assert {p.path for p in found} == {"cluster.network.pod_cidr", "cluster.network.service_cidr"}


def test_ranges_side_by_side_are_allowed() -> None:
    ranges = {"nodes": {"cidr": "10.0.0.0/24"}, "pod_cidr": "10.1.0.0/16", "service_cidr": "10.0.2.0/24"}
    assert clusters.settings("dev", {"network": ranges})


LABELS = ["Dev", "1dev", "-dev", "dev-", "de v", "dev.x", "dév", "", "d" * 25, "dev\n", "d_v"]


@pytest.mark.parametrize("name", LABELS)
def test_a_cluster_s_name_must_be_a_dns_label(name: str) -> None:
    found = problem(clusters.layer("dev", {"name": name}))
    assert found.path == "cluster.name"
    assert "is no DNS label" in found.what
    assert found.why == "it becomes part of host names"


@pytest.mark.parametrize("name", [label for label in LABELS if label])
def test_a_pool_s_name_must_be_a_dns_label(name: str) -> None:
    found = problem(clusters.layer("dev", {"worker_pools": {name: {"count": 1}}}))
    assert found.path == join_path("cluster", "worker_pools", name)
    assert "is no DNS label" in found.what


@pytest.mark.parametrize("name", ["d", "dev", "a-b", "d1", "d" * 24])
def test_dns_labels_are_allowed(name: str) -> None:
    assert clusters.settings("dev", {"name": name, "worker_pools": {name: {}}}).cluster.name == name


def test_the_command_for_a_bad_pool_name_takes_the_pool_away() -> None:
    layer = clusters.layer("dev", {"worker_pools": {"Extra": {"count": 1}}})
    assert load_settings(mended(layer, problem(layer).mend), read_profile("dev"))


@pytest.mark.parametrize("name", ["control-plane", "etcd", "etcd-events"])
def test_a_pool_may_not_take_the_name_of_the_cluster_s_own_servers(name: str) -> None:
    layer = clusters.layer("dev", {"worker_pools": {name: {"count": 1}}})
    found = problem(layer)
    assert found.path == f"cluster.worker_pools.{name}"
    assert load_settings(mended(layer, found.mend), read_profile("dev"))


SMALL = [
    pytest.param(clusters.layer("dev", {"network": {"nodes": {"cidr": "10.10.0.0/27"}}}), "cidr", id="created"),
    pytest.param(shared("10.60.0.0/16", "10.60.1.0/29"), "reserved", id="reserved"),
    pytest.param(shared("10.60.0.0/16", "10.61.0.0/28"), "reserved", id="reserved outside the subnet"),
    pytest.param(
        clusters.layer("dev", {"network": {"nodes": {"cidr": "10.10.0.32/27"}}}),
        "cidr",
        id="created, not on the larger boundary",
    ),
    pytest.param(
        shared("10.60.0.0/16", "10.60.1.8/29"),
        "reserved",
        id="reserved, not on the larger boundary",
    ),
]


@pytest.mark.parametrize(("layer", "key"), SMALL)
def test_too_small_or_misplaced_a_range_is_refused_and_the_command_mends_it(layer: dict[str, Any], key: str) -> None:
    found = problem(layer)
    assert found.path == f"cluster.network.nodes.{key}"
    assert found.why
    assert load_settings(mended(layer, found.mend), read_profile(layer["business"]))


@pytest.mark.parametrize("cidr", ["10.10.0.0/26", "10.0.0.0/16"])
def test_a_network_of_64_addresses_or_more_is_enough(cidr: str) -> None:
    ranges = {"nodes": {"cidr": cidr}, "service_cidr": "10.96.0.0/16"}
    assert clusters.settings("dev", {"network": ranges})


ISOLATED_IN_SHARED = clusters.layer(
    "finance", {"network": {"nodes": {**EXISTING, "cidr": "10.60.0.0/16", "reserved": "10.60.1.0/28"}}}
)


def test_an_isolated_business_may_not_use_an_existing_network() -> None:
    found = problem(ISOLATED_IN_SHARED)
    assert found.path == "cluster.network.nodes.kind"
    assert found.why == "whoever else is in it could reach or exhaust it"


def test_the_command_for_an_isolated_business_gives_it_its_own_network_back() -> None:
    mend = problem(ISOLATED_IN_SHARED).mend
    assert load_settings(mended(ISOLATED_IN_SHARED, mend), read_profile("finance"))


def test_a_shared_business_may_use_an_existing_network_or_one_of_its_own() -> None:
    own = {"network": {"nodes": {"kind": "create", "cidr": "10.60.0.0/24"}}}
    assert clusters.settings("smartcity").cluster.network.nodes.kind == "existing"
    assert clusters.settings("smartcity", own).cluster.network.nodes.kind == "create"


def test_a_zone_named_twice_is_refused() -> None:
    assert problem(clusters.layer("dev", {"zones": ["az1", "az2", "az1"]})).path == "cluster.zones[2]"


def test_what_must_be_there_is_missed() -> None:
    found = problems({"business": "smartcity", "cluster": {"network": {"nodes": {"kind": "create"}}, "zones": None}})
    assert [(p.path, p.what) for p in found if p.what == "is required"] == [("cloud", "is required")]


@pytest.mark.parametrize("port", [6443, 2379, 2380, 10250, 10257, 10259])
def test_the_endpoint_may_not_take_a_port_that_its_servers_use(port: int) -> None:
    assert problem(clusters.layer("dev", {"control_plane": {"endpoint": {"port": port}}}))


def test_a_range_that_may_reach_the_endpoint_is_named_once() -> None:
    endpoint = {"allowed_cidrs": ["192.0.2.0/24", "192.0.2.0/24"]}
    assert problem(clusters.layer("dev", {"control_plane": {"endpoint": endpoint}}))
