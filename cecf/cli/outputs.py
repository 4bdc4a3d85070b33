"""`cecf outputs`: what a stack tells of its cluster."""

import json
import sys
from typing import Annotated

import typer

from cecf.automation.stack import OperationFailedError, Stack
from cecf.cli.console import console
from cecf.cli.options import HERE, Json, ProjectDir, StackName

Name = Annotated[str | None, typer.Argument(metavar="OUTPUT", help="Only this one.")]


def outputs(stack: StackName, name: Name = None, project: ProjectDir = HERE, *, as_json: Json = False) -> None:
    """Tell what the last `up` has left: names, addresses, dates. Secrets are masked; `cecf kubeconfig` has those."""
    found = Stack(stack, project).outputs()
    if name is not None and name not in found:
        there = ", ".join(sorted(found)) or "none: cecf up"
        raise OperationFailedError([f"stack '{stack}' has no output '{name}'; there is {there}"])
    shown = found if name is None else found[name]
    if as_json:
        sys.stdout.write(json.dumps(shown, indent=2) + "\n")
    elif name is not None:
        console.print(_text(shown), markup=False)
    else:
        for key, value in sorted(found.items()):
            console.print(f"{key}: {_text(value)}", markup=False)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
