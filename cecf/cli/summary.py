"""What a person sees at the end of a run."""

from collections.abc import Mapping
from typing import Any

from rich.table import Column, Table
from rich.text import Text

from cecf.cli.console import console


def print_cluster(outputs: Mapping[str, Any], stack: str, cloud: str) -> None:
    """Print the nodes, the endpoint and the next commands."""
    node_column = Column("node", no_wrap=True)
    table = Table(node_column, "role", "zone", "host", "address", title=f"cluster {outputs['cluster_name']}")
    hosts = _numbered([node["host"] for node in outputs["nodes"]])
    for node in outputs["nodes"]:
        table.add_row(node["name"], node["role"], node["zone"], hosts[node["host"]], node["address"])
    console.print(table)
    console.print("host: Nova's hostId (a hash without a name), numbered within this table", style="dim")
    verified = outputs["spread_verified"]
    console.print(f"spread_verified: {str(verified).lower()}", style="green" if verified else "yellow")
    for fault in outputs["spread_faults"]:
        console.print(f"  {fault}", style="yellow")
    console.print(f"API endpoint:    {outputs['api_endpoint']}")
    first, end = min(outputs["certificates"].items(), key=lambda item: item[1])
    console.print(f"certificates:    {first} expires first, {end[:10]}; all: pulumi stack output certificates")
    if outputs["api_access"] == "none":
        said = "endpoint.access is none: no node was let in and nothing was installed, so this is no cluster yet"
        console.print(said, style="yellow")
    console.print("\nNext:")
    for command in (
        f"cecf kubeconfig --stack {stack} --file {stack}.kubeconfig",
        f"openstack --os-cloud {cloud} server list",
        f"pulumi preview --stack {stack} --expect-no-changes",
        f"cecf destroy --stack {stack}",
    ):
        console.print(Text(f"  {command}", style="bold"))


def print_changes(changes: Mapping[str, int], seconds: float) -> None:
    """Print how many resources were touched, and how."""
    parts = ", ".join(f"{number} {operation}" for operation, number in sorted(changes.items())) or "nothing"
    console.print(f"{parts} in {seconds:.0f} s")


def _numbered(hosts: list[str]) -> dict[str, str]:
    """Number hosts in the order of their first node; a server that was not placed has none."""
    distinct = dict.fromkeys(host for host in hosts if host)
    return {"": "none"} | {host: f"host {number} ({host[:8]})" for number, host in enumerate(distinct, start=1)}
