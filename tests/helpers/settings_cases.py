"""Loading settings that are expected to be refused, and doing what a refusal says."""

import json
import re
import shlex
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from cecf.problems import InvalidInputError, Problem
from cecf.settings import load_settings, read_profile


def problems(layer: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with a stack file's layer; fail if nothing is."""
    with pytest.raises(InvalidInputError) as caught:
        load_settings(layer, read_profile(layer["business"]))
    return list(caught.value.problems)


def problem(layer: Mapping[str, Any]) -> Problem:
    """Return the one thing that is wrong with a stack file's layer."""
    (found,) = problems(layer)
    return found


def mended(layer: Mapping[str, Any], command: str) -> dict[str, Any]:
    """Return the layer after a `pulumi config` command, as the engine would carry it out."""
    pulumi, config, verb, *rest = shlex.split(command)
    assert (pulumi, config) == ("pulumi", "config")
    key, *values = [word for word in rest if word not in ("--path", "--")]
    steps = [plain or json.loads(odd) for odd, plain in _STEP.findall(key.removeprefix("cecf:"))]
    assert "--path" in rest or len(steps) == 1
    result = deepcopy(dict(layer))
    parent: Any = result
    for step in steps[:-1]:
        parent = parent.setdefault(step, {})
    if verb == "rm":
        del parent[steps[-1]]
    else:
        (value,) = values
        parent[steps[-1]] = json.loads(value) if re.fullmatch(r"-?\d+|true|false", value) else value
    return result


_STEP = re.compile(r'("[^"]+")|([^.\[\]"]+)')
"""A part of a key path: an odd key in quotes, or a plain one."""
