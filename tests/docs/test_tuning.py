"""The pages on tuning have the whole catalogue, and what they show works."""

import re

import pytest
import yaml

from cecf.settings import load_settings, read_profile
from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.model import Component, Machine
from cecf.tuning.reservations import allocatable_mib
from docs.generator import reservations, tuning
from tests.docs.pages import ROOT
from tests.helpers import clusters

FOLDER = ROOT / "docs" / "tuning"
README = (FOLDER / "README.md").read_text()


@pytest.mark.parametrize("component", Component)
def test_every_setting_is_on_its_component_s_page_with_every_difference(component: Component) -> None:
    page = (FOLDER / f"{component}.md").read_text()
    for setting in (each for each in CATALOGUE.values() if each.component is component):
        assert page.count(f"\n| `{setting.name}` |") == 1 + len(setting.profiles)


def test_every_page_of_the_folder_is_made() -> None:
    made = {*tuning.parts(), "reservations"}
    assert {page.stem for page in FOLDER.glob("*.md")} == made


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README"))
def test_every_page_is_linked_from_the_first(name: str) -> None:
    assert f"({name}.md)" in README


def test_the_example_of_a_stack_file_is_valid() -> None:
    (text,) = re.findall(r"```yaml\n(config:.*?)```", README, re.DOTALL)
    cluster = yaml.safe_load(text)["config"]["cecf:cluster"]
    loaded = load_settings(clusters.layer("dev", cluster), read_profile("dev")).settings
    assert loaded.cluster.tuning.values


def test_the_example_of_a_refusal_names_each_kind_of_mistake() -> None:
    for part in ("is not in 1 to 1000", "is not for tuning", "has no '", "is to be less than", "one for the whole"):
        assert part in README


def test_sources_are_links() -> None:
    assert tuning._source("S0 (CECF); https://a.example/b/c.html#d") == "S0 (CECF); [c](https://a.example/b/c.html#d)"
    assert tuning._source("S1") == "S1"


@pytest.mark.parametrize("machine", [*reservations.WORKERS, *reservations.CONTROL_PLANES])
def test_what_is_left_and_what_is_kept_is_the_whole_node(machine: Machine) -> None:
    free = reservations.left(machine)
    assert all(part > 0 for part in free.values())
    assert free["cpu"] < machine.vcpus * 1000
    assert free["memory"] == allocatable_mib(machine) < machine.ram_mib
    assert free["disk"] < machine.disk_gib
