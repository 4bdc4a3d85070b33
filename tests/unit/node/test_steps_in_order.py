"""The way through the steps: in order, none twice, each again until it works, and always a word of where it is."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import clusters
from tests.helpers.node_program import Machine, machine

ALL = [
    "data-disk",
    "disk-check",
    "etcd",
    "kernel",
    "container-runtime",
    "load-balancer",
    "membership",
    "kubelet",
]
EACH_TIME = ["data-disk", "etcd", "kubelet"]

Taken = list[str]


def noting(node: Machine, note: Callable[[str], None]) -> None:
    """Have each step of a server do nothing but be noted, and work."""
    _change(node, lambda known: replace(known, take=lambda _facts: note(known.name)))


def _change(node: Machine, change: Callable[[Any], Any]) -> None:
    """Have each step of a server be another one."""
    steps = node.program.boot.steps
    node.program.boot.steps = lambda facts: map(change, steps(facts))


@pytest.fixture
def taken(first: Machine) -> Taken:
    """Return the steps that the first server takes; each does nothing and works."""
    log: Taken = []
    noting(first, log.append)
    return log


def failing(node: Machine, name: str, *errors: BaseException) -> None:
    """Have a step fail in turn with each error, and work then."""
    turns = list(errors)

    def step(known: Any) -> Any:
        def stumble(facts: object) -> None:
            known.take(facts)
            if turns:
                raise turns.pop(0)

        return replace(known, take=stumble) if known.name == name else known

    _change(node, step)


def run(node: Machine, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the program; return how it ends."""
    monkeypatch.setattr("sys.argv", ["boot.py", *arguments])
    with node.importing():
        code: int = node.program.boot.main()
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


@pytest.mark.parametrize("name", ["kernel", "disk-check", "container-runtime", "load-balancer", "membership"])
def test_an_interrupted_step_is_taken_again_and_those_before_it_are_not(
    first: Machine, taken: Taken, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(first, name, SystemExit("power is gone"))
    with pytest.raises(SystemExit):
        run(first, monkeypatch)
    taken.clear()
    assert run(first, monkeypatch) == 0
    left = ALL[ALL.index(name) :]
    assert taken == [each for each in ALL if each in left or each in EACH_TIME]


def test_a_worker_has_no_member_of_etcd_and_no_load_balancer(worker: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    log: Taken = []
    noting(worker, log.append)
    assert run(worker, monkeypatch) == 0
    assert log == ["kernel", "container-runtime", "membership", "kubelet"]


EXTERNAL = {"etcd": {"topology": "external"}}


def test_a_server_of_etcd_s_own_becomes_a_member_and_nothing_of_kubernetes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = clusters.plan("dev", EXTERNAL)
    node = machine(tmp_path, plan.etcd.members[0], plan=plan)
    log: Taken = []
    noting(node, log.append)
    assert run(node, monkeypatch) == 0
    assert log == ["data-disk", "disk-check", "etcd"]


def test_a_control_plane_beside_them_has_no_member(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = clusters.plan("dev", EXTERNAL)
    node = machine(tmp_path, plan.control_plane.nodes[0], plan=plan)
    log: Taken = []
    noting(node, log.append)
    assert run(node, monkeypatch) == 0
    assert log == ["kernel", "container-runtime", "load-balancer", "membership", "kubelet"]


def test_a_disk_with_data_is_not_measured(first: Machine, taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    # What measures it would be in the way of what writes to it.
    first.put("/var/lib/etcd/data/member/snap/db")
    first.put("/var/lib/etcd/wal/0.wal")
    assert run(first, monkeypatch) == 0
    assert taken == [name for name in ALL if name != "disk-check"]


@pytest.mark.parametrize("kind", ["load_balancer", "external"])
def test_a_control_plane_behind_something_outside_of_the_nodes_has_none_either(
    first: Machine, taken: Taken, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = Path(first.program.boot.FACTS)
    facts.write_text(json.dumps({**json.loads(facts.read_text()), "endpoint_kind": kind}))
    assert run(first, monkeypatch) == 0
    assert taken == [name for name in ALL if name != "load-balancer"]


def test_a_step_that_fails_is_tried_again_after_a_while_and_told(
    first: Machine, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(
        first, "kernel", first.program.tools.NotYetError("no such module"), OSError("no such file"), ValueError("bad")
    )
    assert run(first, monkeypatch) == 0
    after = ALL.index("kernel")
    assert taken == [*ALL[:after], *["kernel"] * 4, *ALL[after + 1 :]]
    assert first.clock.slept == [first.program.boot.PAUSE] * 3
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
    before = ALL[: ALL.index("container-runtime")]
    assert taken == [*before, *["container-runtime"] * first.program.boot.ATTEMPTS]
    assert first.console.gave_up
    assert "step container-runtime" in first.console.progress
    assert first.state == {
        "state": "failed",
        "step": "container-runtime",
        "attempt": first.program.boot.ATTEMPTS,
        "error": "containerd is broken",
    }


def test_after_giving_up_the_next_run_begins_at_that_step(
    first: Machine, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(first, "membership", *[OSError("no API")] * first.program.boot.ATTEMPTS)
    assert run(first, monkeypatch) == 1
    taken.clear()
    assert run(first, monkeypatch) == 0
    assert taken == ["data-disk", "etcd", "membership", "kubelet"]
    assert not first.console.gave_up


def test_the_state_tells_the_step_while_it_is_taken(first: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    noting(first, lambda _: seen.append((first.state["state"], first.state["step"])))
    run(first, monkeypatch)
    assert seen == [("running", name) for name in ALL]


@pytest.mark.usefixtures("taken")
def test_a_step_that_no_other_attempt_can_mend_is_given_up_at_once(
    first: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(first, "disk-check", *[first.program.tools.GivenUpError("the disk is slow")] * 99)
    assert run(first, monkeypatch) == 1
    assert first.clock.slept == []
    assert first.console.gave_up
    assert first.state["error"] == "the disk is slow"
    assert not first.path("/var/lib/cecf/boot/disk-check.done").exists()


def test_only_the_data_disk_is_mounted_where_that_is_what_was_asked_for(
    first: Machine, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(first, monkeypatch, "data-disk") == 0
    assert taken == ["data-disk"]


@pytest.mark.usefixtures("taken")
def test_without_its_data_disk_etcd_s_unit_fails(first: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(first, "data-disk", *[OSError("no disk")] * first.program.boot.ATTEMPTS)
    assert run(first, monkeypatch, "data-disk") == 1


def test_each_piece_of_news_is_one_line_of_the_journal_and_of_the_console(
    first: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    first.program.tools.say("kernel", "failed: a\n  long\tstory\n")
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
