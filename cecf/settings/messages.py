"""Turns pydantic's errors into problems: one line each, with the command that mends it."""

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cecf.problems import Problem, config_remove, config_set, join_path
from cecf.settings.base import RULES

Location = tuple[int | str, ...]

_UNION_TAGS = frozenset({"create", "existing"})
"""pydantic puts the tag of a discriminated union into an error's location; a key path has no such part."""

_PART = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[\]"]+)')
"""A part of a key path: an odd key in quotes, a position, or a plain key."""

_KINDS = ", ".join(f"'{tag}'" for tag in sorted(_UNION_TAGS))
_OBJECTS = ("dict_type", "model_type", "model_attributes_type")
_LISTS = ("frozen_set_type", "too_short", "tuple_type")

_OWN_WORDS = {
    **dict.fromkeys(_OBJECTS, "should be an object with keys"),
    **dict.fromkeys(_LISTS, "should be a list with one value at least"),
    "missing": "is required",
    "string_pattern_mismatch": "should be a full release such as 1.34.4",
    "value_error": "should be an IPv4 address such as 10.0.0.1, or a range on its boundary such as 10.0.0.0/24",
}
"""Instead of pydantic's, which are about Python or repeat the value; a value may be a secret in the wrong place."""


@dataclass(frozen=True)
class Located:
    """A problem and where its value stands in the data."""

    location: Location
    problem: Problem


def located_problems(error: ValidationError, root: type[BaseModel]) -> list[Located]:
    """Return a problem for each of pydantic's errors, and each broken rule, in the order of the settings."""
    found: list[Located] = []
    for details in error.errors(include_url=False, include_input=False):
        location = tuple(_key_path(details["loc"]))
        path = join_path(*location)
        if details["type"] == RULES:
            broken: tuple[Problem, ...] = details["ctx"]["problems"]
            found += [Located((*location, *_parts(rule.path)), rule.below(path)) for rule in broken]
        else:
            found.append(Located(location, _problem(path, details, root)))
    return found


def _parts(path: str) -> Iterator[int | str]:
    """Take a rule's own path apart: plain keys and positions."""
    for odd, position, key in _PART.findall(path):
        yield key or (int(position) if position else json.loads(f'"{odd}"'))


def _key_path(location: Location) -> Iterator[int | str]:
    for previous, part in zip((None, *location), location, strict=False):
        is_tag = part in _UNION_TAGS and previous == "nodes"
        if not is_tag and part != "[key]":
            yield part


def _problem(path: str, details: ErrorDetails, root: type[BaseModel]) -> Problem:
    kind, context = details["type"], details.get("ctx", {})
    if not details["loc"]:
        return Problem(path=path, what=details["msg"])
    if kind == "extra_forbidden":
        return _unknown_key(path, details, root)
    if details["loc"][-1] == "[key]":
        return Problem(path=path, what=details["msg"], mend=config_remove(path))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        path, said, context = f"{path}.kind", f"should be one of {_KINDS}", {"mend": "create"}
    else:
        said = _OWN_WORDS.get(kind, details["msg"].replace("Input should", "should"))
    what, _, why = said.partition("; ")
    return Problem(path=path, what=what, why=why, mend=_command(kind, path, context))


def _command(kind: str, path: str, context: dict[str, Any]) -> str:
    """Return the command that mends a value: takes it away where a person cannot set it as a whole."""
    if kind in _OBJECTS:
        return config_remove(path)
    return config_set(f"{path}[0]" if kind in _LISTS else path, context.get("mend", "<value>"))


def _unknown_key(path: str, details: ErrorDetails, root: type[BaseModel]) -> Problem:
    *parents, key = details["loc"]
    close = difflib.get_close_matches(str(key), _fields_at(root, parents), n=1)
    why = f"did you mean '{close[0]}'?" if close else ""
    return Problem(path=path, what="there is no such setting", why=why, mend=config_remove(path))


def _fields_at(root: type[BaseModel], location: list[Any]) -> list[str]:
    """Return the keys that are known at a location, following models, unions and mappings."""
    candidates: list[Any] = [root]
    for part in location:
        models = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        nested = [m.model_fields[part].annotation for m in models if part in m.model_fields]
        candidates = _types_in(nested) if nested else candidates
    return [f for c in candidates if isinstance(c, type) and issubclass(c, BaseModel) for f in c.model_fields]


def _types_in(annotations: list[Any]) -> list[Any]:
    found: list[Any] = []
    for annotation in annotations:
        arguments = get_args(annotation)
        found += _types_in(list(arguments)) if arguments else [annotation]
    return found
