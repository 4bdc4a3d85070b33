"""What stands beside every resource: clearing the way before a creation, explaining a failed one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from keystoneauth1.exceptions import ClientException
from openstack.exceptions import SDKException

from cecf.cloud import CloudUnavailableError, connect, faults
from cecf.cloud.leftovers import remove_leftovers
from cecf.plan import QuorumPlan
from cecf_components.quorum import SERVER, QuorumHooks


@dataclass(frozen=True)
class Guard:
    """A stack's mark on its objects, and the hooks that every one of its resources has.

    `cloud` is the entry of clouds.yaml, `owner` the mark. One for each stack: hooks are registered with the engine
    by name.
    """

    cloud: str
    owner: str
    hooks: pulumi.ResourceHookBinding
    """Those of every object."""
    members: pulumi.ResourceHookBinding
    """Those of servers and volumes that a quorum may depend on."""
    turns: pulumi.ResourceHookBinding
    """Those of what waits for a member."""


def guard_for(cloud: str, owner: str, quorums: Sequence[QuorumPlan] = ()) -> Guard:
    """Register the hooks of a stack and return its guard."""

    async def clear_the_way(args: pulumi.ResourceHookArgs) -> None:
        removed = await asyncio.to_thread(
            lambda: remove_leftovers(connect(cloud), owner, args.type, args.new_inputs or {})
        )
        for what in removed:
            pulumi.log.info(f"removed {what}, left over from an interrupted or failed run")

    async def explain(args: pulumi.ErrorHookArgs) -> bool:
        text = await asyncio.to_thread(lambda: _explanation(cloud, owner, args))
        if text:
            pulumi.log.error(text)
        return False  # never retried: what fails here does not pass by itself

    quorum = QuorumHooks(quorums)
    clear, explained = (
        pulumi.ResourceHook("cecf-clear-the-way", clear_the_way),
        pulumi.ErrorHook("cecf-explain", explain),
    )
    return Guard(
        cloud=cloud,
        owner=owner,
        hooks=pulumi.ResourceHookBinding(before_create=[clear], on_error=[explained]),
        members=pulumi.ResourceHookBinding(before_create=[quorum.goes, clear], on_error=[explained]),
        turns=pulumi.ResourceHookBinding(after_update=[quorum.back]),
    )


def _explanation(cloud: str, owner: str, args: pulumi.ErrorHookArgs) -> str | None:
    words = args.errors[0] if args.errors else ""
    fault = None
    if args.type == SERVER and args.new_inputs:
        try:
            fault = faults.server_fault(connect(cloud), owner, args.new_inputs["name"])
        except (CloudUnavailableError, SDKException, ClientException) as error:
            pulumi.log.debug(f"no fault of {args.name} to tell: {error}")  # the engine's own error must still be seen
    advice = faults.hint(f"{fault or ''} {words}")
    if not (fault or advice):
        return None
    said = f"Nova says: {fault.rstrip('.')}" if fault else f"{args.failed_operation} failed"
    return f"{args.name}: {said}" + (f". What helps: {advice}" if advice else "")
