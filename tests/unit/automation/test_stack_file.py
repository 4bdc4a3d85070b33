"""A stack's file is read without the engine, as the engine would read it."""

from pathlib import Path

import pytest

from cecf.automation.stack_file import check, read_stack_file
from cecf.problems import InvalidInputError
from cecf.settings import businesses
from tests.helpers import clusters


def project(folder: Path, text: str | None) -> Path:
    """Make a project with a file of the stack `one`."""
    (folder / "Pulumi.yaml").write_text("name: test\n")
    if text is not None:
        (folder / "Pulumi.one.yaml").write_text(text)
    return folder


def refusal(name: str, folder: Path) -> str:
    """Return why a stack cannot be read."""
    with pytest.raises(InvalidInputError) as caught:
        read_stack_file(name, folder)
    return str(caught.value)


def test_objects_and_numbers_are_what_the_engine_gives_text() -> None:
    found = read_stack_file("dev", clusters.ROOT)
    assert found["cecf:business"] == "dev"
    assert found["cecf:cluster"].startswith('{"control_plane"')


@pytest.mark.parametrize("business", businesses())
def test_every_committed_stack_is_there(business: str) -> None:
    check(business, clusters.ROOT)


def test_a_scalar_is_text(tmp_path: Path) -> None:
    folder = project(tmp_path, "config:\n  cecf:a: true\n  cecf:b: 3\n  cecf:c: word\n")
    assert read_stack_file("one", folder) == {"cecf:a": "true", "cecf:b": "3", "cecf:c": "word"}


def test_a_stack_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    assert "there is no stack 'two'; there are one" in refusal("two", project(tmp_path, "config: {}\n"))


def test_a_folder_without_a_project_is_told(tmp_path: Path) -> None:
    assert "there is no Pulumi.yaml" in refusal("one", tmp_path)


@pytest.mark.parametrize(
    "text", ["", "config:\n", "config: [1]\n", "- 1\n", "config: {a: [}\n", "encryptionsalt: v1\n"]
)
def test_a_file_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    assert "Pulumi.one.yaml cannot be read" in refusal("one", project(tmp_path, text))
