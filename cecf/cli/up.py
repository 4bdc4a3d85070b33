"""`cecf up`: make the cloud what the settings say."""

from typing import Annotated

import typer

from cecf.automation.stack import Stack
from cecf.cli import records
from cecf.cli.options import HERE, Json, ProjectDir, StackName, Yes, no_question
from cecf.cli.preview import show_preview
from cecf.cli.progress import progress
from cecf.cli.summary import print_changes, print_cluster

Refresh = Annotated[
    bool, typer.Option("--refresh", help="Look first what there really is, and mend what somebody has changed.")
]


def up(
    stack: StackName,
    project: ProjectDir = HERE,
    *,
    yes: Yes = False,
    refresh: Refresh = False,
    as_json: Json = False,
) -> None:
    """Create or change the cluster. Resumes where an interrupted or failed run stopped."""
    target = Stack(stack, project)
    if not yes:
        no_question(as_json=as_json)
        show_preview(target, project, refresh=refresh)
        typer.confirm("Do this?", abort=True)
    with progress(f"up of {stack}", as_json=as_json) as run:
        outcome = target.up(run, previewed=not yes, refresh=refresh)
    if as_json:
        records.summary("up", stack, outcome, run)
        return
    print_changes(outcome.changes, run.seconds)
    print_cluster(outcome.outputs, stack, target.cloud)
