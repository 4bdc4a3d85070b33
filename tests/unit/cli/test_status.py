"""`cecf status`: two tables for people, one object for programs."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

import cecf.automation.status
from cecf.automation.status import Holder, Status
from cecf.cli import app as entry
from cecf.cli import status
from tests.helpers.fake_stack import FakeStack

HOLDERS = (
    Holder(
        office="etcd", holder="dev-control-plane-2", heirs=("dev-control-plane-1", "dev-control-plane-3"), seconds=4
    ),
    Holder(office="kube-scheduler", holder=None, heirs=("dev-control-plane-1",), seconds=17.5),
    Holder(office="etcd-events", holder="dev-etcd-events-1", heirs=(), seconds=None),
)
WELL = {"state": "leader", "version": "3.6.5", "db_bytes": 2_621_440, "in_use_bytes": 1_048_576, "revision": 42}
MEMBERS: dict[str, dict[str, Any]] = {"dev-control-plane-2": WELL, "dev-control-plane-3": {"state": "down"}}


@pytest.fixture(autouse=True)
def _stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STACK", raising=False)
    monkeypatch.setattr(status, "Stack", lambda name, _project: FakeStack(name))
    monkeypatch.setattr(cecf.automation.status, "status", lambda _: Status(holders=HOLDERS, members=MEMBERS))


def cells(text: str, name: str) -> list[str]:
    """Return the cells of the row that begins with a name."""
    (row,) = [line for line in text.splitlines() if line.strip("│ ").startswith(f"{name} ")]
    return [cell.strip() for cell in row.strip("│").split("│")]


def test_help_says_what_it_tells() -> None:
    result = CliRunner().invoke(entry.app, ["status", "--help"], env={"COLUMNS": "160"})
    assert result.exit_code == 0
    for part in ("who leads in the cluster", "how etcd's members are", "--json", "--stack"):
        assert part in result.output


def test_a_stack_must_be_named() -> None:
    assert CliRunner().invoke(entry.app, ["status"]).exit_code == 2


def test_people_see_who_holds_what_who_is_next_and_how_fast(capsys: pytest.CaptureFixture[str]) -> None:
    status.status("dev")
    said = capsys.readouterr().out
    assert "who leads in dev" in said
    assert cells(said, "etcd") == ["etcd", "dev-control-plane-2", "dev-control-plane-1, dev-control-plane-3", "4 s"]
    assert cells(said, "kube-scheduler") == ["kube-scheduler", "nobody", "dev-control-plane-1", "17.5 s"]
    assert cells(said, "etcd-events") == ["etcd-events", "dev-etcd-events-1", "none", "nobody can"]


def test_people_see_what_each_member_holds_and_which_is_down(capsys: pytest.CaptureFixture[str]) -> None:
    status.status("dev")
    said = capsys.readouterr().out
    assert cells(said, "dev-control-plane-2") == ["dev-control-plane-2", "leader", "3.6.5", "2.5 MiB", "1.0 MiB", "42"]
    assert cells(said, "dev-control-plane-3") == ["dev-control-plane-3", "down", "", "", "", ""]


def test_programs_get_all_of_it_under_names_that_stay(capsys: pytest.CaptureFixture[str]) -> None:
    status.status("dev", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["members"] == MEMBERS
    assert told["holders"][2] == {
        "office": "etcd-events",
        "holder": "dev-etcd-events-1",
        "heirs": [],
        "seconds": None,
    }
