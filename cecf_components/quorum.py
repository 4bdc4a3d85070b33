"""Keeps every quorum: refuses the step that would take one member too many, in previews and runs alike.

Hooks see the steps in their order. What is about to be created and was there when the run began is being replaced; the
engine deletes first, so the preview is where that is refused before anything is gone. Hooks run one after the other, in
the program's own event loop, and these await nothing, so none sees another's half-done count.
"""

from collections.abc import Iterable

import pulumi

from cecf.plan import QuorumPlan
from cecf.plan.quorum import Quorum

SERVER = "openstack:compute/instance:Instance"
_VOLUME = "openstack:blockstorage/volume:Volume"

_IN_PREVIEWS = pulumi.ResourceHookOptions(on_dry_run=True)


class QuorumRefusedError(Exception):
    """A step that would cost a quorum."""


class QuorumHooks:
    """The hooks of a stack's members: `goes` before one is created anew, `back` after its turn."""

    def __init__(self, plans: Iterable[QuorumPlan]) -> None:
        self._quorums = [Quorum(plan) for plan in plans]
        self._refused: str | None = None
        self.goes = pulumi.ResourceHook("cecf-keep-quorum", self._goes, _IN_PREVIEWS)
        self.back = pulumi.ResourceHook("cecf-back-in-quorum", self._back, _IN_PREVIEWS)

    def _goes(self, args: pulumi.ResourceHookArgs) -> None:
        if self._refused:
            if pulumi.runtime.is_dry_run():
                return  # the preview fails already, and one reason is enough to read
            raise QuorumRefusedError(self._refused)
        name = (args.new_inputs or {})["name"]
        for quorum in self._quorums:
            if args.type == SERVER and (outage := quorum.outage(name)):
                pulumi.log.warn(outage)
            refusal = quorum.server_goes(name) if args.type == SERVER else quorum.volume_goes(name)
            if refusal:
                self._refused = refusal
                raise QuorumRefusedError(refusal)

    def _back(self, args: pulumi.ResourceHookArgs) -> None:
        for quorum in self._quorums:
            quorum.is_back((args.new_inputs or {})["node"])
