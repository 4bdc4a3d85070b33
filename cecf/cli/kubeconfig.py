"""`cecf kubeconfig`: the administrator's way into the cluster."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cecf.automation.stack import Stack
from cecf.cli.console import console
from cecf.cli.options import HERE, ProjectDir, StackName

_PRIVATE = 0o600

KubeconfigFile = Annotated[
    Path | None, typer.Option("--file", "-f", help="Where to write it, for its owner only; else it is printed.")
]


def kubeconfig(stack: StackName, project: ProjectDir = HERE, file: KubeconfigFile = None) -> None:
    """Print the cluster's kubeconfig, or write it to a file. It is a secret: whoever has it administers the cluster."""
    content = Stack(stack, project).secret("kubeconfig")
    if file is None:
        sys.stdout.write(content)
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Never readable by others, not even for the moment before a chmod.
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    with open(new, "x", opener=lambda path, flags: os.open(path, flags, _PRIVATE)) as stream:
        stream.write(content)
    new.rename(file)
    console.print(f"kubeconfig of {stack}: {file}")
