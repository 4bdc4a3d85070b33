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
        "dev", {group: {name: f"{name}-id" for name in names} for group, names in groups.items()}
    )


def test_servers_on_different_hosts_are_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = check(monkeypatch, {"a": "h1", "b": "h2"}, one=["a", "b"])
    assert answer == {
        "placements": {"a": {"host": "h1", "zone": "az1"}, "b": {"host": "h2", "zone": "az1"}},
        "shared": [],
        "verified": True,
    }


def test_groups_in_which_two_share_a_host_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts: dict[str, str | None] = {"a": "h1", "b": "h1", "c": "h2", "d": "h3"}
    answer = check(monkeypatch, hosts, zulu=["a", "b"], fine=["c", "d"], alpha=["b", "a"])
    assert (answer["shared"], answer["verified"]) == (["alpha", "zulu"], False)


def test_servers_of_different_groups_may_share_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(monkeypatch, {"a": "h1", "b": "h1"}, one=["a"], two=["b"])["verified"] is True


@pytest.mark.parametrize("host", [None, ""])
def test_a_server_that_has_no_host_is_not_verified(monkeypatch: pytest.MonkeyPatch, host: str | None) -> None:
    answer = check(monkeypatch, {"a": "h1", "b": host}, one=["a", "b"])
    assert (answer["shared"], answer["verified"]) == (["one"], False)


def test_an_empty_group_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(monkeypatch, {}, one=[])["verified"] is True
