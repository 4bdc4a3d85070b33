"""What a rule is, and what it sees: resources as the engine tells of them, without the values of secrets."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from fnmatch import fnmatchcase
from typing import Any


class Severity(StrEnum):
    """How bad a violation is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Level(StrEnum):
    """What a violation does to a run."""

    ADVISORY = "advisory"
    """It is told."""
    MANDATORY = "mandatory"
    """It stops the run."""


class Hidden(Enum):
    """What stands in place of a value that a rule cannot see."""

    UNKNOWN = "known when the resource is there"
    SECRET = "secret"  # noqa: S105 (the word, not one)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource of a stack.

    A rule for one resource sees what the program asks for, before anything is done; a rule for the whole stack sees
    what there is in the end, or would be after a preview.
    """

    urn: str
    type: str
    name: str
    props: Mapping[str, Any]
    """Inputs, or outputs; `Hidden` in place of what is secret or not known yet."""
    protect: bool = False
    secret_outputs: frozenset[str] = frozenset()
    """The outputs that the program has the engine keep secret."""
    references: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """URNs of the resources that an input is made from, by input; told to rules for the whole stack only."""
    provider: str | None = None
    """The provider's URN."""

    @property
    def stack(self) -> str:
        """The name of its stack."""
        return self.urn.split("::")[0].rsplit(":", maxsplit=1)[-1]

    @property
    def within(self) -> frozenset[str]:
        """The types of all that it is a child of, and its own."""
        return frozenset(self.urn.split("::")[2].split("$"))

    def refers_to(self, name: str, others: Iterable["Resource"]) -> bool:
        """Tell whether an input is made from one of `others`."""
        return not self.references.get(name, frozenset()).isdisjoint(other.urn for other in others)


Options = Mapping[str, Sequence[str]]
"""The values of a rule's options, by name."""

Finding = tuple[Resource, str]
"""A resource, and what is wrong with it."""

Check = Callable[[Sequence[Resource], Options], Iterable[Finding]]
"""Takes resources and options; returns what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """A list of texts that a rule can be given."""

    name: str
    default: tuple[str, ...]
    description: str


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A resource that breaks a rule, and one line for people."""

    urn: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What every stack is held to. `whole` rules need all resources of a stack at once."""

    name: str
    severity: Severity
    level: Level
    description: str
    """What has to be, as one sentence."""
    why: str
    """The reason; goes on after a semicolon."""
    mend: str
    """A command or an instruction."""
    check: Check
    whole: bool = False
    options: tuple[Option, ...] = ()

    def violations(self, resources: Sequence[Resource], options: Options) -> Iterator[Violation]:
        """Yield what breaks the rule; options that are not given have their defaults."""
        given = {option.name: option.default for option in self.options} | dict(options)
        for resource, what in self.check(resources, given):
            yield Violation(urn=resource.urn, text=f"{resource.name}: {what}; {self.why}. Mend: {self.mend}")


def of(resources: Iterable[Resource], *types: str) -> list[Resource]:
    """Return the resources of some types."""
    return [resource for resource in resources if resource.type in types]


def is_named(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether a name is one of those that patterns like `finance-*` stand for."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)
