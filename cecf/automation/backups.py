"""Snapshots of a stack's etcd: taken now, listed, and begun anew from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from openstack.connection import Connection

from cecf.automation.control_plane import ControlPlane, control_plane_of, last_json
from cecf.automation.events import Run
from cecf.automation.stack import OperationFailedError, Outcome, Stack
from cecf.cloud import connect
from cecf.cloud.owned import GONE_TIMEOUT, POOL_KEY, servers_of
from cecf.plan import names

_DATA_POOLS = (names.CONTROL_PLANE, names.ETCD)
_PROGRAM = "cecf.node.backup"
SETTING = "cecf:cluster.etcd.restore"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A snapshot in a store."""

    id: str
    time: datetime
    revision: int
    keys: int
    node: str | None
    """Whose own store it is in; none for the one that all members share."""


def take(stack: Stack) -> str:
    """Take a snapshot now; return its id. Raises `OperationFailedError`."""
    store = _configured(stack)
    found = control_plane_of(stack)
    # A cluster is begun anew by its first member; where each has a store of its own, it has to be in that one's.
    said = found.run(_PROGRAM, "now", node=found.nodes[0] if store == "volume" else None)
    if not (taken := re.search(r"backup: took (\w+)", said)):
        raise OperationFailedError(
            [f"no snapshot of '{stack.name}' was taken: {said.strip()[-300:] or 'nothing was said'}"]
        )
    return taken.group(1)


def listed(stack: Stack) -> list[Snapshot]:
    """Return the snapshots, the newest first. Raises `OperationFailedError`."""
    store = _configured(stack)
    found = control_plane_of(stack)
    return sorted(_snapshots(found, store), key=lambda snapshot: snapshot.time, reverse=True)


def _snapshots(found: ControlPlane, store: str) -> Iterator[Snapshot]:
    if not found.alive():
        what = f"the API of '{found.stack}' does not answer, and it is the way to the store"
        raise OperationFailedError([f"{what}; from the newest snapshot: cecf etcd restore --stack {found.stack}"])
    # Of volumes each member has its own.
    for node in found.ready_nodes() if store == "volume" else found.ready_nodes()[:1]:
        for each in last_json(found.run(_PROGRAM, "list", node=node)):
            time = datetime.fromisoformat(each.pop("time"))
            yield Snapshot(**each, time=time, node=node if store == "volume" else None)


def restore(stack: Stack, snapshot: str | None, run: Run) -> Outcome:
    """Begin the cluster's data anew from a snapshot, the newest if none is named, with all its servers new.

    The servers of etcd and the control plane are deleted first: none with the old data may meet one with the new.
    Interrupted, the same command or `up` takes it up again.
    """
    _configured(stack)
    # Never the same twice: each restore is a life of its own.
    stack.configure(SETTING, f"{snapshot or 'latest'}-{datetime.now(UTC):%Y%m%dt%H%M%S}")
    remove_servers(connect(stack.cloud), names.owner_tag(stack.name))
    stack.up(run)
    # What the stack has made in the cluster since the snapshot is not there any more, and the state does not know it.
    stack.refresh(run)
    outcome = stack.up(run)
    control_plane_of(stack).forget_commands()
    return outcome


def remove_servers(cloud: Connection, owner: str) -> None:
    """Delete the servers that hold or serve the data; volumes, ports and addresses stay."""
    servers = [server for server in servers_of(cloud, owner) if server.metadata.get(POOL_KEY) in _DATA_POOLS]
    for server in servers:
        cloud.compute.delete_server(server)
    for server in servers:
        cloud.compute.wait_for_delete(server, interval=1, wait=GONE_TIMEOUT)


def _configured(stack: Stack) -> str:
    """Return what kind of store the stack has. Raises `OperationFailedError` where it has none."""
    store = stack.outputs().get("etcd", {}).get("backup")
    if not store:
        mend = "pulumi config set --path 'cecf:cluster.etcd.backup.store' swift, then cecf up"
        raise OperationFailedError([f"stack '{stack.name}' keeps no snapshots of etcd: {mend}"])
    return str(store)
