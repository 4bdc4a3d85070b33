"""What is wrong with the input, said once and in one form everywhere.

A problem is one line: where, what, why, and the command that mends it. Problems are collected and raised
together, so that a person mends a stack file in one go.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

HEADING = "cecf refuses the settings"
"""Starts the message of every `InvalidInputError`; the command line knows settings errors by it (exit code 2)."""


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

    def below(self, prefix: str) -> "Problem":
        """Return the same problem seen from the parent that holds this part under `prefix`."""
        return replace(self, path=join_path(prefix, self.path))

    def __str__(self) -> str:
        where = f"cecf:{self.path}: " if self.path else ""
        why = f"; {self.why}" if self.why else ""
        mend = f". Mend: {self.mend}" if self.mend else ""
        return f"{where}{self.what}{why}{mend}"


class InvalidInputError(Exception):
    """The input cannot be used; nothing was created. Holds every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([f"{HEADING} ({len(self.problems)} to mend):", *map(str, self.problems)]))


def join_path(*parts: object) -> str:
    """Join key path parts as `pulumi config set --path` writes them: `a.b[0].c`, odd keys quoted."""
    path = ""
    for part in parts:
        if part == "":
            continue
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else str(part)
    return path


def config_set(path: str, value: object) -> str:
    """Return the command that gives the setting at `path` a value."""
    option = "--path " if "." in path or "[" in path else ""
    return f"pulumi config set {option}'cecf:{path}' {value}"


def config_remove(path: str) -> str:
    """Return the command that takes the setting at `path` away."""
    option = "--path " if "." in path or "[" in path else ""
    return f"pulumi config rm {option}'cecf:{path}'"
