"""The check of the spread asks Nova when servers are new and on a refresh, never on a run that changes nothing."""

from typing import Any

import pytest
from openstack.compute.v2.server import Server

from cecf.cloud import spread
from cecf_components.spread_check import _SpreadProvider
from tests.helpers.fake_cloud import FakeCloud

INPUTS = {
    "cloud": "dev",
    "groups": {"one": {"a": {"id": "a-id", "zone": "az1"}, "b": {"id": "b-id", "zone": "az2"}}},
}


ONE = {"one": {"a": {"id": "a-id", "zone": "az1"}}}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Return a cloud with two servers on two hosts."""
    fake = FakeCloud(
        servers=[
            Server(id="a-id", name="a", host_id="h1", availability_zone="az1"),
            Server(id="b-id", name="b", host_id="h2", availability_zone="az2"),
        ]
    )
    monkeypatch.setattr(spread, "connect", lambda _: fake)
    return fake


def created() -> dict[str, Any]:
    """Return what the state holds after the creation."""
    return dict(_SpreadProvider().create({**INPUTS, "placements": None, "faults": None, "verified": None}).outs or {})


@pytest.mark.usefixtures("cloud")
def test_new_servers_are_looked_for() -> None:
    assert created() == {
        **INPUTS,
        "placements": {"a": {"host": "h1", "zone": "az1"}, "b": {"host": "h2", "zone": "az2"}},
        "faults": [],
        "verified": True,
    }


def test_a_refresh_sees_that_a_server_has_moved(cloud: FakeCloud) -> None:
    state = created()
    cloud.servers[1].host_id = "h1"
    outs = _SpreadProvider().read("spread", state).outs
    assert outs is not None
    assert (outs["faults"], outs["verified"]) == (["a and b share a host"], False)


@pytest.mark.usefixtures("cloud")
def test_a_run_that_changes_no_server_asks_nothing() -> None:
    unknown = {**INPUTS, "placements": None, "faults": None, "verified": None}
    assert _SpreadProvider().diff("spread", created(), unknown).changes is False


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("change", [{"cloud": "other"}, {"groups": ONE}, {"groups": {}}])
def test_another_set_of_servers_is_checked_in_place(change: dict[str, Any]) -> None:
    answer = _SpreadProvider().diff("spread", created(), {**INPUTS, **change})
    assert answer.changes is True
    assert not answer.replaces


@pytest.mark.usefixtures("cloud")
def test_an_update_tells_of_the_servers_that_there_are_now() -> None:
    outs = _SpreadProvider().update("spread", created(), {"cloud": "dev", "groups": ONE}).outs
    assert outs is not None
    assert outs["placements"].keys() == {"a"}


def test_the_state_names_the_provider_by_a_place_that_must_not_move() -> None:
    place = f"{_SpreadProvider.__module__}.{_SpreadProvider.__qualname__}"
    assert place == "cecf_components.spread_check._SpreadProvider"
