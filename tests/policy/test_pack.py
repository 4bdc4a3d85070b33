"""The pack is whole: what it says of the program's names is so, and what is pinned twice is the same."""

import ast
import re
from dataclasses import fields

import pytest
import yaml

from cecf import versions
from cecf.cloud.owned import OWNER_KEY, POOL_KEY, RELEASE_KEY
from cecf.plan.names import owner_tag
from policy.rules import RULES, marks, tokens
from policy.rules.model import Rule
from tests.helpers import clusters
from tests.policy.conftest import BALANCED, See

FOLDER = clusters.ROOT / "policy"

rules = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@rules
def test_a_rule_says_everything_that_people_need(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
    assert [field.name for field in fields(rule) if getattr(rule, field.name) in ("", None)] == []
    assert rule.description.endswith(".")
    assert not rule.why.endswith(".")
    assert [option.name for option in rule.options if not option.description.endswith(".")] == []


def test_no_two_rules_have_one_name() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_the_types_are_those_of_the_program(see: See) -> None:
    """A misspelt type would be found nowhere, and every rule about it kept by everybody."""
    types = {value for name, value in vars(tokens).items() if name.isupper() and not value.endswith(":")}
    seen = [*see("finance"), *see("finance", BALANCED)]
    assert types - {each.type for each in seen} == set()


def test_marks_are_those_of_the_program() -> None:
    assert marks.mark("some-stack") == owner_tag("some-stack")
    assert {OWNER_KEY, POOL_KEY, RELEASE_KEY} <= set(marks.TAGS[tokens.SERVER])
    assert marks.TAGS[tokens.VOLUME] == (OWNER_KEY,)


@pytest.mark.parametrize("file", ["requirements.in", "requirements.lock"])
def test_the_pack_runs_on_the_program_s_own_release_of_pulumi(file: str) -> None:
    pinned = re.findall(r"^pulumi==([0-9.]+)", (FOLDER / file).read_text(), re.MULTILINE)
    assert pinned == [versions.PULUMI]


def test_its_environment_is_the_one_that_make_setup_makes() -> None:
    options = yaml.safe_load((FOLDER / "PulumiPolicy.yaml").read_text())["runtime"]["options"]
    assert f"policy/{options['virtualenv']}/complete:" in (clusters.ROOT / "Makefile").read_text()


def test_what_starts_the_pack_is_thin() -> None:
    statements = ast.parse((FOLDER / "__main__.py").read_text()).body
    assert not any(isinstance(each, ast.FunctionDef | ast.ClassDef) for each in statements)
