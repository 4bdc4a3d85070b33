"""The base has the sources' values, where they have one."""

from collections.abc import Mapping

import pytest

from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.model import Formula, Machine, Profile, Setting
from cecf.tuning.sources import ROWS
from tests.unit.tuning.test_sources import TABLE, table

LARGE = Machine(vcpus=16, ram_mib=65_536, disk_gib=320)

VALUES: Mapping[str, Mapping[str, object]] = {
    "kubelet max-pods": {"kubelet.maxPods": 250},
    "kubelet node-status-update-frequency": {"kubelet.nodeStatusUpdateFrequency": "10s"},
    "kubelet image-gc-high / low": {
        "kubelet.imageGCHighThresholdPercent": 80,
        "kubelet.imageGCLowThresholdPercent": 60,
    },
    "kube-proxy conntrack-max 32768": {
        "kube-proxy.conntrack.min": 32768,
        "kube-proxy.conntrack.maxPerCore": 32768,
    },
    "kube-proxy tcp close-wait timeout": {"kube-proxy.conntrack.tcpCloseWaitTimeout": "1h"},
    "kube-proxy udp timeout": {
        "kube-proxy.conntrack.udpTimeout": "30m",
        "kube-proxy.conntrack.udpStreamTimeout": "30m",
    },
    "scheduler parallel-resource-quota-syncs 10": {"kube-controller-manager.concurrent-resource-quota-syncs": 10},
    "scheduler schedule-delay-seconds 5": {"kube-scheduler.podInitialBackoffSeconds": 5},
    "scheduler terminated-pod-gc-threshold 5000": {"kube-controller-manager.terminated-pod-gc-threshold": 5000},
    "controller-manager horizontal-pod-autoscaler-sync-period": {
        "kube-controller-manager.horizontal-pod-autoscaler-sync-period": "10s"
    },
    "controller-manager endpoint-reconciler-type lease": {"kube-apiserver.endpoint-reconciler-type": "lease"},
    "node leases": {"kubelet.nodeLeaseDurationSeconds": 40},
}
"""By row."""

OPEN = ("", "-", "per profile", "computed", "add-on", "on by default where HA")
"""What stands in the table's last column where the sources leave the value open."""


def base(setting: Setting) -> object:
    """Return what a large node has by the base."""
    return setting.base.of(LARGE) if isinstance(setting.base, Formula) else setting.base


def test_every_value_of_the_table_is_checked_here() -> None:
    assert {cells[0] for cells in table(TABLE.read_text()) if cells[2] not in OPEN} == VALUES.keys()


@pytest.mark.parametrize("says", VALUES)
def test_the_base_has_the_sources_value(says: str) -> None:
    (row,) = [row for row in ROWS if row.says == says]
    assert {name: base(CATALOGUE[name]) for name in VALUES[says]} == VALUES[says]
    assert VALUES[says].keys() <= set(row.settings)


@pytest.mark.parametrize(
    "says",
    [cells[0] for cells in table(TABLE.read_text()) if cells[2] == "per profile" and cells[0] != "kube-proxy mode"],
)
def test_what_is_left_to_profiles_differs_in_one(says: str) -> None:
    (row,) = [row for row in ROWS if row.says == says]
    assert [setting.id for setting in row.catalogued if setting.profiles]


def test_32768_connections_are_tracked_on_one_core_and_as_many_on_each_more() -> None:
    least, each = (CATALOGUE[f"kube-proxy.conntrack.{name}"].base for name in ("min", "maxPerCore"))
    assert isinstance(least, int)
    assert isinstance(each, int)
    assert [max(least, each * cores) for cores in (1, 2, 4, 8, 16)] == [32768, 65536, 131_072, 262_144, 524_288]


@pytest.mark.parametrize("profile", Profile)
def test_an_election_takes_ten_heartbeats_at_least(profile: Profile) -> None:
    heartbeat, election = (
        CATALOGUE[f"etcd.{name}"].value_in(profile) for name in ("heartbeat-interval", "election-timeout")
    )
    assert int(str(election)) >= 10 * int(str(heartbeat))
