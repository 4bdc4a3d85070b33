"""`cecf preview`: what `up` would do."""

from typing import Annotated

import typer

from cecf.automation.stack import Outcome, Stack
from cecf.cli.options import FOUND, HERE, ProjectDir, StackName
from cecf.cli.progress import progress
from cecf.cli.summary import print_changes


def preview(
    stack: StackName,
    project: ProjectDir = HERE,
    *,
    expect_no_changes: Annotated[
        bool, typer.Option("--expect-no-changes", help="Exit with 3 if anything would change.")
    ] = False,
) -> None:
    """Show what `up` would do, and change nothing."""
    outcome = show_preview(Stack(stack, project))
    if expect_no_changes and outcome.changed:
        raise typer.Exit(FOUND)


def show_preview(stack: Stack, *, refresh: bool = False) -> Outcome:
    """Preview, and print what would change."""
    with progress(f"preview of {stack.name}", planned=True) as run:
        outcome = stack.preview(run, refresh=refresh)
    print_changes(outcome.changes, run.seconds)
    return outcome
