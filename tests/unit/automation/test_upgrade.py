"""To another release and back: nothing changes where it cannot work, and the way back is always known."""

from typing import Any

import pytest

from cecf.automation import backups, upgrade
from cecf.automation.events import Run
from cecf.automation.stack import OperationFailedError, Outcome
from tests.helpers.fake_stack import NODES, FakeControlPlane, FakeStack

VERSION, IMAGE, RECORD = upgrade.VERSION, upgrade.IMAGE, upgrade.RECORD
Record = list[tuple[str | None, dict[str, str]]]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> FakeControlPlane:
    """Return the control plane of every stack; it takes a snapshot."""
    made = FakeControlPlane(says={"now": "cecf-boot: backup: took 1a2b3c4d: revision 42"})
    monkeypatch.setattr(backups, "control_plane_of", lambda _: made)
    monkeypatch.setattr(upgrade, "control_plane_of", lambda _: made)
    return made


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> Record:
    """Return the restores: from which snapshot, and what the stack's file said then."""
    log: Record = []

    def restore(stack: Any, snapshot: str | None, _run: Run) -> Outcome:
        log.append((snapshot, dict(stack.file)))
        if error := stack.fails.get("up"):
            raise OperationFailedError(error)
        return Outcome(changes={"replace": 3})

    monkeypatch.setattr(backups, "restore", restore)
    return log


def kept(stack: FakeStack) -> dict[str, str]:
    """Return what the stack's file keeps of its last upgrade."""
    return {key.removeprefix(f"{RECORD}."): value for key, value in stack.file.items() if key.startswith(RECORD)}


def test_the_settings_are_tried_and_a_snapshot_is_taken_before_anything_changes(found: FakeControlPlane) -> None:
    stack = FakeStack()
    upgrade.upgrade(stack.stack, "1.35.4", None, Run())
    assert stack.log.index("preview") < stack.log.index("up")
    assert stack.log.index(f"configure {RECORD}.snapshot") < stack.log.index("up")
    assert found.ran == [(None, "cecf.node.backup", ("now",))]
    assert stack.file[VERSION] == "1.35.4"
    assert kept(stack) == {"kubernetes_version": "1.34.4", "snapshot": "1a2b3c4d"}


def test_another_image_is_written_and_the_one_before_is_kept(found: FakeControlPlane) -> None:
    assert found.up
    stack = FakeStack(file={VERSION: "1.34.4", IMAGE: "mine-1.34"})
    upgrade.upgrade(stack.stack, "1.35.4", "mine-1.35", Run())
    assert stack.file[IMAGE] == "mine-1.35"
    assert kept(stack)["image"] == "mine-1.34"


def test_an_image_of_the_release_before_is_not_kept_for_the_next_one(found: FakeControlPlane) -> None:
    assert found.up
    stack = FakeStack(file={IMAGE: "mine-1.34"})
    upgrade.upgrade(stack.stack, "1.35.4", None, Run())
    assert IMAGE not in stack.file
    stack.known["kubernetes_version"] = "1.35.4"
    # The second upgrade comes from the release's own image.
    upgrade.upgrade(stack.stack, "1.36.3", None, Run())
    assert kept(stack) == {"kubernetes_version": "1.35.4", "snapshot": "1a2b3c4d"}


@pytest.mark.parametrize("before", [{}, {VERSION: "1.34.4", IMAGE: "mine"}, {f"{RECORD}.snapshot": "old"}])
def test_settings_that_are_refused_are_as_they_were(found: FakeControlPlane, before: dict[str, str]) -> None:
    stack = FakeStack(file=dict(before), fails={"preview": ["from 1.34 to 1.36.3 is more than one minor"]})
    with pytest.raises(OperationFailedError, match="more than one minor"):
        upgrade.upgrade(stack.stack, "1.36.3", "other", Run())
    assert stack.file == before
    assert (found.ran, "up" in stack.log) == ([], False)


def test_without_a_snapshot_nothing_changes(found: FakeControlPlane) -> None:
    found.says = {"now": "cecf-boot: backup: failed: no store"}
    stack = FakeStack(file={VERSION: "1.34.4"})
    with pytest.raises(OperationFailedError, match="no snapshot of 'dev' was taken"):
        upgrade.upgrade(stack.stack, "1.35.4", None, Run())
    assert stack.file == {VERSION: "1.34.4"}
    assert "up" not in stack.log


def test_a_control_plane_that_is_not_well_is_mended_first(found: FakeControlPlane) -> None:
    found.ready = NODES[1:]
    stack = FakeStack()
    with pytest.raises(OperationFailedError) as caught:
        upgrade.upgrade(stack.stack, "1.35.4", None, Run())
    assert str(caught.value) == "dev-control-plane-1 is not Ready: first `cecf up --stack dev`"
    assert stack.log == []


@pytest.mark.parametrize(
    ("step", "where"), [("dev-control-plane-2-turn", "dev-control-plane-2-turn"), ("", "before its first step")]
)
def test_an_upgrade_that_stops_says_where_and_what_can_be_done(
    found: FakeControlPlane, restored: Record, step: str, where: str
) -> None:
    assert found.up
    stack = FakeStack(fails={"up": ["not ready after 15 min"]}, failed_step=step)
    with pytest.raises(OperationFailedError) as caught:
        upgrade.upgrade(stack.stack, "1.35.4", None, Run())
    assert str(caught.value) == (
        f"not ready after 15 min\nthe upgrade stopped at {where}; the cluster goes on with what it has. Mend it, and "
        "`cecf up --stack dev` goes on; or `cecf rollback --stack dev` returns to 1.34.4 and the snapshot 1a2b3c4d"
    )
    # Both ways are open: the wanted release is in the settings, and so is the one before.
    assert stack.file[VERSION] == "1.35.4"
    stack.fails = {}
    assert upgrade.rollback(stack.stack, Run())[0].kubernetes_version == "1.34.4"
    assert [snapshot for snapshot, _ in restored] == ["1a2b3c4d"]


@pytest.mark.parametrize("image", [None, "mine-1.34"])
def test_a_rollback_sets_release_and_image_and_begins_from_the_snapshot(restored: Record, image: str | None) -> None:
    record = {"kubernetes_version": "1.34.4", "snapshot": "1a2b3c4d", **({"image": image} if image else {})}
    stack = FakeStack(file={VERSION: "1.35.4", IMAGE: "mine-1.35", **{f"{RECORD}.{k}": v for k, v in record.items()}})
    before, outcome = upgrade.rollback(stack.stack, Run())
    assert (before.kubernetes_version, before.image, before.snapshot) == ("1.34.4", image, "1a2b3c4d")
    assert outcome.changes == {"replace": 3}
    ((snapshot, file),) = restored
    assert (snapshot, file[VERSION], file.get(IMAGE)) == ("1a2b3c4d", "1.34.4", image)
    # There is no second rollback to a state that is the present one.
    assert kept(stack) == {}
    with pytest.raises(OperationFailedError, match="has no upgrade to roll back"):
        upgrade.rollback(stack.stack, Run())


def test_a_rollback_that_stops_can_be_begun_again(restored: Record) -> None:
    record = {f"{RECORD}.kubernetes_version": "1.34.4", f"{RECORD}.snapshot": "1a2b3c4d"}
    stack = FakeStack(file={VERSION: "1.35.4", **record}, fails={"up": ["Nova says no"]})
    with pytest.raises(OperationFailedError, match="Nova says no"):
        upgrade.rollback(stack.stack, Run())
    assert kept(stack) == {"kubernetes_version": "1.34.4", "snapshot": "1a2b3c4d"}
    assert len(restored) == 1


def test_a_snapshot_s_id_that_is_all_digits_is_an_id() -> None:
    stack = FakeStack(file={RECORD: '{"kubernetes_version": "1.34.4", "snapshot": 12345678}'})
    assert upgrade.last_upgrade(stack.stack).snapshot == "12345678"
