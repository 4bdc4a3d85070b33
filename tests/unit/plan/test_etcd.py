"""etcd: its members, what is asked of their disks, where its snapshots go."""

from typing import Any

import pytest
from hypothesis import given

from cecf.plan import Role
from cecf.plan.etcd import FSYNC_P99_MS, BackupPlan, EtcdPlan
from cecf.settings import ClusterSettings
from cecf.tuning.model import Profile
from tests.helpers import clusters
from tests.helpers.strategies import CLUSTERS, Cluster, plan_of, settings_of

EXTERNAL = {"topology": "external"}


def of(etcd: dict[str, Any] | None = None, **cluster: Any) -> EtcdPlan:
    """Return the etcd of dev's data with changes."""
    return clusters.plan("dev", {"etcd": etcd or {}, **cluster}).etcd


@given(CLUSTERS)
def test_the_data_has_as_many_members_as_the_settings_say_each_with_an_address_and_a_disk(cluster: Cluster) -> None:
    settings, plan = settings_of(cluster), plan_of(cluster)
    assert len(plan.etcd.members) == settings.etcd.size(settings.control_plane.count)
    for etcd in plan.etcds:
        assert len(etcd.members) % 2 == 1
        assert all(node.address and node.is_member for node in etcd.members)
        assert len(set(etcd.addresses.values())) == len(etcd.members)
        assert etcd.client_urls == tuple(f"https://{address}:2379" for address in etcd.addresses.values())


@given(CLUSTERS)
def test_no_server_has_members_of_two_etcds_and_no_two_etcds_know_each_other(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    members = [node.name for etcd in plan.etcds for node in etcd.members]
    assert len(members) == len(set(members))
    assert len({etcd.token for etcd in plan.etcds}) == len(plan.etcds)
    assert {node.name for node in plan.nodes if node.is_member} == set(members)


@given(CLUSTERS)
def test_servers_of_their_own_run_nothing_but_a_member(cluster: Cluster) -> None:
    settings, plan = settings_of(cluster), plan_of(cluster)
    stacked = settings.etcd.topology == "stacked"
    assert {node.role for node in plan.etcd.members} == {Role.CONTROL_PLANE if stacked else Role.ETCD}
    assert bool(plan.events) is bool(settings.etcd.events)
    if plan.events:
        assert {node.role for node in plan.events.members} == {Role.ETCD}


def test_every_profile_has_a_limit_for_the_disk() -> None:
    assert set(FSYNC_P99_MS) == set(Profile)


@pytest.mark.parametrize("profile", [profile for profile in Profile if profile is not Profile.BASE])
def test_a_disk_s_limit_is_the_profile_s_unless_it_is_written(profile: Profile) -> None:
    tuning, volume = {"profile": str(profile)}, {"size_gib": 30}
    assert of({"volume": volume}, tuning=tuning).fsync_p99_ms == FSYNC_P99_MS[profile]
    written = {"volume": volume, "disk_check": {"fsync_p99_ms": 77}}
    assert of(written, tuning=tuning).fsync_p99_ms == 77


def test_what_a_slow_disk_leads_to_is_as_it_is_written() -> None:
    assert (of().disk_check, of({"disk_check": {"action": "fail"}}).disk_check) == ("warn", "fail")


def test_a_store_is_planned_as_it_is_written() -> None:
    assert of({"backup": {"store": "swift"}}).backup == BackupPlan(
        store="swift",
        container="dev-etcd-backup",
        object_storage=clusters.CATALOG.object_storage,
        every_minutes=15,
        keep_last=24,
        keep_days=7,
    )
    mine = {"store": "swift", "container": "mine", "every_minutes": 60, "keep_last": 3, "keep_days": 30}
    found = of({"backup": mine}).backup
    assert found
    assert (found.container, found.every_minutes, found.keep_last, found.keep_days) == ("mine", 60, 3, 30)


def test_nobody_gets_snapshots_who_has_not_asked_and_events_never() -> None:
    assert of().backup is None
    plan = clusters.plan("dev", {"etcd": {"events": {}, "backup": {"store": "volume"}, "restore": "latest-1"}})
    assert plan.events
    assert (plan.events.backup, plan.events.restore) == (None, None)
    assert plan.etcd.backup
    assert plan.etcd.restore == "latest-1"


def test_a_store_of_volumes_is_a_volume_beside_each_member_of_the_data_alone() -> None:
    change = {"etcd": {"backup": {"store": "volume", "volume": {"size_gib": 33, "type": "hdd"}}, "events": {}}}
    plan = clusters.plan("dev", change)
    sizes = {node.name: [(v.type, v.size_gib) for v in node.volumes if v.size_gib == 33] for node in plan.nodes}
    assert {name for name, found in sizes.items() if found} == {node.name for node in plan.etcd.members}
    assert sizes["dev-control-plane-1"] == [("hdd", 33)]


@pytest.mark.parametrize(
    ("etcd", "control_planes", "size"),
    [({}, 1, 1), ({}, 5, 5), (EXTERNAL, 1, 3), (EXTERNAL, 5, 3), ({**EXTERNAL, "members": 5}, 3, 5)],
)
def test_the_number_of_members_follows_from_where_they_run(
    etcd: dict[str, Any], control_planes: int, size: int
) -> None:
    plan = clusters.plan("dev", {"etcd": etcd, "control_plane": {"count": control_planes}})
    assert len(plan.etcd.members) == size


def test_the_settings_alone_decide() -> None:
    assert isinstance(clusters.settings("dev").cluster, ClusterSettings)
    assert clusters.plan("dev", {"etcd": EXTERNAL}).etcd == clusters.plan("dev", {"etcd": EXTERNAL}).etcd
