"""One line for what is wrong: where, what, why, and the command that mends it."""

import pytest

from cecf.problems import HEADING, InvalidInputError, Problem, config_remove, config_set, join_path


def test_a_problem_is_one_line_with_everything_in_its_place() -> None:
    problem = Problem(path="cluster.name", what="is odd", why="because", mend="mend it")
    assert str(problem) == "cecf:cluster.name: is odd; because. Mend: mend it"


def test_a_problem_seen_from_its_parent_has_the_longer_path() -> None:
    assert Problem(path="name", what="x").below("cluster").path == "cluster.name"
    assert Problem(path="", what="x").below("cluster").path == "cluster"


def test_an_error_counts_and_holds_its_problems() -> None:
    problems = [Problem(path="a", what="b"), Problem(path="c", what="d")]
    error = InvalidInputError(iter(problems))
    assert error.problems == tuple(problems)
    assert str(error) == f"{HEADING} (2 to mend):\ncecf:a: b\ncecf:c: d"


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        (("cluster", "zones", 0), "cluster.zones[0]"),
        (("cluster", "", "name"), 'cluster[""].name'),
        (("a.b", "c[1]", "d"), '["a.b"]["c[1]"].d'),
        (("a", 'b"c'), 'a["b\\"c"]'),
        ((), ""),
    ],
)
def test_a_path_is_written_as_pulumi_reads_it(parts: tuple[str | int, ...], path: str) -> None:
    assert join_path(*parts) == path


@pytest.mark.parametrize(
    ("path", "option"), [("cloud", ""), ("cluster.name", "--path "), ("cluster.zones[0]", "--path ")]
)
def test_a_command_takes_a_path_only_where_there_is_one(path: str, option: str) -> None:
    assert config_set(path, 3) == f"pulumi config set {option}'cecf:{path}' 3"
    assert config_remove(path) == f"pulumi config rm {option}'cecf:{path}'"
