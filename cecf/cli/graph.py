"""`cecf tree` and `cecf graph`: what a stack consists of, and what rests on what."""

import json
import sys
from typing import Any

from rich.text import Text
from rich.tree import Tree

from cecf.automation.events import name_of, type_of
from cecf.automation.stack import OperationFailedError, Stack
from cecf.cli.console import console
from cecf.cli.options import HERE, Json, ProjectDir, StackName


def tree(stack: StackName, project: ProjectDir = HERE) -> None:
    """Show the resources of the state, each below its component."""
    found = _resources(Stack(stack, project))
    branches: dict[str, Tree] = {}
    root = Tree(f"{stack}: {len(found)} resources")
    # The engine keeps parents before their children.
    for each in found:
        urn = each["urn"]
        line = Text.assemble((type_of(urn), "cyan"), f" {name_of(urn)}")
        branches[urn] = branches.get(each.get("parent", ""), root).add(line)
    console.print(root)


def graph(stack: StackName, project: ProjectDir = HERE, *, as_json: Json = False) -> None:
    """Print what rests on what, for Graphviz: cecf graph --stack dev | dot -Tsvg > dev.svg."""
    found = _resources(Stack(stack, project))
    names = {each["urn"]: f"{type_of(each['urn'])} {name_of(each['urn'])}" for each in found}
    edges = sorted(
        (names[each["urn"]], names[other])
        for each in found
        for other in each.get("dependencies") or ()
        if other in names
    )
    if as_json:
        sys.stdout.write(json.dumps({"resources": sorted(names.values()), "rests_on": edges}, indent=2) + "\n")
        return
    lines = [f"  {json.dumps(name)};" for name in sorted(names.values())]
    lines += [f"  {json.dumps(one)} -> {json.dumps(other)};" for one, other in edges]
    sys.stdout.write("\n".join([f"digraph {json.dumps(stack)} {{", *lines, "}"]) + "\n")


def _resources(stack: Stack) -> list[dict[str, Any]]:
    found = [each for each in stack.resources() if type_of(each["urn"]) != "Stack"]
    if not found:
        raise OperationFailedError([f"stack '{stack.name}' has no resources yet: cecf up --stack {stack.name}"])
    return found
