"""The cloud's own words, and what a person can do about them."""

from typing import Any

import pytest
from openstack.compute.v2.server import Server

from cecf.cloud.faults import hint, server_fault
from cecf.cloud.owned import OWNER_KEY
from tests.helpers.fake_cloud import FakeCloud

MINE = "cecf-stack:dev"


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("No valid host was found. There are not enough hosts available.", "hypervisor stats"),
        ("Quota exceeded for cores: Requested 4, but already used 20 of 20 cores", "quota show"),
        ("Quota exceeded for resources: ['port'].", "quota show"),
        ("VolumeSizeExceedsAvailableQuota: Requested volume exceeds allowed gigabytes quota.", "quota show"),
        ("OverQuota: Quota exceeded", "quota show"),
        ("Security Group 1234 in use: still in use.", "port list"),
        ("IP address 10.10.0.5 already in use in subnet", "port list"),
        ("Quota has been met for resources: load_balancer", "loadbalancer quota show"),
        ("Error waiting for loadbalancer 12-34 to become ACTIVE: unexpected state 'ERROR', wanted", "its operator"),
    ],
)
def test_known_words_bring_advice(words: str, advice: str) -> None:
    assert advice in (hint(words) or "")


@pytest.mark.parametrize("words", ["", "Bad request", "Flavor could not be found"])
def test_unknown_words_bring_none(words: str) -> None:
    assert hint(words) is None


def server(**attributes: Any) -> Server:
    """Return a server of dev's that Nova could not build, or something close to it."""
    failed: dict[str, Any] = {
        "id": "s",
        "name": "dev-general-1",
        "status": "ERROR",
        "metadata": {OWNER_KEY: MINE},
        "fault": {"message": "No valid host was found."},
    }
    return Server(**{**failed, **attributes})


def fault_of(item: Server) -> str | None:
    """Return Nova's words on dev's first general worker."""
    return server_fault(FakeCloud(servers=[item]).connection, MINE, "dev-general-1")


def test_nova_s_words_on_a_failed_server_are_passed_on() -> None:
    assert fault_of(server()) == "No valid host was found."


def test_a_failed_server_without_a_fault_is_still_reported() -> None:
    assert fault_of(server(fault=None)) == "no reason given"


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param({"status": "ACTIVE"}, id="it runs"),
        pytest.param({"metadata": {OWNER_KEY: "cecf-stack:finance"}}, id="another stack's"),
        pytest.param({"name": "dev-general-11"}, id="a longer name"),
        pytest.param({"name": "a-dev-general-1"}, id="a name that ends like it"),
    ],
)
def test_another_server_s_fault_is_not_this_one_s(attributes: dict[str, Any]) -> None:
    assert fault_of(server(**attributes)) is None
