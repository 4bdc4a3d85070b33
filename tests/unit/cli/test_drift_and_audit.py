"""`cecf drift` and `cecf audit`: lines for people, one object for programs, and exit codes for cron."""

import json
from dataclasses import replace
from typing import Any

import pytest
import typer
from openstack.network.v2.port import Port
from typer.testing import CliRunner, Result

import cecf.automation.audit
import cecf.automation.drift.looking
from cecf.automation.audit import Audit, Cleaned
from cecf.automation.drift.model import Finding, Report
from cecf.cli import app as entry
from cecf.cli import audit, drift
from cecf.cloud.owned import KINDS, Owned
from tests.helpers.fake_stack import FakeStack

UP = "cecf up --stack dev --refresh"
HARMFUL = Finding(where="SecGroupRule ssh", what="is gone", drift="harmful", mend=UP)
COSMETIC = Finding(where="Port p", what="[name] is not as declared", drift="cosmetic", mend=UP)
ELASTIC = Finding(where="dev-general-7f3a", what="a node", drift="elastic", mend="nothing")

PORT_KIND = next(kind for kind in KINDS if kind.noun == "port")
PORT = Owned(kind=PORT_KIND, id="1", name="dev-general-2", found=Port(id="1"))
OTHER = replace(PORT, id="2", name="dev-general-3")
LEFT = Audit(left=(PORT, OTHER), elastic=(), alive=True, remarks=("something nobody can tell",))
NOTHING = Audit(left=(), elastic=(), alive=True)


@pytest.fixture(autouse=True)
def _stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK", "dev")
    for module in (drift, audit):
        monkeypatch.setattr(module, "Stack", lambda name, _project: FakeStack(name))


def run(*arguments: str, stdin: str = "") -> Result:
    """Run the command as a person would."""
    return CliRunner().invoke(entry.app, arguments, input=stdin)


def finds(monkeypatch: pytest.MonkeyPatch, *findings: Finding, unread: tuple[str, ...] = ()) -> list[bool]:
    """Have the look find something; return what it was asked about settings."""
    asked: list[bool] = []

    def find(_stack: object, *, settings: bool) -> Report:
        asked.append(settings)
        return Report(findings=findings, unread=unread)

    monkeypatch.setattr(cecf.automation.drift.looking, "find", find)
    return asked


# ------------------------------------------------------------------ drift


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        pytest.param((), 0, id="none"),
        pytest.param((ELASTIC,), 0, id="elastic"),
        pytest.param((COSMETIC,), 3, id="cosmetic"),
        pytest.param((ELASTIC, HARMFUL), 3, id="harmful"),
    ],
)
def test_the_exit_code_tells_drift_that_does_not_move_by_itself(
    findings: tuple[Finding, ...], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    finds(monkeypatch, *findings)
    assert run("drift").exit_code == code
    assert run("drift", "--json").exit_code == code


def test_what_could_not_be_read_is_told_and_is_no_drift(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finds(monkeypatch, unread=("the API does not answer",))
    drift.drift("dev")
    said = capsys.readouterr()
    assert said.out == "drift of dev: 0\n"
    assert said.err == "not read: the API does not answer\n"


def test_people_see_each_class_with_what_it_means_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finds(monkeypatch, HARMFUL, COSMETIC, ELASTIC)
    with pytest.raises(typer.Exit):
        drift.drift("dev")
    assert capsys.readouterr().out.splitlines() == [
        "harmful: the cluster is less safe or less stable than declared",
        "  SecGroupRule ssh: is gone",
        f"    to mend it: {UP}",
        "cosmetic: only what is shown differs",
        "  Port p: [name] is not as declared",
        f"    to mend it: {UP}",
        "elastic: meant to move by itself",
        "  dev-general-7f3a: a node",
        "    to mend it: nothing",
        "drift of dev: 1 harmful, 1 cosmetic, 1 elastic",
    ]


def test_programs_get_one_document_under_names_that_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = finds(monkeypatch, HARMFUL, unread=("x",))
    assert json.loads(run("drift", "--json", "--no-settings").stdout) == {
        "stack": "dev",
        "drift": True,
        "counts": {"harmful": 1, "cosmetic": 0, "leak": 0, "elastic": 0},
        "findings": [{"class": "harmful", "where": "SecGroupRule ssh", "what": "is gone", "mend": UP}],
        "unread": ["x"],
    }
    assert asked == [False]


# ------------------------------------------------------------------ audit


@pytest.fixture
def cleanings(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Have something left of which one object cannot go; return what is asked to be removed."""
    asked: list[set[str]] = []

    def clean(_stack: object, only: set[str]) -> Cleaned:
        asked.append(only)
        return Cleaned(removed=(PORT,), kept=((OTHER, "still in use"),))

    monkeypatch.setattr(cecf.automation.audit, "audit", lambda _stack: LEFT)
    monkeypatch.setattr(cecf.automation.audit, "clean", clean)
    return asked


def test_what_is_left_is_listed_with_the_command_that_removes_it(cleanings: list[set[str]]) -> None:
    done = run("audit")
    assert done.exit_code == 3
    assert done.stdout.splitlines() == [
        "  port dev-general-2 (1)",
        "  port dev-general-3 (2)",
        "the cloud 'dev' has 2 objects left of the stack 'dev': cecf audit --stack dev --clean",
    ]
    assert "something nobody can tell" in done.stderr
    assert cleanings == []


def test_nothing_left_is_told_and_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cecf.automation.audit, "audit", lambda _stack: NOTHING)
    done = run("audit", "--clean")
    assert (done.exit_code, done.stdout) == (0, "the cloud 'dev' has 0 objects left of the stack 'dev'\n")


def test_nothing_is_removed_without_a_yes(cleanings: list[set[str]]) -> None:
    assert run("audit", "--clean", stdin="n\n").exit_code == 1
    assert cleanings == []


@pytest.mark.parametrize(("arguments", "stdin"), [(("--yes",), ""), ((), "y\n")])
def test_just_what_was_shown_is_removed_and_what_stays_is_told(
    arguments: tuple[str, ...], stdin: str, cleanings: list[set[str]]
) -> None:
    done = run("audit", "--clean", *arguments, stdin=stdin)
    assert done.exit_code == 1
    assert cleanings == [{"1", "2"}]
    assert "removed port dev-general-2 (1)" in done.stdout
    assert "port dev-general-3 (2): still in use" in done.stderr


def test_programs_get_all_of_it(cleanings: list[set[str]]) -> None:
    done = run("audit", "--clean", "--yes", "--json")
    rows: list[dict[str, Any]] = [
        {"kind": "port", "name": "dev-general-2", "id": "1"},
        {"kind": "port", "name": "dev-general-3", "id": "2"},
    ]
    assert cleanings
    assert json.loads(done.stdout) == {
        "stack": "dev",
        "found": rows,
        "removed": rows[:1],
        "kept": [{**rows[1], "why": "still in use"}],
        "remarks": ["something nobody can tell"],
    }
