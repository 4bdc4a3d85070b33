"""`cecf status`: who leads, who would take over and how fast, and how etcd's members are."""

import dataclasses
import json
import sys

from rich.table import Table

from cecf.automation.stack import Stack
from cecf.cli.console import console
from cecf.cli.options import HERE, Json, ProjectDir, StackName


def status(stack: StackName, project: ProjectDir = HERE, *, as_json: Json = False) -> None:
    """Tell who leads in the cluster, who would take over and within how many seconds, and how etcd's members are."""
    from cecf.automation.status import status as ask  # noqa: PLC0415 (OpenStack's SDK: other verbs need none)

    found = ask(Stack(stack, project))
    if as_json:
        sys.stdout.write(json.dumps(dataclasses.asdict(found), indent=2) + "\n")
        return
    offices = Table("office", "held by", "heirs", "taken over within", title=f"who leads in {stack}")
    for each in found.holders:
        within = f"{each.seconds:g} s" if each.seconds is not None else "nobody can"
        offices.add_row(each.office, each.holder or "nobody", ", ".join(each.heirs) or "none", within)
    console.print(offices)
    members = Table("member of etcd", "state", "version", "data", "in use", "revision")
    for name, member in found.members.items():
        sizes = (f"{member[key] / 2**20:.1f} MiB" if key in member else "" for key in ("db_bytes", "in_use_bytes"))
        members.add_row(name, member["state"], member.get("version", ""), *sizes, str(member.get("revision", "")))
    console.print(members)
