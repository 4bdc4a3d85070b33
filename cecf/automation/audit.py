"""What a stack has in the cloud, whatever its state says."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from keystoneauth1.exceptions import ClientException
from openstack.exceptions import SDKException

from cecf.automation.events import Run
from cecf.automation.stack import OperationFailedError, Outcome, Stack
from cecf.cloud import connect
from cecf.cloud.balancers import remove_broken
from cecf.cloud.leftovers import StateLostError, remove_leftovers
from cecf.cloud.owned import owned
from cecf.plan.names import owner_tag


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the cloud refuses into what the command knows how to tell."""
    try:
        yield
    except StateLostError as error:
        raise OperationFailedError([str(error)]) from None
    except (SDKException, ClientException) as error:
        raise OperationFailedError([f"OpenStack says: {error}"]) from None


@_told()
def remaining(stack: Stack) -> list[str]:
    """Return every object of the stack that the cloud still has, for people."""
    return [str(item) for item in owned(connect(stack.cloud), owner_tag(stack.name))]


@_told()
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
        removed = (
            []
            if error.locked or error.refused
            else [*_remove(stack, stack.pending_creations()), *_remove_broken(stack)]
        )
        if not removed:
            raise
        return stack.destroy(run), removed
    return outcome, _remove(stack, pending)


def _remove(stack: Stack, pending: list[tuple[str, Mapping[str, Any]]]) -> list[str]:
    connection, owner = connect(stack.cloud), owner_tag(stack.name)
    removed = [item for token, inputs in pending for item in remove_leftovers(connection, owner, token, inputs)]
    return [f"{item}, left over from an interrupted run" for item in removed]


def _remove_broken(stack: Stack) -> list[str]:
    return remove_broken(connect(stack.cloud), owner_tag(stack.name))
