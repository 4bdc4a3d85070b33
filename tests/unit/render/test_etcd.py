"""A member of etcd as its server gets it: a unit, the keys that it needs and no other, and timers that never meet."""

import itertools
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings

from cecf.plan import ClusterPlan, NodePlan, Role
from cecf.render import etcd
from cecf.tuning.model import Component, Profile
from cecf.tuning.resolve import document
from tests.helpers import clusters
from tests.helpers.strategies import CLUSTERS, Cluster, plan_of
from tests.helpers.user_data import config, files, permissions

UNIT = "/etc/systemd/system/etcd.service"
TIMER = "/etc/systemd/system/cecf-etcd-defragment.timer"

few = settings(max_examples=8)  # a document takes its time

SHAPES: dict[str, dict[str, Any]] = {
    "stacked": {},
    "external": {"topology": "external", "events": {"members": 3}, "wal_volume": {}},
    "stacked with events": {"events": {"members": 1}},
}

every_shape = pytest.mark.parametrize("shape", SHAPES)


def plan(shape: str) -> ClusterPlan:
    """Return dev's plan with etcd in a shape."""
    return clusters.plan("dev", {"etcd": SHAPES[shape]})


def flags(found: ClusterPlan, node: NodePlan) -> dict[str, str]:
    """Return the flags in a member's unit."""
    words = files(found, node)[UNIT].replace("\\\n", " ").split("ExecStart=/usr/bin/etcd ")[1].split("\n")[0].split()
    return dict(word.removeprefix("--").split("=", 1) for word in words)


def keys(found: ClusterPlan, node: NodePlan) -> set[str]:
    """Return the names of a node's files of etcd's keys."""
    return {path.removeprefix(f"{etcd.KEYS}/") for path in files(found, node) if path.startswith(f"{etcd.KEYS}/")}


@every_shape
def test_members_and_nobody_else_run_etcd(shape: str) -> None:
    found = plan(shape)
    members = {name for each in found.etcds for name in each.addresses}
    assert {node.name for node in found.nodes if UNIT in files(found, node)} == members


def test_a_member_has_its_own_name_and_addresses() -> None:
    found = plan("external")
    told = flags(found, found.etcd.members[1])
    assert told["name"] == "dev-etcd-2"
    assert told["listen-peer-urls"] == told["initial-advertise-peer-urls"] == "https://10.10.0.12:2380"
    assert told["advertise-client-urls"] == "https://10.10.0.12:2379"
    assert told["listen-client-urls"] == "https://127.0.0.1:2379,https://10.10.0.12:2379"


def test_what_tells_of_itself_without_a_key_is_the_server_s_own_alone() -> None:
    found = plan("stacked")
    assert flags(found, found.nodes[0])["listen-metrics-urls"] == "http://127.0.0.1:2381"


@every_shape
def test_everybody_who_comes_shows_a_certificate_of_etcd_s_authority(shape: str) -> None:
    found = plan(shape)
    for node in (each.members[0] for each in found.etcds):
        told = flags(found, node)
        assert (told["client-cert-auth"], told["peer-client-cert-auth"]) == ("true", "true")
        assert told["trusted-ca-file"] == told["peer-trusted-ca-file"] == "/etc/cecf/etcd/ca.crt"
        written = files(found, node)
        assert {told[name] for name in told if name.endswith("-file")} <= written.keys()


def test_two_etcds_of_a_cluster_are_never_taken_for_one() -> None:
    found = plan("external")
    assert found.events
    tokens = {flags(found, each.members[0])["initial-cluster-token"] for each in found.etcds}
    assert tokens == {"dev-etcd", "dev-etcd-events"}
    known = [etcd.member_facts(found, each.members[0]) for each in found.etcds]
    members = [fact["members"] for fact in known if fact]
    assert members == [
        {f"dev-etcd-{n}": f"10.10.0.{10 + n}" for n in (1, 2, 3)},
        {f"dev-etcd-events-{n}": f"10.10.0.{15 + n}" for n in (1, 2, 3)},
    ]


def test_data_and_log_are_below_the_mount_points_of_their_volumes() -> None:
    # A file system's own lost+found would be taken for data.
    stacked, external = plan("stacked"), plan("external")
    assert external.events
    placed = {
        name: (told["data-dir"], told["wal-dir"])
        for name, told in {
            "stacked": flags(stacked, stacked.nodes[0]),
            "apart": flags(external, external.etcd.members[0]),
            "events": flags(external, external.events.members[0]),
        }.items()
    }
    assert placed == {
        "stacked": ("/var/lib/etcd/data", "/var/lib/etcd/wal"),
        "apart": ("/var/lib/etcd/data", "/var/lib/etcd-wal/wal"),
        "events": ("/var/lib/etcd/data", "/var/lib/etcd/wal"),
    }


def test_each_server_has_the_keys_that_it_needs_and_no_other() -> None:
    stacked, external = plan("stacked"), plan("external")
    assert external.events
    member = {"ca.crt", "server.crt", "server.key", "peer.crt", "peer.key"}
    client = {"ca.crt", "client.crt", "client.key"}
    assert keys(stacked, stacked.control_plane.nodes[0]) == member | client
    assert keys(external, external.control_plane.nodes[0]) == client
    assert keys(external, external.etcd.members[0]) == keys(external, external.events.members[0]) == member
    assert keys(stacked, stacked.nodes[-1]) == keys(external, external.nodes[-1]) == set()


@every_shape
def test_no_server_has_the_authority_s_key_and_no_key_can_be_read_by_others(shape: str) -> None:
    found = plan(shape)
    secret = clusters.pki().etcd.key.splitlines()[1]
    for pool in found.pools:
        node = pool.nodes[0]
        assert secret not in "\n".join(files(found, node, clusters.real_facts(node)).values())
        modes = permissions(found, node)
        assert {modes[path] for path in modes if path.endswith(".key")} <= {"0600"}


@few
@given(CLUSTERS)
def test_no_file_is_written_twice(cluster: Cluster) -> None:
    found = plan_of(cluster)
    for pool in found.pools:
        for node in pool.nodes[:1]:
            paths = Counter(item["path"] for item in config(found, node)["write_files"])
            assert [path for path, times in paths.items() if times > 1] == []


def lines(found: ClusterPlan, node: NodePlan) -> set[str]:
    """Return the lines of a member's unit."""
    return set(files(found, node)[UNIT].splitlines())


def test_a_member_without_a_log_starts_only_as_the_node_s_program_says() -> None:
    # By itself it would begin an etcd of its own, beside the others'.
    for shape, wal in (("stacked", "/var/lib/etcd/wal"), ("external", "/var/lib/etcd-wal/wal")):
        found = plan(shape)
        node = found.etcd.members[0]
        either = {f"ConditionDirectoryNotEmpty=|{wal}", "ConditionPathExists=|/var/lib/cecf/etcd.env"}
        assert either <= lines(found, node)
        assert {line for line in lines(found, node) if line.startswith("Condition")} == either


def test_a_member_has_no_rights_that_it_does_not_need_and_is_looked_after_when_it_gives_up() -> None:
    found = plan("stacked")
    wanted = {"User=etcd", "Group=etcd", "Type=notify", "Restart=always", "OnFailure=cecf-etcd-repair.service"}
    assert wanted <= lines(found, found.nodes[0])


@pytest.mark.parametrize("profile", Profile)
def test_the_unit_has_what_the_profile_says(profile: Profile) -> None:
    change = {"tuning": {"profile": str(profile)}, "etcd": {"volume": {"size_gib": 20}}}
    found = clusters.plan("dev", change)
    declared = document(found.tuning.cluster, Component.ETCD_UNIT)
    assert declared.keys() >= {"Nice", "IOSchedulingClass", "IOSchedulingPriority", "OOMScoreAdjust", "LimitNOFILE"}
    assert {f"{key}={value}" for key, value in declared.items()} <= lines(found, found.nodes[0])


def test_a_person_s_value_reaches_the_unit() -> None:
    found = clusters.plan("dev", {"tuning": {"values": {"etcd-unit": {"Nice": -20}}}})
    assert "Nice=-20" in lines(found, found.nodes[0])


@every_shape
def test_no_two_members_of_an_etcd_give_space_back_in_the_same_minutes(shape: str) -> None:
    found = plan(shape)
    for each in found.etcds:
        times = [int(files(found, node)[TIMER].split("OnCalendar=*:")[1][:2]) for node in each.members]
        assert all(later - earlier >= 10 for earlier, later in itertools.pairwise(times))
        assert all(0 <= time < 60 for time in times)


def test_five_members_still_have_an_hour_together() -> None:
    found = clusters.plan("dev", {"etcd": {"topology": "external", "members": 5}})
    times = {files(found, node)[TIMER].split("OnCalendar=*:")[1][:2] for node in found.etcd.members}
    assert times == {"05", "15", "25", "35", "45"}


def test_what_is_tuned_of_etcd_is_declared_where_a_member_runs_and_nowhere_else() -> None:
    found = plan("external")
    for pool in found.pools:
        declared = {tuned.component for tuned in found.declared_on(pool.nodes[0]).values()}
        of_etcd = declared & {Component.ETCD, Component.ETCD_UNIT}
        assert bool(of_etcd) is (pool.role is Role.ETCD), pool.name
        assert (declared == of_etcd) is (pool.role is Role.ETCD), pool.name
