"""Kinds of values: what each accepts, in its unit, and when two texts mean the same."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from cecf.problems import as_written
from cecf.tuning.units import amount, percent, seconds

Value = Any
"""What a setting holds: what YAML can hold."""


class Kind(Protocol):
    """What a setting accepts."""

    @property
    def allowed(self) -> str:
        """The range, with its unit, as a person reads it."""
        ...

    def fault(self, value: Value) -> str:
        """Return what is wrong with a value; empty if nothing is."""
        ...

    def canonical(self, value: Value) -> Value:
        """Return the one form of all values that mean the same: a component writes 1h back as 1h0m0s."""
        ...

    def written(self, value: Value) -> Value:
        """Return what the component is told."""
        ...


class _AsGiven:
    """What is told as a person gives it."""

    def written(self, value: Value) -> Value:
        """The same."""
        return value


class _AsText:
    """What is told as text, though YAML and `pulumi config set` make a number of one that looks so."""

    def written(self, value: Value) -> Value:
        """Text."""
        return as_written(value)


@dataclass(frozen=True)
class Integer(_AsGiven):
    """A whole number; its unit is the field's own and is not written."""

    low: int
    high: int
    unit: str = ""

    @property
    def allowed(self) -> str:
        """The range."""
        return f"{self.low} to {self.high}{_after(self.unit)}"

    def fault(self, value: Value) -> str:
        """Tell what is wrong."""
        if isinstance(value, bool) or not isinstance(value, int):
            return f"{_shown(value)} is no whole number{_of(self.unit)}"
        return "" if self.low <= value <= self.high else f"{value} is not in {self.allowed}"

    def canonical(self, value: Value) -> Value:
        """A process may have been told it as text; a fraction is another value, not a rounded one."""
        return int(str(value))


@dataclass(frozen=True)
class Number:
    """A number with a fraction."""

    low: float
    high: float
    unit: str = ""

    @property
    def allowed(self) -> str:
        """The range."""
        return f"{self.low} to {self.high}{_after(self.unit)}"

    def fault(self, value: Value) -> str:
        """Tell what is wrong."""
        try:
            # `pulumi config set` keeps a fraction as text.
            number = float(value if isinstance(value, str) or _is_number(value) else "")
        except ValueError:
            return f"{_shown(value)} is no number{_of(self.unit)}"
        return "" if self.low <= number <= self.high else f"{value} is not in {self.allowed}"

    def written(self, value: Value) -> Value:
        """A number."""
        return float(value) if isinstance(value, str) else value

    def canonical(self, value: Value) -> Value:
        """A process may have been told it as text."""
        return float(value)


@dataclass(frozen=True)
class _Measure(_AsText):
    """A text of a number and a unit, between two others."""

    low: str
    high: str

    @property
    def allowed(self) -> str:
        """The range."""
        return f"{self.low} to {self.high}"

    def fault(self, value: Value) -> str:
        """Tell what is wrong."""
        if not isinstance(value, str):
            return f"{_shown(value)} has no unit"
        try:
            inside = self.canonical(self.low) <= self.canonical(value) <= self.canonical(self.high)
        except ValueError as error:
            return str(error)
        return "" if inside else f"{value} is not in {self.allowed}"

    def canonical(self, value: Value) -> Value:
        """What it comes to."""
        raise NotImplementedError


class Duration(_Measure):
    """A duration in Go's form: `10s`, `1h30m`."""

    def canonical(self, value: Value) -> Value:
        """Seconds."""
        return seconds(str(value))


class Quantity(_Measure):
    """An amount in Kubernetes' form: `250m` of a core, `100Mi` of memory."""

    def fault(self, value: Value) -> str:
        """A plain number, of cores or bytes, has a meaning here."""
        return super().fault(str(value) if _is_number(value) else value)

    def canonical(self, value: Value) -> Value:
        """Cores or bytes."""
        return amount(str(value))


@dataclass(frozen=True)
class Threshold(_AsText):
    """An eviction threshold: a quantity, or a share of the capacity."""

    low: str
    high: str

    @property
    def allowed(self) -> str:
        """The range; a share may be up to half."""
        return f"{self.low} to {self.high}, or 0% to 50%"

    def fault(self, value: Value) -> str:
        """Tell what is wrong."""
        if not isinstance(value, str):
            return self.fault(str(value)) if _is_number(value) else f"{_shown(value)} has no unit"
        try:
            if value.endswith("%"):
                inside = 0 <= percent(value) <= 50  # noqa: PLR2004 (as said in `allowed`)
            else:
                inside = amount(self.low) <= amount(value) <= amount(self.high)
        except ValueError:
            return f"'{value}' is neither a quantity such as 100Mi nor a percentage such as 10%"
        return "" if inside else f"{value} is not in {self.allowed}"

    def canonical(self, value: Value) -> Value:
        """The two forms are never equal: one moves with the capacity."""
        return (True, percent(value)) if value.endswith("%") else (False, amount(value))


@dataclass(frozen=True)
class Boolean(_AsGiven):
    """Yes or no."""

    allowed: str = "true or false"

    def fault(self, value: Value) -> str:
        """Tell what is wrong."""
        return "" if isinstance(value, bool) else f"{_shown(value)} is neither true nor false"

    def canonical(self, value: Value) -> Value:
        """A process may have been told it as text."""
        return str(value).lower()


@dataclass(frozen=True)
class Choice(_AsGiven):
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def allowed(self) -> str:
        """The words."""
        return " or ".join(self.words)

    def fault(self, value: Value) -> str:
        """Tell what is wrong."""
        return "" if value in self.words else f"{_shown(value)} is none of {', '.join(self.words)}"

    def canonical(self, value: Value) -> Value:
        """As it is."""
        return value


@dataclass(frozen=True)
class Text(_AsText):
    """Text of one line that the component itself takes apart."""

    allowed: str = "text"
    pattern: str = ".+"

    def fault(self, value: Value) -> str:
        """Tell what is wrong."""
        fits = isinstance(value, str | int | float) and re.fullmatch(self.pattern, self.written(value))
        return "" if fits else f"{_shown(value)} is not {self.allowed}"

    def canonical(self, value: Value) -> Value:
        """The kernel separates with tabs what was written with blanks."""
        return " ".join(str(value).split())


@dataclass(frozen=True)
class Words(_AsGiven):
    """A list of words, in an order that means nothing."""

    known: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """What may be in it."""
        return f"a list of {', '.join(self.known)}" if self.known else "a list of words"

    def fault(self, value: Value) -> str:
        """Tell what is wrong."""
        if not isinstance(value, list) or not all(isinstance(word, str) and _WORD.fullmatch(word) for word in value):
            return f"{_shown(value)} is no list of words"
        strange = [word for word in value if self.known and word not in self.known]
        return f"{', '.join(strange)}: not in {self.allowed}" if strange else ""

    def canonical(self, value: Value) -> Value:
        """A flag has them in one word."""
        return tuple(sorted(value.split(",") if isinstance(value, str) else value))


@dataclass(frozen=True)
class Anything(_AsGiven):
    """What has a structure of its own: passed on, and left to the component to judge."""

    allowed: str = "as the component's reference says"
    is_list: bool = False

    def fault(self, value: Value) -> str:
        """Tell of another shape; the rest cannot be known here."""
        fits = isinstance(value, list) and all(isinstance(item, dict) for item in value)
        if self.is_list:
            return "" if fits else f"{_shown(value)} is no list of objects"
        return "" if isinstance(value, dict) else f"{_shown(value)} is no object"

    def canonical(self, value: Value) -> Value:
        """As it is."""
        return value


_WORD = re.compile(r"\S+")
_LARGEST = 2**31 - 1
"""Most integers of the components have 32 bits; larger ones are in the catalogue."""

BY_TYPE: dict[str, Callable[[], Kind]] = {
    "boolean": Boolean,
    "integer": lambda: Integer(-_LARGEST, _LARGEST),
    "number": lambda: Number(-1e18, 1e18),
    "string": Text,
    "duration": lambda: Duration("0", "87600h"),
    "quantity": lambda: Quantity("0", "1000000Pi"),
    "list<string>": Words,
    "list<object>": lambda: Anything(is_list=True),
}
"""What a field's type accepts when the catalogue says no more of it."""


def of_type(name: str) -> Kind:
    """Return the kind of a type of the tables."""
    return BY_TYPE.get(name, Anything)()


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _after(unit: str) -> str:
    return f" {unit}" if unit else ""


def _of(unit: str) -> str:
    """Name a unit without what special values of it mean."""
    return f" of {unit.split(';', maxsplit=1)[0]}" if unit else ""


def _shown(value: Value) -> str:
    """Show a value as it stands in a stack file; a long one cut off."""
    text = "nothing" if value is None else as_written(value) if isinstance(value, bool) else repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."  # noqa: PLR2004
