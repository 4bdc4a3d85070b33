"""Which stacks a change touches, told from the names of its files."""

import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from cecf.problems import InvalidInputError, Problem

_HARMLESS = re.compile(r"(docs|tests|lab|bench|\.github|\.gitlab|\.ci)/.*|(.*/)?[^/]+\.md|Makefile|\.gitignore|LICENSE")
"""What no stack's resources depend on. Whatever else is changed, and unknown here, is taken for part of the program."""

_STACK_FILE = re.compile(r"Pulumi\.(.+)\.yaml")
_STACK_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_BUSINESS_FILE = re.compile(r"stacks/([^/]+)\.(?:yaml|py)")

Businesses = Mapping[str, str]
"""The business of each stack, by the stack's name; empty where it is unknown."""


def affected(changed: Iterable[str], stacks: Businesses) -> tuple[str, ...]:
    """Return the stacks that a change of these files may touch, sorted."""
    touched: set[str] = set()
    for path in changed:
        touched |= _touched(path, stacks)
    return tuple(sorted(touched))


def _touched(path: str, stacks: Businesses) -> set[str]:
    if match := _STACK_FILE.fullmatch(path):
        return {match[1]} & stacks.keys()
    if (match := _BUSINESS_FILE.fullmatch(path)) and match[1] in stacks.values():
        return {name for name, business in stacks.items() if business in (match[1], "")}
    return set() if _HARMLESS.fullmatch(path) else set(stacks)


def removed(changed: Iterable[str], stacks: Iterable[str]) -> tuple[str, ...]:
    """Return the stacks whose files a change takes away. Their resources stay until somebody destroys them."""
    named = {match[1] for path in changed if (match := _STACK_FILE.fullmatch(path))}
    return tuple(sorted(named - set(stacks)))


def stack_names(project_dir: Path) -> tuple[str, ...]:
    """Return the names of a project's stack files, but for names that the engine would refuse."""
    names = (_STACK_FILE.fullmatch(path.name) for path in project_dir.glob("Pulumi.*.yaml"))
    return tuple(sorted(match[1] for match in names if match and _STACK_NAME.fullmatch(match[1])))


def base_of(environment: Mapping[str, str]) -> str:
    """Return what the change is compared with: the branch or the commit that the pipeline names, else `origin/main`."""
    if branch := environment.get("GITHUB_BASE_REF"):
        return f"origin/{branch}"
    return environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA") or "origin/main"


def changed_files(base: str, project_dir: Path) -> tuple[str, ...]:
    """Return the files that differ between the working tree and where it left `base`, below `project_dir`.

    Raises `InvalidInputError` where git cannot tell.
    """
    options = ["--merge-base", "--name-only", "--no-renames", "--relative", "-z", "--end-of-options"]
    try:
        done = subprocess.run(
            ["git", "diff", *options, base, "--"],  # noqa: S607 (the git on PATH is the pipeline's own)
            cwd=project_dir,
            capture_output=True,
            check=True,
        )
    except FileNotFoundError:
        raise _unknown(base, "git is not installed") from None
    except subprocess.CalledProcessError as error:
        raise _unknown(base, error.stderr.decode(errors="replace").partition("\n")[0]) from None
    return tuple(path for path in done.stdout.decode(errors="replace").split("\0") if path)


def _unknown(base: str, why: str) -> InvalidInputError:
    mend = "fetch the whole history (fetch-depth: 0, GIT_DEPTH: 0), or name --base, --stack or --all"
    return InvalidInputError([Problem(path="", what=f"what differs from '{base}' cannot be told", why=why, mend=mend)])
