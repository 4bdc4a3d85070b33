"""What the policy pack's rules see of a program: the engine's words, from a recording."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from policy.rules import tokens
from policy.rules.model import Hidden, Resource
from tests.helpers.engine_spy import Recording, Registration


def resources(recording: Recording) -> list[Resource]:
    """Return every resource of a program that has run, the stack with its outputs among them."""
    return [_stack(recording) if r.type == tokens.STACK else _resource(r) for r in recording.registrations]


def _stack(recording: Recording) -> Resource:
    secret = dict.fromkeys(recording.secret_exports, Hidden.SECRET)
    return replace(_resource(recording.stack), props={**recording.exports, **secret})


def _resource(made: Registration) -> Resource:
    return Resource(
        urn=made.urn,
        type=made.type,
        name=made.name,
        props={**made.inputs, **dict.fromkeys(made.secrets, Hidden.SECRET)},
        protect=made.protect,
        secret_outputs=made.secret_outputs,
        references=made.references,
        provider=made.provider.rpartition("::")[0] or None,
    )


Change = Callable[[Resource], Resource]


def having(props: Mapping[str, Any]) -> Change:
    """Return a change that gives a resource other properties; none takes one away."""

    def change(resource: Resource) -> Resource:
        merged = {**resource.props, **props}
        return replace(resource, props={name: value for name, value in merged.items() if value is not None})

    return change


def changed(found: Sequence[Resource], kind: str, change: Change, named: str = "") -> list[Resource]:
    """Return resources with the one of a type changed whose name holds `named`; of several, the first by name."""
    # A program registers what does not rest on each other in any order.
    first = min((each for each in found if each.type == kind and named in each.name), key=lambda each: each.name)
    return [change(each) if each is first else each for each in found]
