"""`cecf audit`: what the cloud has of a stack that its state does not know, and the removal of just that."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cecf.automation.stack import Stack
from cecf.cli.console import console, errors
from cecf.cli.options import FOUND, HERE, Json, ProjectDir, StackName, Yes

if TYPE_CHECKING:
    from cecf.automation.audit import Audit, Cleaned
    from cecf.cloud.owned import Owned

Clean = Annotated[bool, typer.Option("--clean", help="Remove it, after a question unless --yes.")]


def audit(
    stack: StackName, project: ProjectDir = HERE, *, clean: Clean = False, yes: Yes = False, as_json: Json = False
) -> None:
    """List what a destroyed stack or a failed run has left in the cloud, and remove just that if asked to.

    Beside a cluster that lives: what carries the stack's mark and is neither in the state nor an elastic node. Without
    one: everything that carries the mark, and what the cluster's own controllers have made (volumes, load balancers).
    Exit code 3 if anything is left, 1 if it could not be removed.
    """
    from cecf.automation import audit as audits  # noqa: PLC0415 (OpenStack's SDK: other verbs need none)

    target = Stack(stack, project)
    found = audits.audit(target)
    cleaned = None
    if not as_json:
        _print(found, target)
    if clean and found.left:
        if not yes:
            typer.confirm(f"Remove {_objects(found.left)}?", abort=True, err=as_json)
        cleaned = audits.clean(target, {item.id for item in found.left})
    if as_json:
        sys.stdout.write(json.dumps(_data(stack, found, cleaned), indent=2) + "\n")
    elif cleaned:
        _print_cleaned(cleaned)
    if cleaned and cleaned.kept:
        raise typer.Exit(1)
    if found.left and not cleaned:
        raise typer.Exit(FOUND)


def _print(found: "Audit", stack: Stack) -> None:
    for item in found.left:
        console.print(f"  {item}", markup=False)
    for remark in found.remarks:
        errors.print(remark, style="yellow", markup=False)
    mend = f": cecf audit --stack {stack.name} --clean" if found.left else ""
    console.print(f"the cloud '{stack.cloud}' has {_objects(found.left)} left of the stack '{stack.name}'{mend}")


def _print_cleaned(cleaned: "Cleaned") -> None:
    for item in cleaned.removed:
        console.print(f"  removed {item}", markup=False)
    for item, why in cleaned.kept:
        errors.print(f"  kept    {item}: {why}", style="red", markup=False)


def _objects(items: "tuple[Owned, ...]") -> str:
    return f"{len(items)} object{'' if len(items) == 1 else 's'}"


def _data(stack: str, found: "Audit", cleaned: "Cleaned | None") -> dict[str, Any]:
    done = [_row(item) for item in cleaned.removed] if cleaned else []
    kept = [{**_row(item), "why": why} for item, why in cleaned.kept] if cleaned else []
    left = [_row(item) for item in found.left]
    return {"stack": stack, "found": left, "removed": done, "kept": kept, "remarks": list(found.remarks)}


def _row(item: "Owned") -> dict[str, str]:
    return {"kind": item.kind.noun, "name": item.name, "id": item.id}
