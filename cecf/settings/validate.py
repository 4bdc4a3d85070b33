"""Validates the merged layers, and finds every problem, not only those of the first look.

pydantic checks the rules between fields only where every field is right by itself. So after a first look, what was
wrong is taken away (its default stands in), and what is left is looked at again, until nothing new comes up.
"""

import copy
import itertools
import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from cecf.problems import InvalidInputError, Problem, join_path
from cecf.settings.base import Model
from cecf.settings.messages import Located, located_problems

Settings = TypeVar("Settings", bound=Model)


def validated(model: type[Settings], data: Mapping[str, Any]) -> Settings:
    """Return the settings. Raises `InvalidInputError` with every problem found."""
    remaining = copy.deepcopy(dict(data))
    found: list[Problem] = []
    gone: set[str] = set()
    while True:
        try:
            # JSON in strict mode: text may become an address, but neither "3" nor true becomes a number.
            settings = model.model_validate_json(json.dumps(remaining), strict=True)
        except ValidationError as error:
            problems = located_problems(error, model)
        else:
            problems = []
        # What is said of a value that was taken away is not true of the person's own.
        found += [p.problem for p in problems if gone.isdisjoint((p.problem.path, *p.problem.rests_on))]
        taken = [location for item in problems if (location := _take_away(remaining, item))]
        if not taken:
            break
        gone |= {join_path(*location) for location in taken} | {problem.path for problem in found}
    if found:
        raise InvalidInputError(found) from None
    return settings


def _take_away(data: Any, item: Located) -> tuple[int | str, ...]:
    """Remove the value at the problem's location; return the location of what is gone, empty if nothing was there.

    A list goes whole, since without one item the others would be told of at wrong positions.
    """
    *parents, last = location = tuple(itertools.takewhile(lambda part: isinstance(part, str), item.location))
    for part in parents:
        if not _holds(data, part):
            return ()
        data = data[part]
    if not _holds(data, last):
        return ()
    del data[last]
    return location


def _holds(data: Any, part: str | int) -> bool:
    return isinstance(data, dict) and part in data
