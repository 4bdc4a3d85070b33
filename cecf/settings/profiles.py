"""The businesses' profiles: `stacks/<business>.yaml`, each of the form of a stack file's keys below `cecf:`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cecf.problems import InvalidInputError, Problem

FOLDER = Path(__file__).parents[2] / "stacks"
"""Where the profiles are, each beside the composition that is built from it."""


def businesses(folder: Path = FOLDER) -> list[str]:
    """Return the businesses that there are: those with a profile."""
    return sorted(file.stem for file in folder.glob("*.yaml"))


def read_profile(business: str, folder: Path = FOLDER) -> Mapping[str, Any]:
    """Return what the settings of a business are unless the stack file says otherwise.

    Raises `InvalidInputError` where the file holds nothing of the kind.
    """
    file = folder / f"{business}.yaml"
    try:
        # By way of JSON, so that it holds what a stack file can hold and nothing else: no dates, no numbers for keys.
        profile = json.loads(json.dumps(yaml.safe_load(file.read_text(encoding="utf-8"))))
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        raise _unusable(file, str(error)) from None
    if not isinstance(profile, dict):
        raise _unusable(file, "it holds no keys")
    return profile


def _unusable(file: Path, why: str) -> InvalidInputError:
    what = f"{file.parent.name}/{file.name} is no profile"
    mend = "write it as YAML, with the keys that stand below `cecf:` in a stack file"
    return InvalidInputError([Problem(path="", what=what, why=why, mend=mend)])
