"""Who leads: told from what members, leases and addresses say, and never from one that is down."""

from typing import Any

import pytest

from cecf.automation import status
from cecf.automation.stack import OperationFailedError
from tests.helpers.fake_stack import NODES, FakeControlPlane, FakeStack

ONE, TWO, THREE = NODES
MEMBERS = {name: f"10.10.0.{number}" for number, name in enumerate(NODES, start=6)}
EVENTS = {"dev-etcd-events-1": "10.10.0.9"}


def office(name: str, *holders: str, seconds: float | None = 5.5) -> dict[str, Any]:
    """Return an office as the stack's outputs have it."""
    return {"name": name, "holders": list(holders), "seconds": seconds, "why": ""}


OFFICES = [
    office("endpoint", *NODES),
    office("etcd", *NODES),
    office("etcd-events", *EVENTS, seconds=None),
    office("kube-scheduler", *NODES),
    office("kube-controller-manager", *NODES),
]


def told(leader: str | None, *, holds: bool = False) -> dict[str, Any]:
    """Return what a control plane tells of the members, and of itself."""
    members: dict[str, Any] = {name: {"state": "leader" if name == leader else "follower"} for name in MEMBERS}
    return {"members": {**members, "dev-etcd-events-1": {"state": "leader"}}, "holds_endpoint": holds}


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> FakeControlPlane:
    """Return a control plane whose second server holds what there is to hold."""
    made = FakeControlPlane(says={name: told(TWO, holds=name == TWO) for name in NODES})
    made.objects = {
        "kube-scheduler": {"spec": {"holderIdentity": f"{ONE}_0b8c2d7e"}},
        "kube-controller-manager": {"spec": {"holderIdentity": f"{THREE}_91ab_c"}},
    }
    monkeypatch.setattr(status, "control_plane_of", lambda _: made)
    return made


def ask() -> dict[str, status.Holder]:
    """Return the holders by office."""
    known = {"etcd": {"members": MEMBERS, "events_members": EVENTS}, "take_over": OFFICES}
    return {each.office: each for each in status.status(FakeStack(known=known).stack).holders}


def test_every_office_has_its_holder_its_heirs_and_a_time(found: FakeControlPlane) -> None:
    holders = ask()
    assert {name: each.holder for name, each in holders.items()} == {
        "endpoint": TWO,
        "etcd": TWO,
        "etcd-events": "dev-etcd-events-1",
        "kube-scheduler": ONE,
        "kube-controller-manager": THREE,
    }
    assert (holders["endpoint"].heirs, holders["endpoint"].seconds) == ((ONE, THREE), 5.5)
    assert (holders["etcd-events"].heirs, holders["etcd-events"].seconds) == ((), None)
    assert {node for node, _, _ in found.ran} == set(NODES)


def test_each_is_asked_for_every_member_of_both_etcds(found: FakeControlPlane) -> None:
    ask()
    wanted = tuple(f"{name}={address}" for name, address in {**MEMBERS, **EVENTS}.items())
    assert {(module, arguments) for _, module, arguments in found.ran} == {("cecf.node.standing", wanted)}


def test_an_office_that_nobody_holds_has_everybody_for_an_heir(found: FakeControlPlane) -> None:
    found.says = {name: told(None) for name in NODES}
    found.objects = {}
    holders = ask()
    for name in ("endpoint", "etcd", "kube-scheduler"):
        assert holders[name].holder is None
        assert holders[name].heirs == NODES


def test_a_server_that_is_not_ready_is_not_asked_and_holds_no_address(found: FakeControlPlane) -> None:
    found.ready = (ONE, THREE)
    assert ask()["endpoint"].holder is None
    assert {node for node, _, _ in found.ran} == {ONE, THREE}


def test_an_api_that_does_not_answer_is_told_with_the_way_on(found: FakeControlPlane) -> None:
    found.up = False
    with pytest.raises(OperationFailedError, match="the API of 'dev' does not answer: cecf up --stack dev"):
        ask()
