"""`cecf destroy`: delete the cluster, and prove that nothing is left."""

import typer

from cecf.automation.stack import Stack
from cecf.cli import records
from cecf.cli.console import console, errors
from cecf.cli.options import HERE, Json, ProjectDir, StackName, Yes, no_question
from cecf.cli.progress import progress
from cecf.cli.summary import print_changes


def destroy(stack: StackName, project: ProjectDir = HERE, *, yes: Yes = False, as_json: Json = False) -> None:
    """Delete everything of the stack, then ask the cloud what is left. Exit code 1 if anything is."""
    from cecf.automation.audit import destroy_all, remaining  # noqa: PLC0415 (OpenStack's SDK: other verbs need none)

    target = Stack(stack, project)
    if not yes:
        no_question(as_json=as_json)
        typer.confirm(f"Delete everything of {stack}?", abort=True)
    with progress(f"destroy of {stack}", as_json=as_json) as run:
        outcome, removed = destroy_all(target, run)
    left = remaining(target)
    if as_json:
        records.summary("destroy", stack, outcome, run, removed=removed, left=left)
    else:
        for item in removed:
            console.print(f"  removed {item}", markup=False)
        print_changes(outcome.changes, run.seconds)
        _report(target, left)
    if left:
        raise typer.Exit(1)


def _report(stack: Stack, left: list[str]) -> None:
    console.print(f"the cloud '{stack.cloud}' has {len(left)} objects of the stack '{stack.name}' left")
    for item in left:
        errors.print(f"  {item}", style="red", markup=False)
    if left:
        errors.print(f"what is left goes with: cecf audit --stack {stack.name} --clean", style="red", markup=False)
