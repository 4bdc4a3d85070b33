"""`cecf preview`: what `up` would do."""

from pathlib import Path
from typing import Annotated

import typer

from cecf.automation.stack import Outcome, Stack
from cecf.cli import records
from cecf.cli.console import console
from cecf.cli.options import FOUND, HERE, Json, ProjectDir, StackName
from cecf.cli.progress import progress
from cecf.cli.summary import print_changes


def preview(
    stack: StackName,
    project: ProjectDir = HERE,
    *,
    expect_no_changes: Annotated[
        bool, typer.Option("--expect-no-changes", help="Exit with 3 if anything would change.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what `up` would do, what it would take of quotas and cost, and change nothing."""
    outcome = show_preview(Stack(stack, project), project, as_json=as_json)
    if expect_no_changes and outcome.changed:
        raise typer.Exit(FOUND)


def show_preview(stack: Stack, project: Path, *, refresh: bool = False, as_json: bool = False) -> Outcome:
    """Preview, and tell what would change."""
    from cecf.automation.preflight import preflight  # noqa: PLC0415 (OpenStack's SDK: other verbs need none)

    with progress(f"preview of {stack.name}", planned=True, as_json=as_json) as run:
        outcome = stack.preview(run, refresh=refresh)
    notes = list(preflight(stack.name, project).notes())
    if as_json:
        records.summary("preview", stack.name, outcome, run, notes=notes)
        return outcome
    print_changes(outcome.changes, run.seconds)
    for note in notes:
        console.print(f"  {note}")
    return outcome
