"""What is wrong with the input, said once and in one form everywhere; and a cloud that does not answer.

A problem is one line: where, what, why, and the command that mends it. Problems are collected and raised
together, so that a person mends a stack file in one go.
"""

import json
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace

REFUSAL = "cecf refuses"
"""Starts whatever is refused before anything is touched; the command line knows it by that (exit code 2)."""

HEADING = f"{REFUSAL} the settings"
"""Starts the message of every `InvalidInputError`."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing to mend.

    `path` is the setting's key path below `cecf:` (empty for what no setting can mend), `mend` a shell command or
    an instruction.
    """

    path: str
    what: str
    why: str = ""
    mend: str = ""
    rests_on: tuple[str, ...] = ()
    """The other settings that the statement is about: where one of them is wrong itself, this is not said."""

    def below(self, prefix: str) -> "Problem":
        """Return the same problem seen from the parent that holds this part under `prefix`."""
        rests_on = tuple(below(prefix, path) for path in self.rests_on)
        return replace(self, path=below(prefix, self.path), rests_on=rests_on)

    def __str__(self) -> str:
        where = f"cecf:{self.path}: " if self.path else ""
        why = f"; {self.why}" if self.why else ""
        stop = "" if why.endswith("?") else "."
        mend = f"{stop} Mend: {self.mend}" if self.mend else ""
        return " ".join(f"{where}{self.what}{why}{mend}".split())


class InvalidInputError(Exception):
    """The input cannot be used; nothing was created. Holds every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([f"{HEADING} ({len(self.problems)} to mend):", *map(str, self.problems)]))


class CloudUnavailableError(Exception):
    """The cloud does not answer, or answers with a fault of its own; the settings may be right."""

    def __init__(self, cloud: str, error: Exception) -> None:
        words = str(error).splitlines()[0].split(": HTTP", maxsplit=1)[0]
        super().__init__(
            f"the cloud '{cloud}' does not answer: {words}. "
            "Check auth_url in clouds.yaml, and that its services run (`make lab` starts those of the lab)"
        )


def join_path(*parts: str | int) -> str:
    """Join the parts of a key path as `pulumi config set --path` reads them: `a.b[0]["odd key"]`."""
    path = ""
    for part in parts:
        if isinstance(part, str) and _PLAIN_KEY.fullmatch(part):
            path = below(path, part)
        else:
            path += f"[{json.dumps(part, ensure_ascii=False)}]"
    return path


def below(prefix: str, path: str) -> str:
    """Return a key path seen from the parent of `prefix`."""
    dot = "." if prefix and path and not path.startswith("[") else ""
    return f"{prefix}{dot}{path}"


def as_written(value: object) -> str:
    """Return a value as people and programs write it: `true`, not Python's `True`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def config_set(path: str, value: object) -> str:
    """Return the command that gives the setting at `path` a value."""
    text = as_written(value)
    # Else a negative number is taken for an option.
    options, key = _options(path) + (["--"] if text.startswith("-") else []), _key(path)
    return " ".join(["pulumi config set", *options, key, shlex.quote(text)])


def config_remove(path: str) -> str:
    """Return the command that takes the setting at `path` away."""
    return " ".join(["pulumi config rm", *_options(path), _key(path)])


_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")


def _options(path: str) -> list[str]:
    return ["--path"] if "." in path or "[" in path else []


def _key(path: str) -> str:
    key = f"cecf:{path}"
    return shlex.quote(key) if "'" in key else f"'{key}'"
