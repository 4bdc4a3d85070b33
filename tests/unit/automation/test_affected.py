"""Which stacks a change touches, by its files' names and by git."""

import subprocess
from pathlib import Path

import pytest
import yaml

from cecf.automation.affected import affected, base_of, changed_files, removed, stack_names
from cecf.automation.previews import businesses_of
from cecf.problems import InvalidInputError

STACKS = {"finance": "finance", "finance-test": "finance", "bigdata": "bigdata", "broken": ""}
ALL = tuple(sorted(STACKS))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Pulumi.finance.yaml", ("finance",)),
        ("Pulumi.finance-test.yaml", ("finance-test",)),
        ("Pulumi.gone.yaml", ()),
        ("stacks/finance.yaml", ("broken", "finance", "finance-test")),
        ("stacks/bigdata.py", ("bigdata", "broken")),
        ("stacks/common.py", ALL),
        ("stacks/new.yaml", ALL),  # no stack is known to be of it; a broken one might
        ("Pulumi.yaml", ALL),
        ("__main__.py", ALL),
        ("cecf/plan/names.py", ALL),
        ("cecf_components/node.py", ALL),
        ("policy/PulumiPolicy.yaml", ALL),
        ("requirements.lock", ALL),
        ("pyproject.toml", ALL),
        ("something/nobody/knows", ALL),
        ("docs/operations/scale.md", ()),
        ("docs/generate.py", ()),
        ("tests/engine/shapes.py", ()),
        ("lab/openstack/site.py", ()),
        ("bench/run.py", ()),
        (".github/workflows/preview.yml", ()),
        ("README.md", ()),
        ("cecf/plan/README.md", ()),
        ("Makefile", ()),
    ],
)
def test_a_file_touches_the_stacks_that_depend_on_it(path: str, expected: tuple[str, ...]) -> None:
    assert affected([path], STACKS) == expected


def test_a_change_touches_what_any_of_its_files_touches() -> None:
    files = ["README.md", "Pulumi.finance-test.yaml", "stacks/bigdata.yaml"]
    assert affected(files, STACKS) == ("bigdata", "broken", "finance-test")
    assert affected([], STACKS) == ()


def test_a_stack_file_that_is_taken_away_is_noticed() -> None:
    assert removed(["Pulumi.gone.yaml", "Pulumi.finance.yaml", "Pulumi.yaml"], STACKS) == ("gone",)


@pytest.mark.parametrize(
    ("environment", "base"),
    [
        ({}, "origin/main"),
        ({"GITHUB_BASE_REF": "release-1"}, "origin/release-1"),
        ({"GITHUB_BASE_REF": ""}, "origin/main"),
        ({"CI_MERGE_REQUEST_DIFF_BASE_SHA": "1a2b3c"}, "1a2b3c"),
    ],
)
def test_the_pipeline_says_what_to_compare_with(environment: dict[str, str], base: str) -> None:
    assert base_of(environment) == base


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a repository in whose folder `project` two stacks are."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("finance", "bigdata"):
        text = yaml.safe_dump({"config": {"cecf:business": name}})
        (folder / f"Pulumi.{name}.yaml").write_text(text)
    (folder / "Pulumi.@everybody.yaml").write_text("config: {}\n")
    (folder / "Pulumi.broken.yaml").write_text("config: [\n")
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    commit(tmp_path)
    return folder


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all", ".")
    git(folder, "commit", "--quiet", "--message", "a change")


def test_git_tells_what_differs_since_the_branch_was_made(project: Path) -> None:
    git(project, "branch", "change")
    (project / "Pulumi.yaml").write_text("")
    commit(project)  # on the main branch, meanwhile
    git(project, "checkout", "--quiet", "change")
    (project / "Pulumi.finance.yaml").write_text("config: {}\n")
    (project / "Ein Name.md").write_text("")
    (project.parent / "outside").write_text("")
    commit(project.parent)
    git(project, "mv", "Pulumi.bigdata.yaml", "Pulumi.data.yaml")  # not committed yet, and previewed all the same
    assert set(changed_files("main", project)) == {
        "Ein Name.md",
        "Pulumi.bigdata.yaml",
        "Pulumi.data.yaml",
        "Pulumi.finance.yaml",
    }


@pytest.mark.parametrize("base", ["nowhere", "--output=stolen", ""])
def test_a_base_that_git_does_not_know_is_refused_with_the_way_out(project: Path, base: str) -> None:
    with pytest.raises(InvalidInputError, match=r"cannot be told; .*fetch-depth: 0.*--base"):
        changed_files(base, project)
    assert not (project / "stolen").exists()


def test_stacks_are_those_of_the_files_but_for_names_that_the_engine_refuses(project: Path) -> None:
    assert stack_names(project) == ("bigdata", "broken", "finance")
    assert businesses_of(project) == {"bigdata": "bigdata", "broken": "", "finance": "finance"}
