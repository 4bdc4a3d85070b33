"""A preview's report as a comment: what is lost first, the engine's whole diff last and folded, and within a limit."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cecf.automation.markdown import fence, fitting, folded, longest_run, size, span, spans, table
from cecf.automation.report import Change, Report, Result

_ENDS = {
    Result.FAILED: "failed",
    Result.REFUSED: "is refused",
    Result.POLICY: "is stopped by a policy",
}

_PRECIOUS = {"Volume": "volume", "Instance": "server", "LoadBalancer": "load balancer", "Floatingip": "address"}
"""What people miss when it is gone, by its class, the worst first."""

_LONGEST_LINE = 500
_LONGEST_TEXT = 2000
"""Characters; what is longer is cut, so that one line cannot take the place of all others."""

_SIGN = re.compile(r" *(\+-|-\+|[-+~])")
_COLOURS = {"+": "+", "-": "-"}
"""Of what is added and what goes; whatever else the engine marks is a change."""

_SAID = 40
"""Errors, warnings and the like in one list; more are only counted."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What surrounds a report: how much text is allowed, what was previewed, and where the rest is to be found."""

    limit: int
    revision: str = ""
    run_url: str = ""


def marker(project: str, stack: str) -> str:
    """Return the hidden line by which a stack's comment is found again."""
    return f"<!-- cecf:preview project={project} stack={stack} -->"


def commented(project: str, body: str) -> str | None:
    """Return the stack that a comment of this project is about; none of another comment."""
    match = re.match(re.escape(marker(project, "@")).replace("@", r"([\w.-]+)"), body)
    return match[1] if match else None


def withdrawn(project: str, stack: str) -> str:
    """Return the comment for a stack that the change touched once."""
    return f"{marker(project, stack)}\n### Preview of {span(stack)}: the change does not touch it any more\n"


def comment(report: Report, diff: Sequence[str], frame: Frame) -> str:
    """Return the comment. It begins with its marker and takes no more bytes than the frame allows."""
    parts = [f"{marker(report.project, report.stack)}\n{_headline(report)}"]
    footer = _footer(report, frame)
    room = frame.limit - size(parts[0]) - size(footer) - 3
    sections: tuple[Callable[[int], str], ...] = (
        lambda room: _said("Errors", report.errors, room),
        lambda room: _lost(report, room),
        lambda room: _policies(report, room),
        lambda room: _said("Warnings", report.warnings, room),
        lambda room: _said("Quota and cost", report.notes, room),
        lambda room: _kept(report, room),
        lambda room: _diff(diff, f"{report.stack}.diff", room),
    )
    for section in sections:
        text = section(room - 2)
        if text and size(text) <= room - 2:
            parts.append(text)
            room -= size(text) + 2
    return "\n\n".join([*parts, footer]) + "\n"


def counts(report: Report) -> str:
    """Return how many resources are created, replaced, ..., in words."""
    return ", ".join(f"{number} to {operation}" for operation, number in report.counts.items()) or "nothing to do"


def _headline(report: Report) -> str:
    if report.result is Result.OK:
        return f"### Preview of {span(report.stack)}: {counts(report)}"
    early = "\n\nIt ended early: what follows is what it had found by then." if report.changes else ""
    return f"### Preview of {span(report.stack)} {_ENDS[report.result]}{early}"


def _lost(report: Report, room: int) -> str:
    lost = sorted((change for change in report.changes if change.destroys), key=_gravity)
    if not lost:
        return ""
    protected = sum(change.protected for change in lost)
    kinds = {
        kind: sum(change.type == type_ for change in lost)
        for type_, kind in _PRECIOUS.items()
        if any(change.type == type_ for change in lost)
    }
    among = ", ".join(f"{number} {kind}{'s' * (number > 1)}" for kind, number in kinds.items())
    words = f"**{_resources(len(lost))} replaced or deleted**" + (f", among them **{among}**" if among else "")
    words += f"; **protected: {protected}**." if protected else "."
    rows = table(("", "resource", "is", "because of"), map(_lost_row, lost))
    return f"> [!CAUTION]\n> {words}\n\n" + _rows(rows, report, room - size(words) - 20)


def _resources(number: int) -> str:
    return "1 resource is" if number == 1 else f"{number} resources are"


def _gravity(change: Change) -> tuple[bool, int, str, str]:
    precious = list(_PRECIOUS)
    rank = precious.index(change.type) if change.type in precious else len(precious)
    return (not change.protected, rank, change.operation, change.name)


def _lost_row(change: Change) -> Sequence[str]:
    kind = f"**{_PRECIOUS[change.type]}**" if change.type in _PRECIOUS else span(change.type)
    kind += ", **protected**" if change.protected else ""
    return (f"**{change.operation}**", _name(change), kind, _properties(change.forced_by or change.changed))


def _kept(report: Report, room: int) -> str:
    kept = [change for change in report.changes if not change.destroys]
    if not kept:
        return ""
    rows = table(("", "resource", "is", "changes"), map(_kept_row, sorted(kept, key=lambda each: each.operation)))
    title = f"{_resources(len(kept))} created or updated"
    return folded(title, _rows(rows, report, room - size(folded(title, ""))))


def _kept_row(change: Change) -> Sequence[str]:
    changed = "" if change.operation == "create" else _properties(change.changed)
    return (change.operation, _name(change), span(change.type), changed)


def _name(change: Change) -> str:
    return span(change.name[:_LONGEST_LINE])


def _properties(paths: Sequence[str]) -> str:
    shown = 6
    more = f" and {len(paths) - shown} more" if len(paths) > shown else ""
    return spans(path[:_LONGEST_LINE] for path in paths[:shown]) + more


def _rows(rows: list[str], report: Report, room: int) -> str:
    """Return a table with as many rows as there is room for, and a word where the others are."""
    word = f"The table is cut: {len(rows) - 2} rows, all of them in {span(f'{report.stack}.json')}."
    shown = fitting(rows, room - size(word) - 2)
    if len(shown) == len(rows):
        return "\n".join(rows)
    # Its head alone is no table.
    return "\n".join(shown) + f"\n\n{word}" if len(shown) > 2 else word  # noqa: PLR2004


def _policies(report: Report, room: int) -> str:
    lines = [
        f"- **{each.level if each.level.isalpha() else 'unknown'}** {span(each.policy)} ({span(each.pack)})"
        + (f" on {span(each.name)}" if each.name else "")
        + f": {span(each.message[:_LONGEST_TEXT])}"
        for each in report.policies
    ]
    return _list("Policies", lines, room)


def _said(title: str, texts: Sequence[str], room: int) -> str:
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    return _list(title, [f"- {span(line[:_LONGEST_TEXT])}" for line in lines], room)


def _list(title: str, lines: Sequence[str], room: int) -> str:
    if not lines:
        return ""
    word = f"\n\n… of {len(lines)} in all."
    shown = fitting(lines[:_SAID], room - size(title) - size(word) - 12)
    return f"**{title}**\n\n" + "\n".join(shown) + (word if len(shown) < len(lines) else "")


def _diff(diff: Sequence[str], file: str, room: int) -> str:
    if not diff:
        return ""
    title = "The engine's whole diff"
    lines = [_marked(line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]} …") for line in diff]
    word = f"\n\nCut: the first lines of {len(lines)}; all of them are in {span(file)}."
    around = size(folded(title, fence(["`" * longest_run("\n".join(lines))], "diff")))
    shown = fitting(lines, room - around - size(word))
    if not shown:
        return f"The engine's whole diff is in {span(file)}."
    return folded(title, fence(shown, "diff") + (word if len(shown) < len(diff) else ""))


def _marked(line: str) -> str:
    """Return a line of the diff after the sign that its colour depends on; the engine's own stands further in."""
    match = _SIGN.match(line)
    return f"{_COLOURS.get(match[1], '!') if match else ' '} {line}"


def _footer(report: Report, frame: Frame) -> str:
    files = f"{span(f'{report.stack}.diff')}, {span(f'{report.stack}.json')}"
    run = f" of [this run]({frame.run_url})" if frame.run_url else ""
    revision = f"{span(frame.revision[:12])}; " if frame.revision else ""
    return f"<sub>{revision}whole diff and summary: {files} in the artifacts{run}. Nothing was changed.</sub>"
