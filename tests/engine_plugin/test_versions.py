"""The Go modules pin what ``cecf.versions`` and the Python SDK name."""

import json
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from cecf import versions
from lab import engine
from lab.engine.parts import PARTS, Part


def directive(part: Part, pattern: str) -> str:
    """Return what a line of a part's go.mod names."""
    found = re.search(pattern, (part.module / "go.mod").read_text(), re.MULTILINE)
    assert found, f"{part.folder}/go.mod has no line like {pattern}"
    return found[1]


def part(folder: str) -> Part:
    """Return a part of the engine by the folder of its Go module."""
    (found,) = (candidate for candidate in PARTS if candidate.folder == folder)
    return found


def test_command_line_is_pinned() -> None:
    """The engine is compiled from the release that the file of versions names."""
    assert directive(part("cli"), r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)") == versions.PULUMI


@pytest.mark.parametrize("folder", ["cli", "language"])
def test_go_sdk_is_the_engines(folder: str) -> None:
    """The language host and its scripts speak the engine's own protocol."""
    assert directive(part(folder), r"github\.com/pulumi/pulumi/sdk/v3 v(\S+)") == versions.PULUMI


def test_oldest_go_is_the_one_that_the_modules_ask_for() -> None:
    """An older Go must be refused in plain words and not by the compiler."""
    asked = [directive(each, r"^go (\S+)$") for each in PARTS]
    newest = max(asked, key=lambda release: [int(number) for number in release.split(".")])
    assert newest == versions.GO_MINIMUM


def test_python_sdks_are_the_engines() -> None:
    """The SDK, the engine and the plugin are of one make."""
    assert (version("pulumi"), version("pulumi_openstack")) == (versions.PULUMI, versions.PULUMI_OPENSTACK)


@pytest.mark.engine
def test_engine_reports_its_versions() -> None:
    """The linker has set what the executables say of themselves."""
    ready = engine.ensure()
    assert answer_of(ready.pulumi, "version") == f"v{versions.PULUMI}"
    assert answer_of(ready.plugin, "--version") == versions.PULUMI_OPENSTACK


@pytest.mark.engine
def test_mapping_is_json() -> None:
    """The plugin's hidden flag prints one JSON object."""
    assert json.loads(answer_of(engine.ensure().plugin, "--mapping")).keys() == {"config", "resources", "dataSources"}


def answer_of(tool: Path, argument: str) -> str:
    """Return what an executable prints."""
    return subprocess.run([tool, argument], check=True, capture_output=True, text=True, timeout=60).stdout.strip()
