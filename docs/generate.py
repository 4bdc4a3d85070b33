"""Writes the generated parts of the documentation: `make docs`, or `python -m docs.generate`.

A generated part stands between `<!-- generated: begin NAME -->` and `<!-- generated: end -->`; what is written by hand
stands around it. With `--check`, nothing is written, and the exit code is 1 when a page is not current.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from docs.generator import components, policy, ports, reservations, settings, tuning

DOCS = Path(__file__).parent

_PART = re.compile(r"(<!-- generated: begin (?P<name>[a-z-]+) -->\n).*?(<!-- generated: end -->)", re.DOTALL)


class PageError(Exception):
    """A page has not the generated parts that are made for it."""


def pages() -> Mapping[Path, str]:
    """Return the text of every page with generated parts, as the code makes it now."""
    parts = {
        **{DOCS / "components" / f"{page}.md": made for page, made in components.parts().items()},
        DOCS / "settings.md": settings.parts(),
        DOCS / "ports.md": ports.parts(),
        DOCS / "operations" / "policy.md": policy.parts(),
        **{DOCS / "tuning" / f"{page}.md": made for page, made in tuning.parts().items()},
        DOCS / "tuning" / "reservations.md": reservations.parts(),
    }
    return {page: _filled(page, made) for page, made in parts.items()}


def outdated() -> list[Path]:
    """Return the pages that differ from what the code makes now."""
    return [page for page, text in pages().items() if page.read_text() != text]


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or only say which are not current."""
    stale = outdated()
    texts = pages()
    for page in stale:
        if "--check" in arguments:
            sys.stderr.write(f"not current: {page.relative_to(DOCS.parent)}; `make docs` writes it anew\n")
        else:
            page.write_text(texts[page])
            sys.stdout.write(f"written: {page.relative_to(DOCS.parent)}\n")
    return int("--check" in arguments and bool(stale))


def _filled(page: Path, made: Mapping[str, Iterable[str]]) -> str:
    """Return a page with its generated parts made anew; refuse one that lacks a part or has one too many."""
    text = page.read_text()
    names = [match["name"] for match in _PART.finditer(text)]
    if sorted(names) != sorted(made):
        raise PageError(f"{page} has the generated parts {sorted(names)}, and needs {sorted(made)}")
    return _PART.sub(lambda match: match[1] + "\n".join(_spaced(made[match["name"]])) + "\n" + match[3], text)


def _spaced(lines: Iterable[str]) -> Iterator[str]:
    """Keep a blank line between the markers and what they enclose, as Markdown wants it."""
    yield ""
    yield from lines
    yield ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
