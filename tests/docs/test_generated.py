"""The generated parts of the documentation are what the code makes, and nothing in them is left undescribed."""

import re

import pytest

import cecf_components
from cecf_components.base import CecfComponent
from cecf_components.spread_nodes import SpreadNodes
from docs import generate
from docs.generator import components, ports, settings
from tests.docs.pages import ROOT
from tests.helpers.engine_spy import Recording

COMPONENTS = {component.__name__: component for component in components.COMPONENTS}


def test_every_page_is_current() -> None:
    assert generate.outdated() == [], "`make docs` writes them anew"


def test_writing_twice_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_every_public_component_has_a_page() -> None:
    public = {getattr(cecf_components, name) for name in cecf_components.__all__}
    written = {
        found for base in (CecfComponent, SpreadNodes) for found in base.__subclasses__() if found is not SpreadNodes
    }
    assert public | written <= components.COMPONENTS.keys()


@pytest.mark.parametrize("name", COMPONENTS)
def test_everything_of_a_component_is_described(name: str) -> None:
    component = COMPONENTS[name]
    described = {**components.arguments(component), **components.outputs(component)}
    assert component.__doc__
    assert described
    assert [thing for thing, (kind, text) in described.items() if not (kind and text)] == []


@pytest.mark.parametrize("name", COMPONENTS)
def test_the_children_on_a_component_s_page_are_those_that_it_makes(name: str, dev: Recording) -> None:
    component = COMPONENTS[name]
    page = ROOT / "docs" / "components" / f"{components.page_name(component)}.md"
    (tree,) = re.findall(r"## Children\n\n```text\n(.*?)```", page.read_text(), re.DOTALL)
    made = {r.urn for r in dev.registrations if r.type == components.token(component)}
    children = {r.type.split(":")[-1] for r in dev.registrations if r.parent in made}
    assert made
    assert set(re.findall(r"^[├└]─ (\w+)", tree, re.MULTILINE)) == children


def test_every_setting_is_described() -> None:
    rows = list(settings.rows())
    assert len(rows) > 20
    assert [path for path, *_, description in rows if not description] == []


def test_the_reason_for_every_opening_is_on_the_page() -> None:
    page = (ROOT / "docs" / "ports.md").read_text()
    by_hand = page.split("<!-- generated: end -->")[1]
    assert ports.purposes()
    assert [purpose for purpose in ports.purposes() if f"| `{purpose}` |" not in by_hand] == []
