"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

_STACK = typer.Option("--stack", "-s", envvar="STACK", help="The stack: dev, finance, ...")

StackName = Annotated[str, _STACK]
OptionalStackName = Annotated[str | None, _STACK]
ProjectDir = Annotated[
    Path,
    typer.Option("--project", help="The folder of Pulumi.yaml.", exists=True, file_okay=False),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Json = Annotated[bool, typer.Option("--json", help="For programs, under names that stay.")]

FOUND = 3
"""The exit code of what has found changes, drift or something left."""

HERE = Path()


def no_question(*, as_json: bool) -> None:
    """Refuse to ask where a program listens."""
    if as_json:
        raise typer.BadParameter("nobody is asked: add --yes", param_hint="--json")
