"""What a preview of one stack found, for people who decide about a change: a model without any text."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import IntEnum
from typing import Any

from cecf.automation.events import Run, Step, Violation
from cecf.automation.stack import OperationFailedError
from cecf.problems import InvalidInputError

_SHOWN = ("delete", "replace", "create", "update", "import")
"""Operations a reader counts; a replacement's halves are one to them."""


class Result(IntEnum):
    """How a preview ended, as the exit code of the command."""

    OK = 0
    FAILED = 1
    REFUSED = 2
    POLICY = 4


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happens to one resource. Names of properties, never values."""

    operation: str
    type: str
    name: str
    changed: tuple[str, ...]
    forced_by: tuple[str, ...]
    protected: bool

    @property
    def destroys(self) -> bool:
        """Whether something that is there will be no more."""
        return self.operation in ("delete", "replace")


@dataclass(frozen=True, kw_only=True)
class Report:
    """A preview of one stack."""

    project: str
    stack: str
    result: Result
    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    policies: tuple[Violation, ...] = ()
    notes: tuple[str, ...] = ()
    """What the change means for quotas and cost."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many resources each operation is for; none that is for nothing."""
        counts = dict.fromkeys(_SHOWN, 0)
        for change in self.changes:
            counts[change.operation] += 1
        return {operation: number for operation, number in counts.items() if number}

    def redacted(self, redact: Callable[[str], str]) -> "Report":
        """Return it with a redaction of whatever somebody else has said."""
        return replace(
            self,
            warnings=tuple(map(redact, self.warnings)),
            errors=tuple(map(redact, self.errors)),
            policies=tuple(replace(each, message=redact(each.message)) for each in self.policies),
            notes=tuple(map(redact, self.notes)),
        )

    def to_json(self) -> str:
        """Return it for programs, under names that stay."""
        fields: dict[str, Any] = {**asdict(self), "result": self.result.name.lower(), "counts": self.counts}
        return json.dumps({"format": 1, **fields}, indent=2) + "\n"


def report_of(
    project: str, stack: str, run: Run, *, failure: Exception | None = None, notes: Sequence[str] = ()
) -> Report:
    """Return what a run has seen. `failure` is what ended it, if it did not come to its own end."""
    changes = (_change(step) for step in list(run.steps.values()) if step.operation in _SHOWN and step.type != "Stack")
    return Report(
        project=project,
        stack=stack,
        result=_result(run, failure),
        changes=tuple(sorted(changes, key=lambda change: (change.type, change.name))),
        warnings=tuple(run.warnings),
        errors=_errors(failure),
        policies=tuple(sorted(run.policies, key=lambda each: (not each.mandatory, each.policy, each.name))),
        notes=tuple(notes),
    )


def _result(run: Run, failure: Exception | None) -> Result:
    """Tell the gravest: a policy is the company's word, a refusal CECF's; a failure may be gone at the next run."""
    if any(violation.mandatory for violation in run.policies):
        return Result.POLICY
    if isinstance(failure, InvalidInputError) or (isinstance(failure, OperationFailedError) and failure.refused):
        return Result.REFUSED
    return Result.FAILED if failure else Result.OK


def _errors(failure: Exception | None) -> tuple[str, ...]:
    if isinstance(failure, OperationFailedError):
        return tuple(failure.errors)
    return (str(failure),) if failure else ()


def _change(step: Step) -> Change:
    return Change(
        operation=step.operation,
        type=step.type,
        name=step.name,
        changed=step.changed,
        forced_by=step.forced_by,
        protected=step.protected,
    )
