"""The businesses' profiles, as files."""

from pathlib import Path

import pytest

from cecf.problems import InvalidInputError
from cecf.settings import businesses, read_profile


def written(folder: Path, text: str) -> Path:
    """Return a folder with the profile of one business."""
    (folder / "trading.yaml").write_text(text)
    return folder


def test_a_business_is_what_has_a_profile(tmp_path: Path) -> None:
    assert businesses() == ["bigdata", "dev", "finance", "smartcity"]
    assert businesses(written(tmp_path, "")) == ["trading"]


def test_a_profile_holds_what_a_stack_file_can_hold(tmp_path: Path) -> None:
    text = "isolation: isolated\ncluster: {zones: [az1], worker_pools: {1: {count: 2}}}  # a reason"
    assert read_profile("trading", written(tmp_path, text)) == {
        "isolation": "isolated",
        "cluster": {"zones": ["az1"], "worker_pools": {"1": {"count": 2}}},
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("cluster: [a", "expected ',' or ']'"),
        ("", "it holds no keys"),
        ("- cluster", "it holds no keys"),
        ("cluster: {name: 2026-11-21}", "date is not JSON serializable"),
    ],
)
def test_a_file_that_is_no_profile_is_refused_by_its_name(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_profile("trading", written(tmp_path, text))
    (found,) = caught.value.problems
    assert found.what == f"{tmp_path.name}/trading.yaml is no profile"
    assert why in found.why
