"""The pipelines of pull requests: one command, few rights, nothing for forks."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from cecf.cli.app import app

ROOT = Path(__file__).parents[2]
# YAML 1.1, which PyYAML reads, takes `on` for true; GitHub does not.
GITHUB = yaml.safe_load((ROOT / ".github/workflows/preview.yml").read_text().replace("\non:", "\n'on':"))
GITLAB = yaml.safe_load((ROOT / ".gitlab/preview.yml").read_text())["preview"]


def steps() -> list[dict[str, Any]]:
    """Return the steps of the workflow."""
    return list(GITHUB["jobs"]["preview"]["steps"])


@pytest.mark.parametrize(
    "lines", [[step.get("run", "") for step in steps()], GITLAB["script"]], ids=["github", "gitlab"]
)
def test_a_pipeline_calls_the_one_command(lines: list[str]) -> None:
    called = re.findall(r"\.venv/bin/(?:cecf|pulumi) .*", "\n".join(lines))
    assert called == [".venv/bin/cecf ci preview --save-plan"]


def test_the_command_has_the_options_that_pipelines_use() -> None:
    context = typer.Context(typer.main.get_command(app))
    preview = context.command.commands["ci"].commands["preview"]  # type: ignore[attr-defined]
    assert "--save-plan" in [name for parameter in preview.params for name in parameter.opts]


def test_a_workflow_has_no_more_rights_than_a_comment_takes() -> None:
    assert GITHUB["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert "permissions" not in GITHUB["jobs"]["preview"]
    (checkout,) = (step for step in steps() if step.get("uses", "").startswith("actions/checkout@"))
    assert checkout["with"] == {"fetch-depth": 0, "persist-credentials": False}


def test_a_pull_request_from_a_fork_gets_no_secrets() -> None:
    assert GITHUB["on"] == "pull_request"
    assert GITHUB["jobs"]["preview"]["if"] == "github.event.pull_request.head.repo.full_name == github.repository"
    (rule,) = GITLAB["rules"]
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in rule["if"]


def test_secrets_go_to_the_step_that_needs_them_alone() -> None:
    assert "secrets." not in str({key: value for key, value in GITHUB["jobs"]["preview"].items() if key != "steps"})
    assert [step.get("name") for step in steps() if "secrets." in str(step)] == ["The clouds' credentials", "Preview"]


def test_one_run_at_a_time_writes_to_a_pull_request() -> None:
    assert GITHUB["concurrency"]["group"] == "preview-${{ github.event.pull_request.number }}"
    assert GITLAB["interruptible"] is True


def test_actions_have_a_version() -> None:
    used = [step["uses"] for step in steps() if "uses" in step]
    assert used
    assert [action for action in used if not re.fullmatch(r"actions/[a-z-]+@v\d+(\.\d+)*", action)] == []


def test_the_whole_history_is_fetched_and_files_are_kept_whatever_the_result() -> None:
    assert GITLAB["variables"]["GIT_DEPTH"] == "0"
    assert GITLAB["artifacts"]["when"] == "always"
    assert GITLAB["artifacts"]["paths"] == ["previews/"]
    (upload,) = (step for step in steps() if step.get("uses", "").startswith("actions/upload-artifact@"))
    assert upload["if"] == "${{ !cancelled() }}"
    assert upload["with"]["path"] == "previews/"
