"""The three layers of settings, merged: field default, business profile, stack file.

A later layer wins value by value. Lists are replaced whole. Two mappings whose `kind` differs are alternatives,
so the later one replaces the earlier one whole.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from cecf.problems import below, join_path


class Layer(StrEnum):
    """Where a value comes from."""

    DEFAULT = "field default"
    PROFILE = "business profile"
    STACK = "stack file"


def merge(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """Return `lower` with the values of `upper` laid over it."""
    if isinstance(kind := upper.get("kind"), str) and kind != lower.get("kind", kind):
        return dict(upper)
    merged = dict(lower)
    for key, value in upper.items():
        lower_value = merged.get(key)
        if isinstance(lower_value, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(lower_value, value)
        else:
            merged[key] = value
    return merged


def leaves(value: object, path: str = "") -> Iterator[str]:
    """Yield the key path of every value that is not a mapping."""
    if isinstance(value, Mapping) and value:
        for key, child in value.items():
            yield from leaves(child, below(path, join_path(key)))
    else:
        yield path


def origins(effective: Mapping[str, Any], profile: Mapping[str, Any], stack: Mapping[str, Any]) -> dict[str, Layer]:
    """Return the layer that set each leaf of `effective`."""
    from_profile, from_stack = set(leaves(profile)), set(leaves(stack))

    def layer(path: str) -> Layer:
        if path in from_stack:
            return Layer.STACK
        return Layer.PROFILE if path in from_profile else Layer.DEFAULT

    return {path: layer(path) for path in leaves(effective)}
