"""`cecf upgrade` and `cecf rollback`: to another Kubernetes release, and back to the one before."""

from typing import Annotated

import typer

from cecf.automation.stack import Stack
from cecf.cli.console import console
from cecf.cli.options import HERE, ProjectDir, StackName, Yes
from cecf.cli.progress import progress
from cecf.cli.summary import print_changes, print_cluster

Release = Annotated[str, typer.Option("--to", help="The Kubernetes release, such as 1.35.4.")]
ImageName = Annotated[
    str | None, typer.Option("--image", help="The image that holds it; else the one of the release's minor.")
]


def upgrade(
    stack: StackName, to: Release, project: ProjectDir = HERE, image: ImageName = None, *, yes: Yes = False
) -> None:
    """Take the cluster to another release: a patch, or the next minor.

    A snapshot first; then every server is replaced: etcd's own, control planes one by one, workers as their pools say,
    each when the last is well; add-ons last. If it stops, it says where; `cecf up` goes on, `cecf rollback` goes back.
    """
    from cecf.automation import upgrade as upgrades  # noqa: PLC0415 (OpenStack's SDK: other verbs need none)

    target = Stack(stack, project)
    if not yes:
        typer.confirm(f"Replace every server of {stack} by one with Kubernetes {to}?", abort=True)
    with progress(f"upgrade of {stack} to {to}") as run:
        outcome = upgrades.upgrade(target, to, image, run)
    print_changes(outcome.changes, run.seconds)
    print_cluster(outcome.outputs, stack, target.cloud)


def rollback(stack: StackName, project: ProjectDir = HERE, *, yes: Yes = False) -> None:
    """Return to the release and the data of before the last upgrade. What was written since is lost."""
    from cecf.automation import upgrade as upgrades  # noqa: PLC0415

    target = Stack(stack, project)
    before = upgrades.last_upgrade(target)
    if not yes:
        what = f"Kubernetes {before.kubernetes_version} and snapshot {before.snapshot}"
        typer.confirm(f"Take {stack} back to {what}? What was written since is lost.", abort=True)
    with progress(f"rollback of {stack} to {before.kubernetes_version}") as run:
        _, outcome = upgrades.rollback(target, run)
    print_changes(outcome.changes, run.seconds)
    print_cluster(outcome.outputs, stack, target.cloud)
    console.print(f"{stack} is at Kubernetes {before.kubernetes_version} again, with the data of {before.snapshot}")
