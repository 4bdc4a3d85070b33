"""The Markdown files of the repository, and the code in them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_HIDDEN = (".venv", ".git", ".pytest_cache", "node_modules")

PAGES = sorted(page for page in ROOT.rglob("*.md") if not any(part in _HIDDEN for part in page.relative_to(ROOT).parts))

_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def name(page: Path) -> str:
    """Return a page's path as people write it."""
    return str(page.relative_to(ROOT))


def code(page: Path) -> str:
    """Return what stands in code blocks and code spans, one piece a line."""
    text = page.read_text()
    return "\n".join([*_FENCE.findall(text), *re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))])


def prose(page: Path) -> str:
    """Return a page without its code blocks and code spans."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", page.read_text()))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
