"""Offices: who may hold them, and how fast another takes over."""

from typing import Any

import pytest
from hypothesis import given

from cecf.plan.takeover import Office, offices
from tests.helpers import clusters
from tests.helpers.strategies import CLUSTERS, Cluster, plan_of


def of(change: dict[str, Any] | None = None, business: str = "dev") -> dict[str, Office]:
    """Return a cluster's offices by name."""
    return {office.name: office for office in offices(clusters.plan(business, change))}


@given(CLUSTERS)
def test_a_time_is_promised_exactly_where_there_is_another(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    names = {node.name for node in plan.nodes}
    for office in offices(plan):
        assert set(office.holders) <= names
        assert len(set(office.holders)) == len(office.holders) >= 1
        assert (office.seconds is None) is (len(office.holders) == 1)
        assert office.seconds is None or 0 < office.seconds < 600


@given(CLUSTERS)
def test_every_etcd_and_both_of_kubernetes_leaders_are_there_once(cluster: Cluster) -> None:
    plan = plan_of(cluster)
    names = [office.name for office in offices(plan)]
    wanted = {"kube-scheduler", "kube-controller-manager", *(etcd.name for etcd in plan.etcds)}
    assert len(set(names)) == len(names)
    assert set(names) - {"endpoint"} == wanted


def test_etcd_s_office_is_held_by_its_members_wherever_they_run() -> None:
    servers = tuple(f"dev-control-plane-{ordinal}" for ordinal in (1, 2, 3))
    assert of()["etcd"].holders == servers
    apart = of({"etcd": {"topology": "external", "events": {"members": 1}}})
    assert apart["etcd"].holders == tuple(f"dev-etcd-{ordinal}" for ordinal in (1, 2, 3))
    assert apart["etcd-events"].holders == ("dev-etcd-events-1",)
    assert apart["kube-scheduler"].holders == servers


def test_one_alone_is_told_and_not_dressed_up_as_seconds() -> None:
    alone = of(business="bigdata")["etcd"]
    assert (alone.seconds, alone.why) == (None, "one alone: nobody can take over")


def test_behind_a_load_balancer_nobody_holds_the_endpoint() -> None:
    assert "endpoint" in of()
    assert "endpoint" not in of({"control_plane": {"endpoint": {"kind": "load_balancer"}}})


@pytest.mark.parametrize("timeout", [2000, 5000])
def test_an_election_takes_as_long_as_etcd_s_own_timeout_says(timeout: int) -> None:
    values = {"heartbeat-interval": 200, "election-timeout": timeout}
    found = of({"tuning": {"values": {"etcd": values}}})["etcd"]
    assert found.seconds == 4 * timeout / 1000
    assert f"{timeout // 1000} s" in found.why


def test_the_scheduler_s_lease_is_the_tuned_one() -> None:
    lease = {"leaseDuration": "40s", "renewDeadline": "25s", "retryPeriod": "4s"}
    change = {"tuning": {"values": {"kube-scheduler": {"leaderElection": lease}}}}
    assert of(change)["kube-scheduler"].seconds == 44
    assert of(change)["kube-controller-manager"].seconds == of()["kube-controller-manager"].seconds == 17
