"""How etcd's members stand, told by a control plane."""

import json
import runpy
import sys
from collections.abc import Iterable
from typing import Any

import pytest

from cecf.node import boot, etcd_api, standing, tools
from cecf.node.tools import NotYetError

HEADER = {"member_id": "1", "revision": "42"}
STATUS = {"header": HEADER, "version": "3.6.5", "dbSize": "2097152", "dbSizeInUse": "1048576", "leader": "1"}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return what members answer, by address; one that is not in it is silent."""
    made: dict[str, Any] = {}

    def call(addresses: Iterable[str], verb: str, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        (address,) = addresses
        assert (verb, request) == ("maintenance/status", {})
        assert timeout <= 5
        if address not in made:
            raise NotYetError("no member of etcd answers")
        answer: dict[str, Any] = made[address]
        return answer

    monkeypatch.setattr(etcd_api, "call", call)
    return made


@pytest.mark.parametrize(
    ("change", "state"),
    [({}, "leader"), ({"leader": "2"}, "follower"), ({"leader": "2", "isLearner": True}, "learner")],
)
def test_a_member_is_the_leader_a_follower_or_a_learner(
    answers: dict[str, Any], change: dict[str, Any], state: str
) -> None:
    answers["10.10.0.6"] = {**STATUS, **change}
    assert standing.standing("10.10.0.6") == {
        "state": state,
        "version": "3.6.5",
        "db_bytes": 2_097_152,
        "in_use_bytes": 1_048_576,
        "revision": 42,
    }


def test_a_member_without_a_leader_leads_nobody(answers: dict[str, Any]) -> None:
    # The gateway leaves out what is zero.
    answers["10.10.0.6"] = {key: value for key, value in STATUS.items() if key != "leader"}
    assert standing.standing("10.10.0.6")["state"] == "follower"


def test_a_silent_member_is_down(answers: dict[str, Any]) -> None:
    assert answers == {}
    assert standing.standing("10.10.0.6") == {"state": "down"}


@pytest.mark.parametrize(
    ("addresses", "holds"),
    [
        ("2: eth0    inet 10.10.0.6/24 scope global eth0\n2: eth0    inet 10.10.0.5/32 scope global eth0", True),
        ("2: eth0    inet 10.10.0.50/24 scope global eth0", False),
        ("2: eth0    inet 110.10.0.5/24 scope global eth0", False),
        ("", False),
    ],
)
def test_the_last_line_tells_of_the_members_and_of_the_endpoint_s_address(
    answers: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    addresses: str,
    *,
    holds: bool,
) -> None:
    answers["10.10.0.6"] = STATUS
    monkeypatch.setattr(boot, "read_facts", lambda: {"endpoint": "10.10.0.5:8443"})
    monkeypatch.setattr(tools, "run", lambda *_: addresses)
    monkeypatch.setattr(sys, "argv", ["standing", "dev-control-plane-1=10.10.0.6", "dev-control-plane-2=10.10.0.7"])
    monkeypatch.delitem(sys.modules, "cecf.node.standing")
    runpy.run_module("cecf.node.standing", run_name="__main__")
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {name: each["state"] for name, each in told["members"].items()} == {
        "dev-control-plane-1": "leader",
        "dev-control-plane-2": "down",
    }
    assert told["holds_endpoint"] is holds
