"""Declared against running: what is the same, what has drifted and what that means, and what could not be read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cecf.tuning.kinds import Anything, Value
from cecf.tuning.model import NODE_COMPONENTS, DriftClass
from cecf.tuning.tuned import Tuned, Tuning
from cecf.tuning.units import seconds

Scope = Literal["node", "cluster"]
"""Whether a value is declared for a node, or once for the whole cluster."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a component runs with, or why nobody could tell."""

    id: str
    source: str
    """Where it was looked for."""
    value: Value = None
    """As the component has it; none where it has nothing."""
    fault: str = ""
    """Why it could not be read."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came out of one comparison."""

    id: str
    scope: Scope
    node: str
    """Where it was looked at; empty for what is between nodes."""
    source: str
    declared: Value


@dataclass(frozen=True, kw_only=True)
class Same(Outcome):
    """It is as declared, perhaps in another form."""


@dataclass(frozen=True, kw_only=True)
class Drift(Outcome):
    """It is not as declared."""

    running: Value
    drift: DriftClass


@dataclass(frozen=True, kw_only=True)
class Unread(Outcome):
    """It could not be read, so nobody knows."""

    why: str


def compare(node: str, declared: Tuning, seen: Iterable[Seen]) -> list[Outcome]:
    """Return an outcome for everything that was seen on a node, and for everything declared that nobody looked at."""
    outcomes, left = [], dict(declared)
    for each in seen:
        outcomes.append(_outcome(node, declared[each.id], each))
        left.pop(each.id, None)
    unseen = (Seen(id=name, source="nowhere", fault="nothing here reads it") for name in left)
    return [*outcomes, *(_outcome(node, declared[each.id], each) for each in unseen)]


def drifts(outcomes: Iterable[Outcome]) -> list[Drift]:
    """Return those that have drifted."""
    return [each for each in outcomes if isinstance(each, Drift)]


def unread(outcomes: Iterable[Outcome]) -> list[Unread]:
    """Return those that nobody knows."""
    return [each for each in outcomes if isinstance(each, Unread)]


def same(tuned: Tuned, running: Value) -> bool:
    """Tell whether a component that runs with a value does what was declared."""
    if running is None:
        # Go leaves out of a document what is zero, false or empty.
        return _is_empty(tuned.kind.canonical(tuned.value))
    if isinstance(tuned.kind, Anything):
        return _same_length(tuned.value, running) and _holds(running, tuned.value)
    try:
        return bool(tuned.kind.canonical(tuned.value) == tuned.kind.canonical(running))
    except (ValueError, TypeError, AttributeError):
        # Not even of its kind, such as `infinity` for a number.
        return False


def _outcome(node: str, tuned: Tuned, seen: Seen) -> Outcome:
    scope: Scope = "node" if tuned.component in NODE_COMPONENTS else "cluster"
    common = Outcome(id=tuned.id, scope=scope, node=node, source=seen.source, declared=tuned.value)
    if seen.fault:
        return Unread(**vars(common), why=seen.fault)
    if same(tuned, seen.value):
        return Same(**vars(common))
    return Drift(**vars(common), running=seen.value, drift=tuned.drift)


def _same_length(declared: Value, running: Value) -> bool:
    """Refuse another number of entries, such as a second profile; what is inside of one a component completes."""
    both_lists = isinstance(declared, list) and isinstance(running, list)
    return not both_lists or len(declared) == len(running)


def _holds(running: Any, declared: Any) -> bool:
    """Tell whether a structure holds another one: a component adds its defaults, and may write keys with capitals."""
    if isinstance(declared, Mapping):
        entries = {str(key).lower(): value for key, value in running.items()} if isinstance(running, Mapping) else {}
        return all(_holds(entries.get(key.lower()), value) for key, value in _told(declared, entries))
    if isinstance(declared, list) and isinstance(running, list):
        return all(any(_holds(other, entry) for other in running) for entry in declared)
    if running is None:
        return _is_empty(declared)
    return isinstance(declared, bool) is isinstance(running, bool) and (
        bool(declared == running) or _same_duration(declared, running)
    )


def _told(declared: Mapping[str, Any], entries: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield a structure's entries without the name of its own form, which a component need not give back."""
    for key, value in declared.items():
        if key not in ("apiVersion", "kind") or key.lower() in entries:
            yield key, value


def _same_duration(declared: Any, running: Any) -> bool:
    try:
        return isinstance(declared, str) and isinstance(running, str) and seconds(declared) == seconds(running)
    except ValueError:
        return False


def _is_empty(value: Value) -> bool:
    return not value or value == "false"
