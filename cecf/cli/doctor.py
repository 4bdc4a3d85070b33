"""`cecf doctor`: look at everything that a run rests on, before it."""

import json
import sys
from dataclasses import asdict

import typer
from rich.text import Text

from cecf.cli.console import console
from cecf.cli.options import HERE, Json, ProjectDir, StackName

NOT_WELL = 2


def doctor(stack: StackName, project: ProjectDir = HERE, *, as_json: Json = False) -> None:
    """Look at the engine, the settings, the cloud, its names and its quotas; change nothing.

    Exit code 2 if a run would fail.
    """
    from cecf.automation.doctor import examine  # noqa: PLC0415 (OpenStack's SDK: other verbs need none)

    found = []
    for finding in examine(stack, project):
        found.append(finding)
        if not as_json:
            mark, style = ("ok", "green") if finding.well else ("no", "red")
            console.print(Text.assemble((f"  {mark} ", style), f"{finding.topic}: {finding.said}"))
    if as_json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in found], indent=2) + "\n")
    if not all(finding.well for finding in found):
        raise typer.Exit(NOT_WELL)
