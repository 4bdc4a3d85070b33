"""The way through the steps: in order, none twice, each again until it works, and always a word of where it is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.node_program import Machine

ALL = ["data-disk", "kernel", "container-runtime", "load-balancer", "membership", "kubelet"]
EACH_TIME = ["data-disk", "kubelet"]

Taken = list[str]


@pytest.fixture
def taken(first: Machine) -> Taken:
    """Return the steps that the first server takes; each does nothing and works."""
    log: Taken = []
    for steps in (first.program.ALWAYS, first.program.ONCE, first.program.AFTERWARDS):
        for name in steps:
            steps[name] = _noting(log, name)
    return log


def _noting(log: Taken, name: str) -> Callable[[object], None]:
    return lambda _facts: log.append(name)


def failing(node: Machine, name: str, *errors: BaseException) -> None:
    """Have a step fail in turn with each error, and work then."""
    step, turns = node.program.ONCE[name], list(errors)

    def stumble(facts: object) -> None:
        step(facts)
        if turns:
            raise turns.pop(0)

    node.program.ONCE[name] = stumble


def run(node: Machine, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the program; return how it ends."""
    monkeypatch.setattr("sys.argv", ["boot.py", *arguments])
    code: int = node.program.main()
    return code


def test_a_new_server_takes_every_step_in_order(first: Machine, taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(first, monkeypatch) == 0
    assert taken == ALL
    assert first.state["state"] == "done"
    assert first.console.progress.startswith("node: done in")


def test_what_is_done_is_not_done_again_after_a_reboot(
    first: Machine, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(first, monkeypatch)
    taken.clear()
    assert run(first, monkeypatch) == 0
    assert taken == EACH_TIME
    assert first.console.progress.startswith("node: done in")


@pytest.mark.parametrize("name", ["kernel", "container-runtime", "load-balancer", "membership"])
def test_an_interrupted_step_is_taken_again_and_those_before_it_are_not(
    first: Machine, taken: Taken, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(first, name, SystemExit("power is gone"))
    with pytest.raises(SystemExit):
        run(first, monkeypatch)
    taken.clear()
    assert run(first, monkeypatch) == 0
    assert taken == ["data-disk", *ALL[ALL.index(name) :]]


def test_a_worker_has_no_load_balancer(worker: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    log: Taken = []
    for steps in (worker.program.ALWAYS, worker.program.ONCE, worker.program.AFTERWARDS):
        for name in steps:
            steps[name] = _noting(log, name)
    assert run(worker, monkeypatch) == 0
    assert log == [name for name in ALL if name != "load-balancer"]


@pytest.mark.parametrize("kind", ["load_balancer", "external"])
def test_a_control_plane_behind_something_outside_of_the_nodes_has_none_either(
    first: Machine, taken: Taken, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = Path(first.program.FACTS)
    facts.write_text(json.dumps({**json.loads(facts.read_text()), "endpoint_kind": kind}))
    assert run(first, monkeypatch) == 0
    assert taken == [name for name in ALL if name != "load-balancer"]


def test_a_step_that_fails_is_tried_again_after_a_while_and_told(
    first: Machine, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(first, "kernel", first.program.NotYetError("no such module"), OSError("no such file"), ValueError("bad"))
    assert run(first, monkeypatch) == 0
    assert taken == ["data-disk", *["kernel"] * 4, *ALL[2:]]
    assert first.clock.slept == [first.program.PAUSE] * 3
    assert first.said("kernel") == [
        "begins",
        "failed: no such module",
        "attempt 2 of 10",
        "failed: no such file",
        "attempt 3 of 10",
        "failed: bad",
        "attempt 4 of 10",
        "done in 0 s",
    ]


def test_a_step_that_never_works_is_given_up_and_nothing_comes_after_it(
    first: Machine, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(first, "container-runtime", *[OSError("containerd is broken")] * 99)
    assert run(first, monkeypatch) == 1
    assert taken == ["data-disk", "kernel", *["container-runtime"] * first.program.ATTEMPTS]
    assert first.console.gave_up
    assert "step container-runtime" in first.console.progress
    assert first.state == {
        "state": "failed",
        "step": "container-runtime",
        "attempt": first.program.ATTEMPTS,
        "error": "containerd is broken",
    }


def test_after_giving_up_the_next_run_begins_at_that_step(
    first: Machine, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(first, "membership", *[OSError("no API")] * first.program.ATTEMPTS)
    assert run(first, monkeypatch) == 1
    taken.clear()
    assert run(first, monkeypatch) == 0
    assert taken == ["data-disk", "membership", "kubelet"]
    assert not first.console.gave_up


def test_the_state_tells_the_step_while_it_is_taken(first: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    for steps in (first.program.ALWAYS, first.program.ONCE, first.program.AFTERWARDS):
        for name in steps:
            steps[name] = lambda _facts: seen.append((first.state["state"], first.state["step"]))
    run(first, monkeypatch)
    assert seen == [("running", name) for name in ALL]


def test_only_the_data_disk_is_mounted_where_that_is_what_was_asked_for(
    first: Machine, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    first.program.data_disk = lambda _facts: taken.append("the disk")
    assert run(first, monkeypatch, "data-disk") == 0
    assert taken == ["the disk"]


def test_without_its_data_disk_the_kubelet_s_unit_fails(first: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_facts: object) -> None:
        raise OSError("no disk")

    first.program.data_disk = fail
    assert run(first, monkeypatch, "data-disk") == 1


def test_each_piece_of_news_is_one_line_of_the_journal_and_of_the_console(
    first: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    first.program.say("kernel", "failed: a\n  long\tstory\n")
    assert capsys.readouterr().out == "cecf-boot: kernel: failed: a long story\n"
    assert first.path("/dev/console").read_bytes() == b"cecf-boot: kernel: failed: a long story\r\n"
    assert first.console.progress == "kernel: failed: a long story"


def test_a_server_without_a_console_boots_all_the_same(
    first: Machine, taken: Taken, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first.path("/dev/console").unlink()
    first.path("/dev/console").mkdir()
    assert run(first, monkeypatch) == 0
    assert taken == ALL
    assert "cecf-boot: node: done" in capsys.readouterr().out
