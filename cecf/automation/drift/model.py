"""What drift is: where, what, which class, and what mends it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from cecf.tuning.model import DriftClass

Class = DriftClass | Literal["leak"]
"""What a finding means; `leak`: something that nobody needs any more and that costs quota."""

CLASSES: tuple[Class, ...] = ("harmful", "cosmetic", "leak", "elastic")
"""In the order in which they are told."""


ELASTIC = "nothing: an autoscaler's nodes come and go by themselves"
"""What to do about a node of its."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as declared."""

    where: str
    """The object, node or component, by the name that people know it by."""
    what: str
    drift: Class
    mend: str = ""
    """A command, or what to do; none where nothing is to be done."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was found, and what could not be read."""

    findings: tuple[Finding, ...] = ()
    unread: tuple[str, ...] = ()
    """What nobody could look at, and why."""

    @property
    def found(self) -> bool:
        """Whether anything has drifted that is not meant to move by itself."""
        return any(finding.drift != "elastic" for finding in self.findings)

    def of(self, drift: Class) -> list[Finding]:
        """Return the findings of a class."""
        return [finding for finding in self.findings if finding.drift == drift]


def joined(reports: Iterable[Report]) -> Report:
    """Return several reports as one; what is elastic, and known to two of them, is told once."""
    findings: list[Finding] = []
    unread: list[str] = []
    moving: set[str] = set()
    for report in reports:
        for finding in report.findings:
            if finding.drift == "elastic" and finding.where in moving:
                continue
            moving |= {finding.where} if finding.drift == "elastic" else set()
            findings.append(finding)
        unread += report.unread
    ordered = sorted(findings, key=lambda finding: (CLASSES.index(finding.drift), finding.where, finding.what))
    return Report(findings=tuple(ordered), unread=tuple(unread))
