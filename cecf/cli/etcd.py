"""`cecf etcd`: snapshots of the cluster's data."""

import json
import sys
from typing import Annotated

import typer
from rich.table import Table

from cecf.automation.stack import Stack
from cecf.cli.console import console
from cecf.cli.options import HERE, Json, ProjectDir, StackName, Yes
from cecf.cli.progress import progress
from cecf.cli.summary import print_changes, print_cluster

app = typer.Typer(help="Take, list and restore snapshots of the cluster's data.", no_args_is_help=True)

SnapshotId = Annotated[
    str | None, typer.Option("--snapshot", help="Its id, as `cecf etcd list` has it; else the newest.")
]


@app.command()
def backup(stack: StackName, project: ProjectDir = HERE) -> None:
    """Take a snapshot now, besides those of the timer."""
    from cecf.automation import backups  # noqa: PLC0415 (OpenStack's SDK: other verbs need none)

    taken = backups.take(Stack(stack, project))
    console.print(f"took snapshot {taken} of {stack}: cecf etcd list --stack {stack}", highlight=False)


@app.command("list")
def list_(stack: StackName, project: ProjectDir = HERE, *, as_json: Json = False) -> None:
    """List the snapshots, the newest first."""
    from cecf.automation import backups  # noqa: PLC0415

    found = backups.listed(Stack(stack, project))
    if as_json:
        rows = [{**vars(each), "time": each.time.isoformat()} for each in found]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return
    table = Table("snapshot", "taken (UTC)", "revision", "keys", "store")
    for each in found:
        table.add_row(
            each.id, f"{each.time:%Y-%m-%d %H:%M:%S}", str(each.revision), str(each.keys), each.node or "shared"
        )
    console.print(table)


@app.command()
def restore(stack: StackName, project: ProjectDir = HERE, snapshot: SnapshotId = None, *, yes: Yes = False) -> None:
    """Begin anew from a snapshot: same cluster, same keys, data as it was. Later writes are lost.

    Deletes the servers of etcd and the control plane and makes new ones; workers stay. What an interruption leaves
    undone, `cecf up` does.
    """
    from cecf.automation import backups  # noqa: PLC0415

    target = Stack(stack, project)
    if not yes:
        what = f"snapshot {snapshot}" if snapshot else "the newest snapshot"
        typer.confirm(f"Take {stack} back to {what}? What was written since is lost.", abort=True)
    with progress(f"restore of {stack}") as run:
        outcome = backups.restore(target, snapshot, run)
    print_changes(outcome.changes, run.seconds)
    print_cluster(outcome.outputs, stack, target.cloud)
