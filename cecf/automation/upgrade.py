"""Takes a stack's cluster to another Kubernetes release, and back."""

import json
from dataclasses import dataclass

from cecf.automation import backups
from cecf.automation.control_plane import control_plane_of
from cecf.automation.events import Run
from cecf.automation.stack import OperationFailedError, Outcome, Stack

VERSION = "cecf:cluster.kubernetes_version"
IMAGE = "cecf:cluster.image"
RECORD = "cecf:upgraded_from"


@dataclass(frozen=True, kw_only=True)
class Before:
    """What a cluster was before its last upgrade."""

    kubernetes_version: str
    image: str | None
    """What the stack's file named; none: nothing."""
    snapshot: str


def upgrade(stack: Stack, release: str, image: str | None, run: Run) -> Outcome:
    """Take the cluster to a release: snapshot, control planes one by one, pools, add-ons.

    Raises `OperationFailedError`: with nothing changed where the settings refuse it or a control plane is not well;
    else with where it stopped.
    """
    found = control_plane_of(stack)
    if missing := set(found.nodes) - set(found.ready_nodes()):
        raise OperationFailedError([f"{', '.join(sorted(missing))} is not Ready: first `cecf up --stack {stack.name}`"])
    before = (stack.setting(VERSION), stack.setting(IMAGE))
    running = str(stack.outputs()["kubernetes_version"])
    stack.configure(VERSION, release)
    stack.configure(IMAGE, image)
    try:
        stack.preview(Run())
        snapshot = backups.take(stack)
    except OperationFailedError:
        stack.configure(VERSION, before[0])
        stack.configure(IMAGE, before[1])
        raise
    record = {"kubernetes_version": running, "snapshot": snapshot, **({"image": before[1]} if before[1] else {})}
    # Whole: an image that the last upgrade came from is none of this one's.
    stack.configure(RECORD, None)
    for name, value in record.items():
        stack.configure(f"{RECORD}.{name}", str(value))
    try:
        return stack.up(run, previewed=True)
    except OperationFailedError as error:
        where = ", ".join(step.name for step in run.over if step.failed) or "before its first step"
        raise OperationFailedError([*error.errors, _advice(stack.name, where, running, snapshot)]) from None


def rollback(stack: Stack, run: Run) -> tuple[Before, Outcome]:
    """Return to the release and the data of before the last upgrade. What was written since is lost.

    Raises `OperationFailedError` where there was none.
    """
    before = last_upgrade(stack)
    stack.configure(VERSION, before.kubernetes_version)
    stack.configure(IMAGE, before.image)
    outcome = backups.restore(stack, before.snapshot, run)
    stack.configure(RECORD, None)
    return before, outcome


def last_upgrade(stack: Stack) -> Before:
    """Return what the last upgrade began from."""
    record = stack.setting(RECORD)
    if not record:
        raise OperationFailedError([f"stack '{stack.name}' has no upgrade to roll back: see Pulumi.{stack.name}.yaml"])
    # An id that is all digits the engine has made a number of.
    known = {name: str(value) for name, value in json.loads(record).items()}
    return Before(kubernetes_version=known["kubernetes_version"], image=known.get("image"), snapshot=known["snapshot"])


def _advice(stack: str, where: str, running: str, snapshot: str) -> str:
    return (
        f"the upgrade stopped at {where}; the cluster goes on with what it has. Mend it, and `cecf up --stack {stack}` "
        f"goes on; or `cecf rollback --stack {stack}` returns to {running} and the snapshot {snapshot}"
    )
