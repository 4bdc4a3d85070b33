"""`cecf upgrade` and `cecf rollback`: asked for, told, and ended with the right code."""

import sys
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cecf.automation import upgrade as upgrades
from cecf.automation.stack import OperationFailedError, Outcome
from cecf.automation.upgrade import Before
from cecf.cli import app as entry
from cecf.cli import upgrade
from cecf.problems import HEADING
from tests.helpers.fake_stack import FakeStack
from tests.unit.cli.test_etcd import OUTPUTS

BEFORE = Before(kubernetes_version="1.34.4", image=None, snapshot="1a2b3c4d")


@pytest.fixture(autouse=True)
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Return what was done to the stack."""
    log: list[tuple[Any, ...]] = []
    outcome = Outcome(changes={"replace": 5}, outputs=OUTPUTS)
    monkeypatch.delenv("STACK", raising=False)
    monkeypatch.setattr(upgrade, "Stack", lambda name, _project: FakeStack(name))

    def go(stack: FakeStack, release: str, image: str | None, _run: object) -> Outcome:
        log.append(("upgrade", stack.name, release, image))
        return outcome

    def back(stack: FakeStack, _run: object) -> tuple[Before, Outcome]:
        log.append(("rollback", stack.name))
        return BEFORE, outcome

    monkeypatch.setattr(upgrades, "upgrade", go)
    monkeypatch.setattr(upgrades, "rollback", back)
    monkeypatch.setattr(upgrades, "last_upgrade", lambda _: BEFORE)
    return log


def run(*arguments: str, answer: str | None = None) -> Result:
    """Run `cecf`."""
    return CliRunner().invoke(entry.app, list(arguments), input=answer, env={"COLUMNS": "160"})


@pytest.mark.parametrize(
    ("verb", "parts"),
    [
        ("upgrade", ("a patch, or the next minor", "A snapshot first", "--to", "--image", "--yes")),
        ("rollback", ("What was written since is lost", "--stack", "--yes")),
    ],
)
def test_help_says_what_each_does(verb: str, parts: tuple[str, ...]) -> None:
    said = run(verb, "--help").output
    assert [part for part in parts if part not in said] == []


@pytest.mark.parametrize("arguments", [("upgrade", "--stack", "dev"), ("upgrade", "--to", "1.35.4"), ("rollback",)])
def test_what_is_missing_ends_with_2(done: list[tuple[Any, ...]], arguments: tuple[str, ...]) -> None:
    assert (run(*arguments).exit_code, done) == (2, [])


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (("upgrade", "--to", "1.35.4"), "Replace every server of dev by one with Kubernetes 1.35.4?"),
        (("rollback",), "Take dev back to Kubernetes 1.34.4 and snapshot 1a2b3c4d? What was written since is lost."),
    ],
)
def test_nothing_is_done_before_a_person_has_said_yes(
    done: list[tuple[Any, ...]], arguments: tuple[str, ...], asked: str
) -> None:
    result = run(*arguments, "--stack", "dev", answer="n\n")
    assert (result.exit_code, done) == (1, [])
    assert asked in result.output
    assert run(*arguments, "--stack", "dev", answer="y\n").exit_code == 0
    assert len(done) == 1


@pytest.mark.parametrize(("options", "image"), [((), None), (("--image", "mine"), "mine")])
def test_an_upgrade_goes_to_the_release_with_the_image(
    done: list[tuple[Any, ...]], options: tuple[str, ...], image: str | None
) -> None:
    assert run("upgrade", "--stack", "dev", "--to", "1.35.4", "--yes", *options).exit_code == 0
    assert done == [("upgrade", "dev", "1.35.4", image)]


def test_a_rollback_tells_where_the_cluster_is(done: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]) -> None:
    upgrade.rollback("dev", yes=True)
    assert done == [("rollback", "dev")]
    said = capsys.readouterr().out
    assert "5 replace" in said
    assert "dev is at Kubernetes 1.34.4 again, with the data of 1a2b3c4d" in said


@pytest.mark.parametrize(
    ("error", "code"), [("the upgrade stopped at dev-control-plane-2-turn", 1), (f"{HEADING} (1 to mend):\nx", 2)]
)
def test_what_was_refused_and_what_failed_end_differently(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: str, code: int
) -> None:
    def fail(*_: object) -> None:
        raise OperationFailedError([error])

    monkeypatch.setattr(upgrades, "upgrade", fail)
    monkeypatch.setattr(sys, "argv", ["cecf", "upgrade", "--stack", "dev", "--to", "1.36.3", "--yes"])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == code
    assert error.splitlines()[0] in capsys.readouterr().err


def test_where_there_was_no_upgrade_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch, done: list[tuple[Any, ...]]
) -> None:
    def none(_: object) -> None:
        raise OperationFailedError(["stack 'dev' has no upgrade to roll back"])

    monkeypatch.setattr(upgrades, "last_upgrade", none)
    result = run("rollback", "--stack", "dev")
    assert isinstance(result.exception, OperationFailedError)
    assert (result.output, done) == ("", [])
