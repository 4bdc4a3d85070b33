"""`cecf kubeconfig`: the way into the cluster, for its administrator or to read only."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cecf.automation.stack import Stack
from cecf.cli.console import console
from cecf.cli.options import HERE, ProjectDir, StackName

_PRIVATE = 0o600


class Role(StrEnum):
    """Whose kubeconfig."""

    ADMIN = "admin"
    VIEWER = "viewer"


_OUTPUTS = {Role.ADMIN: "kubeconfig", Role.VIEWER: "kubeconfig_viewer"}

KubeconfigRole = Annotated[
    Role, typer.Option("--role", "-r", help="Whose: admin may do everything, viewer reads, but no Secrets.")
]

KubeconfigFile = Annotated[
    Path | None, typer.Option("--file", "-f", help="Where to write it, for its owner only; else it is printed.")
]


def kubeconfig(
    stack: StackName,
    project: ProjectDir = HERE,
    role: KubeconfigRole = Role.ADMIN,
    file: KubeconfigFile = None,
) -> None:
    """Print a kubeconfig of the cluster, or write it to a file. It is a secret: whoever has it has the role."""
    content = Stack(stack, project).secret(_OUTPUTS[role])
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
