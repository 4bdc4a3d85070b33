"""The pull request or merge request that a pipeline runs for, as its environment tells."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from cecf.automation.comments import CommentError, Comments
from cecf.automation.report_text import Frame
from cecf.problems import InvalidInputError, Problem

GITHUB_LIMIT, GITLAB_LIMIT = 65_536, 1_000_000
"""Characters of a comment at most."""

GITLAB_TOKEN = "CECF_GITLAB_TOKEN"  # noqa: S105 (a variable's name)


class Vendor(StrEnum):
    """Whose pull request it is."""

    AUTO = "auto"
    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class PullRequest:
    """Where comments go."""

    vendor: Vendor
    api_url: str
    project: str
    number: int
    token: str = field(repr=False)
    frame: Frame

    def comments(self) -> Comments:
        """Return its comments. Raises `CommentError` where the libraries for that are not installed."""
        try:
            if self.vendor is Vendor.GITHUB:
                from cecf.automation.github_comments import GithubComments  # noqa: PLC0415 (of the extra `ci`)

                return GithubComments(self.api_url, self.token, self.project, self.number)
            from cecf.automation.gitlab_comments import GitlabComments  # noqa: PLC0415

            return GitlabComments(self.api_url, self.token, self.project, self.number)
        except ModuleNotFoundError as error:
            raise CommentError(f"comments need the package '{error.name}': install cecf with its extra `ci`") from None


def pull_request(vendor: Vendor, environment: Mapping[str, str]) -> PullRequest | None:
    """Return the pull request that the environment names; none where nothing is to be written.

    `auto` writes where a pipeline of a pull request runs. Raises `InvalidInputError` for what is missing.
    """
    if vendor is Vendor.AUTO:
        vendor = _found(environment)
    if vendor is Vendor.GITHUB:
        return _of_github(environment)
    return _of_gitlab(environment) if vendor is Vendor.GITLAB else None


def _found(environment: Mapping[str, str]) -> Vendor:
    if environment.get("GITHUB_ACTIONS") == "true" and _github_number(environment):
        return Vendor.GITHUB
    return Vendor.GITLAB if environment.get("CI_MERGE_REQUEST_IID") else Vendor.NONE


def _of_github(environment: Mapping[str, str]) -> PullRequest:
    token = _needed(environment, "GITHUB_TOKEN", "pass it to this step: env: GITHUB_TOKEN: ${{ github.token }}")
    repository = _needed(environment, "GITHUB_REPOSITORY", "run it in GitHub Actions, or say --comment none")
    number = _github_number(environment)
    if number is None:
        raise _missing("GITHUB_EVENT_PATH and GITHUB_REF name no pull request", "run it on pull_request events")
    server = environment.get("GITHUB_SERVER_URL", "https://github.com")
    run = environment.get("GITHUB_RUN_ID")
    frame = Frame(
        limit=GITHUB_LIMIT,
        revision=str(_event(environment).get("head", {}).get("sha", "")),
        run_url=f"{server}/{repository}/actions/runs/{run}" if run else "",
    )
    return PullRequest(
        vendor=Vendor.GITHUB,
        api_url=environment.get("GITHUB_API_URL", "https://api.github.com"),
        project=repository,
        number=number,
        token=token,
        frame=frame,
    )


def _of_gitlab(environment: Mapping[str, str]) -> PullRequest:
    mend = f"make a project access token (role Reporter, scope api) and keep it as the masked variable {GITLAB_TOKEN}"
    pipeline = "run it in a merge request pipeline, or say --comment none"
    return PullRequest(
        vendor=Vendor.GITLAB,
        api_url=re.sub(r"/api/v4/?$", "", _needed(environment, "CI_API_V4_URL", pipeline)),
        project=_needed(environment, "CI_PROJECT_ID", pipeline),
        number=int(_needed(environment, "CI_MERGE_REQUEST_IID", pipeline)),
        token=_needed(environment, GITLAB_TOKEN, mend),
        frame=Frame(
            limit=GITLAB_LIMIT,
            revision=environment.get("CI_COMMIT_SHA", ""),
            run_url=environment.get("CI_PIPELINE_URL", ""),
        ),
    )


def _github_number(environment: Mapping[str, str]) -> int | None:
    if number := _event(environment).get("number"):
        return int(number)
    match = re.fullmatch(r"refs/pull/(\d+)/\w+", environment.get("GITHUB_REF", ""))
    return int(match[1]) if match else None


def _event(environment: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the pull request in the event that started the run."""
    path = environment.get("GITHUB_EVENT_PATH")
    if not path or not Path(path).is_file():
        return {}
    event = json.loads(Path(path).read_text(encoding="utf-8"))
    return event.get("pull_request") or {}


def _needed(environment: Mapping[str, str], name: str, mend: str) -> str:
    if value := environment.get(name):
        return value
    raise _missing(f"{name} is not set", mend)


def _missing(what: str, mend: str) -> InvalidInputError:
    problem = Problem(path="", what=what, why="a comment on the pull request needs it", mend=mend)
    return InvalidInputError([problem])
