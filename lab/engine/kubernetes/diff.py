"""What changes between two declarations of an object, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from lab.engine.kubernetes import immutable
from lab.engine.kubernetes.immutable import Path
from lab.engine.kubernetes.kinds import Kind
from lab.engine.kubernetes.naming import is_autonamed
from lab.engine.kubernetes.secret_kind import as_sent
from lab.engine.kubernetes.values import UNKNOWN, Object, dig, plain

_MISSING = object()
_SERVERS_OWN = (
    *("creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields"),
    *("resourceVersion", "uid"),
)

ADD, DELETE, UPDATE = "ADD", "DELETE", "UPDATE"

_Change: TypeAlias = tuple[Path, Any, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that changes."""

    path: Path
    how: str
    replaces: bool

    def __str__(self) -> str:
        """Return the path as the engine writes it."""
        text = ""
        for step in self.path:
            if isinstance(step, int):
                text += f"[{step}]"
            elif any(character in step for character in '."[]'):
                quoted = step.replace('"', '\\"')
                text += f'["{quoted}"]'
            else:
                text += f".{step}" if text else step
        return text


@dataclass(frozen=True, slots=True)
class Differences:
    """All that changes, and how the object gets there."""

    fields: tuple[Difference, ...]
    delete_first: bool
    """Whether the old object has to go before the new one can come, since both have one name."""

    @property
    def replaces(self) -> tuple[str, ...]:
        """The paths that force a replacement."""
        return tuple(str(each) for each in self.fields if each.replaces)


def differences(
    kind: Kind, old: Object, new: Object, *, namespaced: bool, mutable: frozenset[str] = frozenset()
) -> Differences:
    """Compare two declarations."""
    old, new = comparable(old, namespaced=namespaced), comparable(new, namespaced=namespaced)
    if as_sent(kind, old) == as_sent(kind, new):
        return Differences((), delete_first=False)
    fixed = immutable.fixed_paths(kind, old, mutable)
    fields = tuple(_difference(kind, fixed, change) for change in _changes((), old, new))
    replaced = any(each.replaces for each in fields)
    return Differences(fields, delete_first=replaced and _same_name(old, new) and not is_autonamed(new))


def comparable(declaration: Object, *, namespaced: bool) -> Object:
    """Return a declaration without what makes no difference."""
    copy: Object = _without_nulls(plain(declaration))
    metadata = copy.get("metadata")
    if isinstance(metadata, dict):
        for name in _SERVERS_OWN:
            metadata.pop(name, None)
        if namespaced:
            metadata["namespace"] = metadata.get("namespace") or "default"
        else:
            metadata.pop("namespace", None)
    copy.pop("status", None)
    return copy


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def _same_name(old: Object, new: Object) -> bool:
    name = dig(new, "metadata", "name")
    if name is UNKNOWN or name != dig(old, "metadata", "name"):
        return False
    return bool(dig(new, "metadata", "namespace") == dig(old, "metadata", "namespace"))


def _changes(path: Path, old: Any, new: Any) -> Iterator[_Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _changes((*path, key), old.get(key, _MISSING), new.get(key, _MISSING))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _changes((*path, index), _at(old, index), _at(new, index))
    elif type(old) is not type(new) or old != new or new is UNKNOWN:
        yield path, old, new


def _at(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else _MISSING


def _difference(kind: Kind, fixed: tuple[str, ...], change: _Change) -> Difference:
    path, old, new = change
    how = ADD if old is _MISSING else DELETE if new is _MISSING else UPDATE
    return Difference(path, how, immutable.is_fixed(kind, fixed, path, old, new))
