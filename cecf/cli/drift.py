"""`cecf drift`: what is not as declared, each in its class, with what to do."""

import json
import sys
from typing import Annotated, Any

import typer

from cecf.automation.drift.model import CLASSES, Class, Finding, Report
from cecf.automation.stack import Stack
from cecf.cli.console import console, errors
from cecf.cli.options import FOUND, HERE, Json, ProjectDir, StackName

_MEANS: dict[Class, str] = {
    "harmful": "the cluster is less safe or less stable than declared",
    "cosmetic": "only what is shown differs",
    "leak": "nobody needs it, and it costs quota",
    "elastic": "meant to move by itself",
}
_STYLES: dict[Class, str] = {"harmful": "red", "cosmetic": "yellow", "leak": "yellow", "elastic": "green"}

NoSettings = Annotated[
    bool, typer.Option("--no-settings", help="Ask OpenStack only, not the components that run in the cluster.")
]


def drift(
    stack: StackName, project: ProjectDir = HERE, *, no_settings: NoSettings = False, as_json: Json = False
) -> None:
    """Compare OpenStack, and what the cluster's components run with, with what is declared. Changes neither.

    Exit code 3 if anything but elastic drift is found; 0 if not, also where something could not be read: that is told.
    """
    from cecf.automation.drift.looking import find  # noqa: PLC0415 (OpenStack's SDK: other verbs need none)

    report = find(Stack(stack, project), settings=not no_settings)
    if as_json:
        sys.stdout.write(json.dumps(_data(stack, report), indent=2) + "\n")
    else:
        _print(stack, report)
    if report.found:
        raise typer.Exit(FOUND)


def _print(stack: str, report: Report) -> None:
    for each in CLASSES:
        if findings := report.of(each):
            console.print(f"{each}: {_MEANS[each]}", style=_STYLES[each])
            for finding in findings:
                console.print(f"  {finding.where}: {finding.what}", markup=False)
                if finding.mend:
                    console.print(f"    to mend it: {finding.mend}", markup=False)
    for line in report.unread:
        errors.print(f"not read: {line}", style="yellow", markup=False)
    counts = ", ".join(f"{number} {each}" for each in CLASSES if (number := len(report.of(each))))
    console.print(f"drift of {stack}: {counts or 0}")


def _data(stack: str, report: Report) -> dict[str, Any]:
    return {
        "stack": stack,
        "drift": report.found,
        "counts": {each: len(report.of(each)) for each in CLASSES},
        "findings": [_row(finding) for finding in report.findings],
        "unread": list(report.unread),
    }


def _row(finding: Finding) -> dict[str, str]:
    return {"class": finding.drift, "where": finding.where, "what": finding.what, "mend": finding.mend}
