"""What a stack has in the cloud, whatever its state says; and what of it nobody needs any more."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from keystoneauth1.exceptions import ClientException
from openstack.connection import Connection
from openstack.exceptions import SDKException

from cecf.automation.events import Run
from cecf.automation.known import Known, known
from cecf.automation.stack import OperationFailedError, Outcome, Stack
from cecf.cloud import connect
from cecf.cloud.balancers import remove_broken
from cecf.cloud.inside import made_inside, others_of_that_name
from cecf.cloud.leftovers import StateLostError, in_use, remove_leftovers
from cecf.cloud.owned import POOL_KEY, Owned, owned, remove
from cecf.plan.names import owner_tag

SERVER_NOUN = "server"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the cloud has of a stack."""

    marked: tuple[Owned, ...]
    """What carries the stack's mark."""
    inside: tuple[Owned, ...]
    """What the cluster's own controllers have made."""
    remarks: tuple[str, ...] = ()

    @property
    def everything(self) -> tuple[Owned, ...]:
        """All of it, in an order in which it can be removed."""
        servers = [item for item in self.marked if item.kind.noun == SERVER_NOUN]
        return (*servers, *self.inside, *(item for item in self.marked if item.kind.noun != SERVER_NOUN))


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What the cloud has of a stack beside what the state knows."""

    left: tuple[Owned, ...]
    """What nobody needs, in an order in which it can be removed."""
    elastic: tuple[Owned, ...]
    """Servers of the cluster's pools that the program has not made: an autoscaler's, or a person's."""
    alive: bool
    """Whether there is a cluster beside what is left."""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """What became of what was left."""

    removed: tuple[Owned, ...]
    kept: tuple[tuple[Owned, str], ...]
    """What was not removed, and why."""


@contextmanager
def told() -> Iterator[None]:
    """Turn what the cloud refuses into what the command knows how to tell."""
    try:
        yield
    except StateLostError as error:
        raise OperationFailedError([str(error)]) from None
    except (SDKException, ClientException) as error:
        raise OperationFailedError([f"OpenStack says: {error}"]) from None


@told()
def remaining(stack: Stack) -> list[str]:
    """Return every object of the stack that the cloud still has, for people."""
    return [str(item) for item in _find(connect(stack.cloud), stack).everything]


@told()
def audit(stack: Stack) -> Audit:
    """Return what the cloud has of the stack that the state does not know.

    Raises `OperationFailedError` where another run holds the stack: what that one makes is not in the state yet.
    """
    found = _find(connect(stack.cloud), stack)
    judged = judge(found, _known(stack, found))
    if not judged.left:
        return judged
    # What the cloud had before nobody held the stack is in the state by then, or never will be.
    stack.hold()
    return judge(found, _known(stack, found))


def judge(found: Found, state: Known) -> Audit:
    """Tell what is left from what is in use. Pure."""
    elastic = tuple(item for item in found.marked if _is_elastic(item, state))
    needed = state.ids | {item.id for item in elastic}
    inside = () if state.alive else found.inside
    left = Found(
        marked=tuple(item for item in found.marked if item.id not in needed and not _in_servers(item, elastic)),
        inside=inside,
    )
    return Audit(left=left.everything, elastic=elastic, alive=state.alive, remarks=found.remarks)


@told()
def clean(stack: Stack, only: Collection[str] | None = None) -> Cleaned:
    """Remove what is left, of the objects with the ids of `only` if given."""
    connection, found = connect(stack.cloud), audit(stack)
    removed, kept = [], []
    for item in found.left:
        if only is not None and item.id not in only:
            continue
        if reason := _refusal(connection, item, alive=found.alive):
            kept.append((item, reason))
        else:
            removed.append(item)
    return Cleaned(removed=tuple(removed), kept=tuple(kept))


def _refusal(connection: Connection, item: Owned, *, alive: bool) -> str:
    """Remove an object; return why that was not done."""
    try:
        # What a run left behind nothing hangs on yet; beside a cluster, the other way round, the state has lost it.
        if alive and in_use(connection, item):
            return "it is in use, but the state does not know it: is this the right state backend (`pulumi whoami -v`)?"
        remove(connection, item)
    except (SDKException, ClientException) as error:
        return str(error).splitlines()[0]
    return ""


@told()
def destroy_all(stack: Stack, run: Run) -> tuple[Outcome, list[str]]:
    """Delete what the state knows, and what an interrupted run had begun to create.

    Return for people what the engine could not delete.

    What is pending is somebody's work as long as another run holds the stack. So nothing is removed before the engine
    has held the stack itself, and nothing at all where it could not.
    """
    pending = stack.pending_creations()
    try:
        outcome = stack.destroy(run)
    except OperationFailedError as error:
        # A network cannot go while a port in it is unknown to the state: clear the way and go on.
        removed = [] if error.locked or error.refused else _cleared(stack)
        if not removed:
            raise
        return stack.destroy(run), removed
    return outcome, _remove(stack, pending)


def _find(connection: Connection, stack: Stack) -> Found:
    owner, cluster = owner_tag(stack.name), stack.settings().cluster.name
    inside = tuple(made_inside(connection, cluster))
    remarks: tuple[str, ...] = ()
    if inside and others_of_that_name(connection, owner, cluster):
        what = f"{len(inside)} objects that controllers of a cluster '{cluster}' have made, such as {inside[0]}"
        remarks, inside = (f"{what}: another stack here has a cluster of that name, so nobody can tell whose",), ()
    return Found(marked=tuple(owned(connection, owner)), inside=inside, remarks=remarks)


def _known(stack: Stack, found: Found) -> Known:
    state = known(stack.settings().cluster.name, stack.resources(), stack.pending_creations())
    if state.blank and found.everything and not stack.ever_made():
        raise StateLostError(found.everything[0])
    return state


def _is_elastic(item: Owned, state: Known) -> bool:
    """Tell whether something is a server of a pool that lives, beside those that the program makes."""
    return (
        state.alive
        and item.kind.noun == SERVER_NOUN
        and item.found.metadata.get(POOL_KEY) in state.pools
        and item.name not in state.servers
    )


def _in_servers(item: Owned, servers: tuple[Owned, ...]) -> bool:
    """Tell whether a port or a volume is one of some servers'."""
    identifiers = {server.id for server in servers}
    attachments = getattr(item.found, "attachments", None) or ()
    holders = {attachment["server_id"] for attachment in attachments} | {getattr(item.found, "device_id", None)}
    return not identifiers.isdisjoint(holders)


def _cleared(stack: Stack) -> list[str]:
    """Remove what stands in the way of a destroy; return it for people."""
    return [
        *_remove(stack, stack.pending_creations()),
        *remove_broken(connect(stack.cloud), owner_tag(stack.name)),
        *_remove_elastic(stack),
    ]


def _remove_elastic(stack: Stack) -> list[str]:
    """Remove what carries the mark and is not in the state, once there is no cluster that would make it anew."""
    connection = connect(stack.cloud)
    state = known(stack.settings().cluster.name, stack.resources(), [])
    found = judge(Found(marked=tuple(owned(connection, owner_tag(stack.name))), inside=()), state)
    left = () if state.alive or state.blank else found.left
    for item in left:
        remove(connection, item)
    return [f"{item}, which the state does not know" for item in left]


def _remove(stack: Stack, pending: list[tuple[str, Mapping[str, Any]]]) -> list[str]:
    connection, owner = connect(stack.cloud), owner_tag(stack.name)
    removed = [item for token, inputs in pending for item in remove_leftovers(connection, owner, token, inputs)]
    return [f"{item}, left over from an interrupted run" for item in removed]
