"""What a person may say of etcd, and what is refused with the way to mend it."""

from typing import Any

import pytest

from cecf.settings import load_settings, read_profile
from tests.helpers import clusters
from tests.helpers.settings_cases import mended, problem, problems


def layer(**etcd: Any) -> dict[str, Any]:
    """Return dev's layer with changes to etcd."""
    return clusters.layer("dev", {"etcd": etcd})


USELESS = [
    pytest.param(
        {"flavor": "m1.large"},
        "cecf:cluster.etcd.flavor: 'm1.large' would be of no server; a stacked etcd runs on the control plane's "
        "servers. Mend: pulumi config rm --path 'cecf:cluster.etcd.flavor'",
        id="a flavor of nothing",
    ),
    pytest.param(
        {"restore": "latest-1"},
        "cecf:cluster.etcd.restore: 'latest-1' is nowhere; there is no store to restore from. "
        "Mend: pulumi config rm --path 'cecf:cluster.etcd.restore'",
        id="a snapshot of nowhere",
    ),
    pytest.param(
        {"topology": "external", "members": 1},
        "cecf:cluster.etcd.members: 1 member on a server of its own; the cluster would depend on one more server, and "
        "gain nothing; 3 survive the loss of 1. Mend: pulumi config set --path 'cecf:cluster.etcd.members' 3",
        id="a server more to lose",
    ),
    pytest.param(
        {"backup": {"store": "volume", "container": "mine"}},
        "cecf:cluster.etcd.backup.container: 'mine' would never be used; the store is a volume. "
        "Mend: pulumi config rm --path 'cecf:cluster.etcd.backup.container'",
        id="a container of a volume",
    ),
]


@pytest.mark.parametrize(("etcd", "text"), USELESS)
def test_what_would_be_of_no_use_is_refused_and_the_command_mends_it(etcd: dict[str, Any], text: str) -> None:
    wrong = layer(**etcd)
    found = problem(wrong)
    assert str(found) == text
    assert load_settings(mended(wrong, found.mend), read_profile("dev"))


def test_all_that_a_volume_has_no_use_for_is_said_at_once() -> None:
    swift = {"container": "a", "auth_url": "https://keystone.example/v3", "region": "r"}
    found = problems(layer(backup={"store": "volume", **swift}))
    assert {each.path for each in found} == {f"cluster.etcd.backup.{name}" for name in swift}
    assert load_settings(layer(backup={"store": "swift", **swift}), read_profile("dev"))


RANGES = [
    ("disk_check", {"fsync_p99_ms": 0}, "fsync_p99_ms"),
    ("disk_check", {"action": "ignore"}, "action"),
    ("defragment", {"above_percent": 96}, "above_percent"),
    ("defragment", {"above_mib": 0}, "above_mib"),
    ("backup", {"store": "swift", "every_minutes": 4}, "every_minutes"),
    ("backup", {"store": "swift", "keep_last": 0}, "keep_last"),
    ("backup", {"store": "swift", "keep_days": 366}, "keep_days"),
    ("backup", {"store": "s3"}, "store"),
    ("backup", {}, "store"),
    ("backup", {"store": "swift", "container": "a/b"}, "container"),
    ("backup", {"store": "swift", "auth_url": "keystone.example"}, "auth_url"),
    ("events", {"members": 2}, "members"),
    ("wal_volume", {"size_gib": 0}, "size_gib"),
]


@pytest.mark.parametrize(("part", "values", "name"), RANGES)
def test_a_value_without_sense_is_refused_where_it_stands(part: str, values: dict[str, Any], name: str) -> None:
    assert problem(layer(**{part: values})).path == f"cluster.etcd.{part}.{name}"


@pytest.mark.parametrize("restore", ["Latest", "a b", "", "x" * 65, "../x", "a\n"])
def test_what_is_no_snapshot_s_name_is_refused(restore: str) -> None:
    found = problem(layer(backup={"store": "swift"}, restore=restore))
    assert found.path == "cluster.etcd.restore"


def test_a_wrong_topology_says_nothing_of_what_rests_on_it() -> None:
    assert [each.path for each in problems(layer(topology="shared", flavor="m1.large", members=1))] == [
        "cluster.etcd.topology"
    ]


@pytest.mark.parametrize("restore", ["latest-20261121t120000", "1a2b3c4d-20261121t120000"])
def test_what_cecf_writes_of_a_restore_is_taken(restore: str) -> None:
    found = load_settings(layer(backup={"store": "volume"}, restore=restore), read_profile("dev")).settings
    assert found.cluster.etcd.restore == restore
