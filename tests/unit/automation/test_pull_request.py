"""The pull request that a pipeline runs for, told from its environment."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from cecf.automation.pull_request import Vendor, pull_request
from cecf.problems import InvalidInputError
from tests.helpers.comment_servers import CommentServer, GithubServer, GitlabServer, pipeline

GITHUB, GITLAB = pipeline(GithubServer(url="http://github")), pipeline(GitlabServer(url="http://gitlab"))


def without(environment: Mapping[str, str], name: str) -> dict[str, str]:
    """Return an environment that lacks something."""
    return {key: value for key, value in environment.items() if key != name}


@pytest.mark.parametrize("vendor", [Vendor.AUTO, Vendor.GITHUB])
def test_github_names_the_pull_request_by_the_ref(vendor: Vendor) -> None:
    found = pull_request(vendor, GITHUB)
    assert found
    assert (found.vendor, found.project, found.number) == ("github", "acme/clusters", 7)
    assert (found.frame.limit, found.frame.run_url) == (
        65_536,
        "https://github.example/acme/clusters/actions/runs/1234",
    )
    assert CommentServer().token not in repr(found)


def test_githubs_event_knows_better_than_the_ref(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 12, "head": {"sha": "abc123"}}}))
    found = pull_request(Vendor.AUTO, {**GITHUB, "GITHUB_EVENT_PATH": str(event), "GITHUB_REF": "refs/heads/main"})
    assert found
    assert (found.number, found.frame.revision) == (12, "abc123")


@pytest.mark.parametrize("vendor", [Vendor.AUTO, Vendor.GITLAB])
def test_gitlab_names_the_merge_request(vendor: Vendor) -> None:
    found = pull_request(vendor, GITLAB)
    assert found
    assert (found.vendor, found.api_url, found.project, found.number) == ("gitlab", "http://gitlab", "42", 7)
    assert (found.frame.limit, found.frame.revision[:4]) == (1_000_000, "0123")


@pytest.mark.parametrize(
    ("vendor", "environment"),
    [
        (Vendor.AUTO, {}),
        (Vendor.NONE, GITHUB),
        (Vendor.AUTO, {**GITHUB, "GITHUB_REF": "refs/heads/main"}),
        (Vendor.AUTO, without(GITLAB, "CI_MERGE_REQUEST_IID")),
    ],
)
def test_where_there_is_no_pull_request_nothing_is_written(vendor: Vendor, environment: dict[str, str]) -> None:
    assert pull_request(vendor, environment) is None


@pytest.mark.parametrize(
    ("vendor", "environment", "told"),
    [
        (Vendor.AUTO, without(GITHUB, "GITHUB_TOKEN"), r"GITHUB_TOKEN is not set; .*Mend: .*github\.token"),
        (Vendor.AUTO, without(GITLAB, "CECF_GITLAB_TOKEN"), "CECF_GITLAB_TOKEN is not set; .*scope api"),
        (Vendor.GITHUB, {**GITHUB, "GITHUB_REF": "refs/heads/main"}, "name no pull request"),
        (Vendor.GITHUB, {"GITHUB_TOKEN": "a-token"}, "GITHUB_REPOSITORY is not set"),
        (Vendor.GITLAB, {"CECF_GITLAB_TOKEN": "a-token"}, "CI_API_V4_URL is not set; .*--comment none"),
    ],
)
def test_what_is_missing_is_refused_before_anything_is_previewed(
    vendor: Vendor, environment: dict[str, str], told: str
) -> None:
    with pytest.raises(InvalidInputError, match=told):
        pull_request(vendor, environment)
