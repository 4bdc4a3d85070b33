"""What the pages name exists: files, headings, commands, tests, settings."""

import ast
import re
from pathlib import Path

import pytest
import typer

from cecf.cli.app import app
from cecf.tuning.catalogue import CATALOGUE
from docs.generator import settings
from tests.docs.pages import PAGES, ROOT, anchors, code, name, prose

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

VERBS = set(getattr(typer.main.get_command(app), "commands", {}))

LAB_VERBS = {"up", "down", "status", "reset", "env", "logs", "machines", "shell", "kill"}

pages = pytest.mark.parametrize("page", PAGES, ids=name)


@pages
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    broken = []
    for link in links:
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pages
def test_make_has_the_targets_that_are_mentioned(page: Path) -> None:
    mentioned = re.findall(r"(?<![\w-])make (?:-s )?([a-z][a-z-]*)", code(page))
    assert set(mentioned) - TARGETS == set()


@pages
def test_the_command_has_the_verbs_that_are_mentioned(page: Path) -> None:
    mentioned = re.findall(r"(?:^|[\s(]|bin/)cecf ([a-z]+)(?: --|$|`)", code(page), re.MULTILINE)
    assert set(mentioned) - VERBS == set()
    assert set(re.findall(r"python -m lab ([a-z]+)", code(page))) <= LAB_VERBS


@pages
def test_files_that_are_named_by_their_path_exist(page: Path) -> None:
    folders = "cecf|cecf_components|stacks|lab|tests|docs"
    named = re.findall(rf"(?<![\w/.~])((?:{folders})/[\w/.-]+\.(?:py|md|yaml))\b", code(page))
    assert [path for path in named if not (ROOT / path).exists()] == []


@pages
def test_tests_that_are_named_exist(page: Path) -> None:
    missing = []
    for path, test in re.findall(r"(tests/[\w/]+\.py)::(\w+)", code(page)):
        functions = {node.name for node in ast.parse((ROOT / path).read_text()).body if hasattr(node, "name")}
        if test not in functions:
            missing.append(f"{path}::{test}")
    assert missing == []


@pages
def test_settings_that_are_named_exist(page: Path) -> None:
    known = [
        re.sub(r"<pool>", "[\\\\w<>-]+", re.escape(path).replace(re.escape("<pool>"), "<pool>"))
        for path, *_ in settings.rows()
    ]
    named = re.findall(r"pulumi config (?:set|rm) --path 'cecf:([^']+)'", _without_samples(page))
    named += re.findall(r"^cecf:([a-z_.<>]+)$", code(page), re.MULTILINE)
    unknown = [path for path in named if not any(_is_or_holds(pattern, path) for pattern in known)]
    assert unknown == []


def _is_or_holds(pattern: str, path: str) -> bool:
    """Tell whether a named path is a setting, an item of one, or the parent of one."""
    plain = re.sub(r"\[\d+\]$", "", path)
    holder, values, tuned = plain.partition(".tuning.values.")
    if values and re.sub(r'\["(.+)"\]', r".\1", tuned) in CATALOGUE:
        plain = f"{holder}.tuning.values"
    return bool(re.fullmatch(pattern, plain)) or pattern.startswith(re.escape(f"{plain}."))


def _without_samples(page: Path) -> str:
    """Return a page's text without the blocks that show output, where mistakes are the point."""
    return re.sub(r"^```text.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
