"""Rules about the repository itself, which no tool checks."""

import ast
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from cecf import versions
from cecf.settings import businesses
from cecf.tuning.tables import supported
from tests.helpers import clusters

ROOT = Path(__file__).parents[2]

FOLDERS = ("docs", "cecf", "cecf_components", "stacks", "lab", "policy", "bench", "tests")
"""Of the repository's own; none of them need be there."""

_INSTALLED = ROOT / "policy" / ".venv"

MODULES = sorted(
    file
    for file in [*ROOT.glob("*.py"), *(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))]
    if not file.is_relative_to(_INSTALLED)
)

LONGEST = 400
"""Lines. A file that is longer holds more than one thought."""

PINNED = {
    "pulumi": versions.PULUMI,
    "pulumi-kubernetes": versions.PULUMI_KUBERNETES,
    "pulumi-openstack": versions.PULUMI_OPENSTACK,
}


def relative(files: list[Path]) -> list[str]:
    """Return paths as people write them."""
    return [str(file.relative_to(ROOT)) for file in files]


def test_the_modules_are_found() -> None:
    assert {"__main__.py", "cecf/versions.py", "lab/__main__.py", "stacks/dev.py"} <= set(relative(MODULES))


def test_no_file_is_longer_than_a_person_reads_in_one_go() -> None:
    assert relative([file for file in MODULES if len(file.read_text().splitlines()) > LONGEST]) == []


def test_every_module_says_what_it_is() -> None:
    assert relative([file for file in MODULES if not ast.get_docstring(ast.parse(file.read_text()))]) == []


def test_the_program_stays_thin() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) <= 30


@pytest.mark.parametrize("package", sorted(PINNED))
def test_a_pinned_package_is_the_same_wherever_it_is_named(package: str) -> None:
    pinned = PINNED[package]
    locked = re.findall(rf"^{package}==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [each for each in project["dependencies"] if re.match(rf"{package}[=<>~]", each)]
    assert locked == [pinned]
    assert wanted == [f"{package}=={pinned}"]
    assert version(package) == pinned


def test_a_release_of_kubernetes_is_known_exactly_where_the_fields_of_its_components_are() -> None:
    assert tuple(versions.RELEASES) == supported()
    assert versions.RELEASES[versions.DEFAULT.minor].kubernetes == versions.KUBERNETES


@pytest.mark.parametrize("business", businesses())
def test_a_forgotten_provider_is_an_error_in_every_stack(business: str) -> None:
    assert clusters.stack_file(business)["pulumi:disable-default-providers"] == ["*"]


@pytest.mark.parametrize("business", businesses())
def test_a_stack_file_names_its_business_and_its_cloud_and_holds_no_credential(business: str) -> None:
    config = clusters.stack_file(business)
    assert config["cecf:business"] == business
    assert config["cecf:cloud"]
    assert [key for key in config if key.startswith("openstack:")] == []


@pytest.mark.parametrize("business", businesses())
def test_a_stack_file_is_valid_as_it_is_committed(business: str) -> None:
    assert clusters.committed(business).name == clusters.settings(business).cluster.name


def test_no_two_businesses_use_one_credential() -> None:
    clouds = [clusters.stack_file(business)["cecf:cloud"] for business in businesses()]
    assert len(set(clouds)) == len(clouds)
