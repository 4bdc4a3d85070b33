"""Markdown that stays what it is whatever the text in it says: spans, fences, tables, and what fits into a limit.

Names, paths and messages come from stack files, clouds and pull requests of anybody. All of them stand in code spans
and fences, where nothing is a link, a mention, a tag or the end of a table's cell.
"""

import re
from collections.abc import Iterable, Sequence

_BACKTICKS = re.compile(r"`+")


def size(text: str) -> int:
    """Return how much of a limit a text takes: bytes, which are never fewer than anybody's characters."""
    return len(text.encode())


def longest_run(text: str) -> int:
    """Return how many backticks stand beside each other at most."""
    return max(map(len, _BACKTICKS.findall(text)), default=0)


def span(text: str) -> str:
    """Return a text as a code span on one line, safe in a table as well."""
    # In a table, a bar ends the cell, in code as well, and what escapes it is the backslash right before it.
    line = re.sub(r"\\*\|", r"\\|", " ".join(text.split())) or " "
    ticks = "`" * (longest_run(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def spans(texts: Iterable[str]) -> str:
    """Return texts as code spans beside each other."""
    return ", ".join(span(text) for text in texts)


def fence(lines: Iterable[str], language: str = "") -> str:
    """Return lines in a block of code that none of them can end."""
    text = "\n".join(lines)
    ticks = "`" * max(3, longest_run(text) + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"


def folded(title: str, body: str) -> str:
    """Return a body that is shown when its title is clicked."""
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table's lines."""
    return [_row(head), _row(["---"] * len(head)), *map(_row, rows)]


def fitting(lines: Sequence[str], room: int) -> list[str]:
    """Return the first lines that take no more than `room`, with their line ends."""
    kept: list[str] = []
    for line in lines:
        room -= size(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
