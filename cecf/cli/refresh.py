"""`cecf refresh`: make the state what the cloud really has."""

import typer

from cecf.automation.stack import Stack
from cecf.cli import records
from cecf.cli.options import HERE, Json, ProjectDir, StackName, Yes, no_question
from cecf.cli.progress import progress
from cecf.cli.summary import print_changes


def refresh(stack: StackName, project: ProjectDir = HERE, *, yes: Yes = False, as_json: Json = False) -> None:
    """Read every resource again and write what is there into the state. The cloud is not changed; `up` mends it."""
    target = Stack(stack, project)
    if not yes:
        no_question(as_json=as_json)
        typer.confirm(f"Write into the state of {stack} what the cloud has?", abort=True)
    with progress(f"refresh of {stack}", as_json=as_json) as run:
        outcome = target.refresh(run)
    if as_json:
        records.summary("refresh", stack, outcome, run)
    else:
        print_changes(outcome.changes, run.seconds)
