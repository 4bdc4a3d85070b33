"""`cecf etcd`: what it shows, asks, and ends with."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cecf.automation import backups
from cecf.automation.backups import Snapshot
from cecf.automation.stack import OperationFailedError, Outcome
from cecf.cli import app as entry
from cecf.cli import etcd
from tests.helpers.fake_stack import FakeStack

OUTPUTS = {
    "cluster_name": "dev",
    "nodes": [],
    "spread_verified": True,
    "spread_faults": [],
    "certificates": {"kubeconfig": "2027-11-21T12:00:00Z", "etcd/dev-etcd-1": "2028-11-21T12:00:00Z"},
    "api_endpoint": "https://198.18.0.10:8443",
    "api_access": "floating_ip",
}
ROWS = [
    Snapshot(id="1a2b3c4d", time=datetime(2026, 11, 21, 12, 30, 5, tzinfo=UTC), revision=42, keys=7, node=None),
    Snapshot(id="5e6f7a8b", time=datetime(2026, 11, 21, 12, 15, tzinfo=UTC), revision=40, keys=6, node="dev-etcd-2"),
]


@pytest.fixture(autouse=True)
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Return what was done to the stack."""
    log: list[tuple[Any, ...]] = []
    monkeypatch.delenv("STACK", raising=False)
    monkeypatch.setattr(etcd, "Stack", lambda name, _project: FakeStack(name))
    monkeypatch.setattr(backups, "listed", lambda _: ROWS)

    def take(stack: FakeStack) -> str:
        log.append(("take", stack.name))
        return "1a2b3c4d"

    def restore(stack: FakeStack, snapshot: str | None, _run: object) -> Outcome:
        log.append(("restore", stack.name, snapshot))
        return Outcome(changes={"create": 3, "same": 9}, outputs=OUTPUTS)

    monkeypatch.setattr(backups, "take", take)
    monkeypatch.setattr(backups, "restore", restore)
    return log


def run(*arguments: str, answer: str | None = None) -> Result:
    """Run `cecf etcd`."""
    return CliRunner().invoke(entry.app, ["etcd", *arguments], input=answer, env={"COLUMNS": "160"})


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ((), ("backup", "list", "restore")),
        (("backup", "--help"), ("besides those of the timer", "--stack", "--project")),
        (("list", "--help"), ("the newest first", "--json")),
        (("restore", "--help"), ("Later writes are lost", "workers stay", "--snapshot", "--yes")),
    ],
)
def test_help_says_what_each_does(arguments: tuple[str, ...], parts: tuple[str, ...]) -> None:
    said = run(*arguments).output
    assert [part for part in parts if part not in said] == []


def test_a_stack_must_be_named() -> None:
    assert [run(verb).exit_code for verb in ("backup", "list", "restore")] == [2, 2, 2]


def test_a_snapshot_is_taken_and_named(done: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]) -> None:
    etcd.backup("dev")
    assert capsys.readouterr().out == "took snapshot 1a2b3c4d of dev: cecf etcd list --stack dev\n"
    assert done == [("take", "dev")]


def test_the_list_is_a_table_with_times_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    etcd.list_("dev")
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if "1a2b3c4d" in line] == [
        ["│", "1a2b3c4d", "│", "2026-11-21", "12:30:05", "│", "42", "│", "7", "│", "shared", "│"]
    ]
    assert [line[-2] for line in lines if "5e6f7a8b" in line] == ["dev-etcd-2"]


def test_the_list_is_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    etcd.list_("dev", as_json=True)
    rows = json.loads(capsys.readouterr().out)
    time = "2026-11-21T12:30:05+00:00"
    assert rows[0] == {"id": "1a2b3c4d", "time": time, "revision": 42, "keys": 7, "node": None}
    assert [row["node"] for row in rows] == [None, "dev-etcd-2"]


def test_json_of_no_snapshots_is_an_empty_list(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(backups, "listed", lambda _: [])
    etcd.list_("dev", as_json=True)
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    ("options", "asked"),
    [((), "the newest snapshot? What was written since is lost"), (("--snapshot", "1a2b3c4d"), "snapshot 1a2b3c4d?")],
)
def test_nothing_is_restored_before_a_person_has_said_yes(
    done: list[tuple[Any, ...]], options: tuple[str, ...], asked: str
) -> None:
    result = run("restore", "--stack", "dev", *options, answer="n\n")
    assert (result.exit_code, done) == (1, [])
    assert asked in result.output


@pytest.mark.parametrize(("options", "snapshot"), [((), None), (("--snapshot", "1a2b3c4d"), "1a2b3c4d")])
def test_a_restore_tells_what_was_changed(
    done: list[tuple[Any, ...]],
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    snapshot: str | None,
) -> None:
    etcd.restore("dev", snapshot=snapshot, yes=True)
    assert done == [("restore", "dev", snapshot)]
    said = capsys.readouterr().out
    assert "3 create, 9 same" in said
    assert "API endpoint:    https://198.18.0.10:8443" in said
    assert run("restore", "--stack", "dev", "--yes", *options).exit_code == 0


@pytest.mark.parametrize("verb", ["backup", "list"])
def test_what_fails_ends_with_1_and_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    def fail(_: object) -> None:
        raise OperationFailedError(["stack 'dev' keeps no snapshots of etcd"])

    monkeypatch.setattr(backups, "take", fail)
    monkeypatch.setattr(backups, "listed", fail)
    monkeypatch.setattr(sys, "argv", ["cecf", "etcd", verb, "--stack", "dev"])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 1
    assert "keeps no snapshots of etcd" in capsys.readouterr().err
