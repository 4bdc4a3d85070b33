"""Turns pydantic's errors into problems: one line each, with the command that mends it."""

import difflib
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cecf.problems import Problem, config_remove, config_set, join_path
from cecf.settings.base import RULES

_UNION_TAGS = frozenset({"create", "existing"})
"""pydantic puts the tag of a discriminated union into an error's location; a key path has no such part."""


def problems_of(error: ValidationError, root: type[BaseModel]) -> list[Problem]:
    """Return a problem for each of pydantic's errors, and each broken rule, in the order of the settings."""
    found: list[Problem] = []
    for details in error.errors(include_url=False, include_input=False):
        path = join_path(*_key_path(details["loc"]))
        if details["type"] == RULES:
            found += [problem.below(path) for problem in details["ctx"]["problems"]]
        else:
            found.append(_problem(path, details, root))
    return found


def _key_path(location: tuple[int | str, ...]) -> Iterator[int | str]:
    for previous, part in zip((None, *location), location, strict=False):
        is_tag = part in _UNION_TAGS and previous == "nodes"
        if not is_tag and part != "[key]":
            yield part


def _problem(path: str, details: ErrorDetails, root: type[BaseModel]) -> Problem:
    match details["type"]:
        case "extra_forbidden":
            return _unknown_key(path, details, root)
        case "missing":
            return Problem(path=path, what="is required", mend=config_set(path, "<value>"))
        case "dict_type" | "model_type" | "model_attributes_type":
            return Problem(path=path, what="must be an object with keys", mend=config_remove(path))
        case _:
            context = details.get("ctx", {})
            what, _, why = details["msg"].replace("Input should", "should").partition("; ")
            return Problem(path=path, what=what, why=why, mend=config_set(path, context.get("mend", "<value>")))


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
