"""What a stack has in the cloud, whatever its state says."""

from cecf.automation.stack import Stack
from cecf.cloud import connect
from cecf.cloud.leftovers import remove_leftovers
from cecf.cloud.owned import owned
from cecf.plan.names import owner_tag


def remaining(stack: Stack) -> list[str]:
    """Return every object of the stack that the cloud still has, for people."""
    return [str(item) for item in owned(connect(stack.cloud), owner_tag(stack.name))]


def remove_interrupted(stack: Stack) -> list[str]:
    """Remove what an interrupted run had begun to create, and return it, for people.

    `up` needs no such step, since each creation clears its own way; a destruction creates nothing.
    """
    connection, owner = connect(stack.cloud), owner_tag(stack.name)
    return [
        removed
        for token, inputs in stack.pending_creations()
        for removed in remove_leftovers(connection, owner, token, inputs)
    ]
