"""Whether the servers of a group share a host, as Nova says."""

from typing import Any

import pytest
from openstack.compute.v2.server import Server

from cecf.cloud import spread
from tests.helpers.fake_cloud import FakeCloud


def check(monkeypatch: pytest.MonkeyPatch, hosts: dict[str, str | None], **groups: list[str]) -> dict[str, Any]:
    """Check groups of servers, given each server's host."""
    cloud = FakeCloud(
        servers=[
            Server(id=f"{name}-id", name=name, host_id=host, availability_zone="az1") for name, host in hosts.items()
        ]
    )
    monkeypatch.setattr(spread, "connect", lambda _: cloud)
    return spread.check_spread(
        "dev",
        {group: {name: {"id": f"{name}-id", "zone": "az1"} for name in names} for group, names in groups.items()},
    )


def test_servers_on_different_hosts_are_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = check(monkeypatch, {"a": "h1", "b": "h2"}, one=["a", "b"])
    assert answer == {
        "placements": {"a": {"host": "h1", "zone": "az1"}, "b": {"host": "h2", "zone": "az1"}},
        "faults": [],
        "verified": True,
    }


def test_two_servers_of_a_group_that_share_a_host_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts: dict[str, str | None] = {"a": "h1", "b": "h1", "c": "h2", "d": "h3"}
    answer = check(monkeypatch, hosts, zulu=["a", "b"], fine=["c", "d"], alpha=["b", "a"])
    assert (answer["faults"], answer["verified"]) == (["a and b share a host", "b and a share a host"], False)


def test_servers_of_different_groups_may_share_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(monkeypatch, {"a": "h1", "b": "h1"}, one=["a"], two=["b"])["verified"] is True


@pytest.mark.parametrize("host", [None, ""])
def test_a_server_that_has_no_host_is_not_verified(monkeypatch: pytest.MonkeyPatch, host: str | None) -> None:
    answer = check(monkeypatch, {"a": "h1", "b": host}, one=["a", "b"])
    assert (answer["faults"], answer["verified"]) == (["b is on no host"], False)


def test_an_empty_group_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(monkeypatch, {}, one=[])["verified"] is True


def test_a_server_in_another_zone_than_planned_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = FakeCloud(servers=[Server(id="a-id", name="a", host_id="h1", availability_zone="az2")])
    monkeypatch.setattr(spread, "connect", lambda _: cloud)
    answer = spread.check_spread("dev", {"one": {"a": {"id": "a-id", "zone": "az1"}}})
    assert (answer["faults"], answer["verified"]) == (["a is in az2, not in az1"], False)


def test_a_server_that_is_gone_is_a_fault_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "connect", lambda _: FakeCloud())
    answer = spread.check_spread("dev", {"one": {"a": {"id": "a-id", "zone": "az1"}}})
    assert (answer["faults"], answer["placements"]) == (["a is on no host"], {"a": {"host": "", "zone": ""}})
