"""`cecf ci preview`: each affected stack, its files, its comment, and the exit code of the gravest."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.automation import EngineEvent
from typer.testing import CliRunner, Result

from cecf.automation import previews
from cecf.automation.events import Run
from cecf.automation.preflight import Preflight
from cecf.automation.stack import OperationFailedError
from cecf.cli import app as entry
from cecf.problems import HEADING
from tests.helpers.comment_servers import CommentServer, GithubServer, GitlabServer, pipeline, serving
from tests.unit.automation.test_report import REPLACED, judged

FAILS = OperationFailedError(["Nova says: no valid host"])
REFUSED = OperationFailedError([f"{HEADING} (1 to mend):\ncecf:cluster.name: is empty"])
GOAL = {"inputDiff": {"adds": {"userData": {"ciphertext": "v1:abc"}}}}
PLAN = {"resourcePlans": {"urn": {"goal": GOAL, "steps": ["create"], "state": {"__meta": "a key in the clear"}}}}
CHANGES = ("CI_", "GITHUB_", "CECF_")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project of two stacks; the pipeline's environment is empty."""
    for name in [name for name in os.environ if name.startswith(CHANGES)]:
        monkeypatch.delenv(name)
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: cecf\n")
    for name in ("finance", "bigdata"):
        (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump({"config": {"cecf:business": name}}))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Have an engine that says, for each stack by name, what a test has it say; else it replaces a server."""
    behaviours: dict[str, Any] = {"asked": []}

    class Stack:
        def __init__(self, name: str, _folder: Path) -> None:
            self.name = name

        def preview(
            self, run: Run, *, on_diff: Callable[[str], None], policy_packs: list[Path], plan: Path | None = None
        ) -> None:
            behaviours["asked"].append((self.name, [pack.name for pack in policy_packs]))
            said = behaviours.get(self.name, REPLACED)
            for event in [each for each in said if isinstance(each, EngineEvent)]:
                run.apply(event)
            on_diff("+- finance-web-1-server with hunter22")
            for error in [each for each in said if isinstance(each, Exception)]:
                raise error
            if plan:
                plan.write_text(json.dumps(PLAN))

    monkeypatch.setattr(previews, "Stack", Stack)
    nothing = Preflight(project="id", needs=(), cost=None)
    monkeypatch.setattr("cecf.automation.preflight.preflight", lambda _name, _folder: nothing)
    return behaviours


@pytest.fixture(params=[GithubServer, GitlabServer])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, project: Path) -> Iterator[CommentServer]:
    """Run in a pipeline whose pull request is on a server here."""
    assert project
    with serving(request.param()) as server:
        for name, value in pipeline(server).items():
            monkeypatch.setenv(name, value)
        yield server


def ci(project: Path, *arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(entry.app, ["ci", "preview", "--project", str(project), *arguments])


def test_a_comment_is_made_for_each_stack_and_edited_by_the_next_run(
    project: Path, engine: dict[str, Any], server: CommentServer
) -> None:
    assert ci(project, "--all").exit_code == 0
    first = server.bodies()
    assert [body.splitlines()[0] for body in first] == [
        "<!-- cecf:preview project=cecf stack=bigdata -->",
        "<!-- cecf:preview project=cecf stack=finance -->",
    ]
    engine["finance"] = []
    assert ci(project, "--all").exit_code == 0
    assert server.bodies()[0] == first[0]
    assert "Preview of `finance`: nothing to do" in server.bodies()[1]
    assert len(server.comments) == 2


def test_a_stack_that_the_change_touches_no_more_is_not_left_with_an_old_preview(
    project: Path, engine: dict[str, Any], server: CommentServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add("<!-- cecf:preview project=other stack=finance -->\nof another project")
    monkeypatch.setattr("cecf.cli.ci.changed_files", lambda _base, _folder: ("Pulumi.yaml",))
    ci(project)
    ci(project, "--stack", "bigdata")  # asked for by name: nothing is said of the others
    before = server.bodies()
    monkeypatch.setattr("cecf.cli.ci.changed_files", lambda _base, _folder: ("Pulumi.bigdata.yaml",))
    assert ci(project).exit_code == 0
    other, bigdata, finance = server.bodies()
    assert [other, bigdata] == before[:2]
    assert finance.strip() == (
        "<!-- cecf:preview project=cecf stack=finance -->\n"
        "### Preview of `finance`: the change does not touch it any more"
    )
    assert [name for name, _ in engine["asked"]] == ["bigdata", "finance", "bigdata", "bigdata"]


def test_files_hold_what_the_comment_leaves_out(
    project: Path, engine: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OS_PASSWORD", "hunter22")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (project / "policy").mkdir()
    (project / "policy" / "PulumiPolicy.yaml").write_text("")
    said = ci(project, "--stack", "finance", "--output", "out", "--save-plan")

    assert said.exit_code == 0
    assert engine["asked"] == [("finance", ["policy"])]
    assert sorted(file.name for file in Path("out").iterdir()) == [
        "finance.diff",
        "finance.json",
        "finance.md",
        "finance.plan.json",
    ]
    assert Path("out/finance.diff").read_text() == "+- finance-web-1-server with [secret]\n"
    planned = json.loads(Path("out/finance.plan.json").read_text())
    assert planned == {"resourcePlans": {"urn": {"goal": GOAL, "steps": ["create"]}}}
    summary = json.loads(Path("out/finance.json").read_text())
    assert (summary["format"], summary["result"], summary["counts"]) == (1, "ok", {"replace": 1})
    assert (tmp_path / "summary.md").read_text().strip() == Path("out/finance.md").read_text().strip()
    assert "finance: 1 to replace; ok: out/finance.md" in said.output


def test_a_preview_that_fails_leaves_no_plan_of_an_earlier_one(project: Path, engine: dict[str, Any]) -> None:
    ci(project, "--stack", "finance", "--save-plan")
    assert Path("previews/finance.plan.json").exists()
    engine["finance"] = [FAILS]
    ci(project, "--stack", "finance", "--save-plan")
    assert not Path("previews/finance.plan.json").exists()


@pytest.mark.parametrize(
    ("bigdata", "finance", "code"),
    [
        ([], [], 0),
        ([judged("advisory")], [], 0),
        ([FAILS], [], 1),
        ([FAILS], [REFUSED], 2),
        ([REFUSED], [FAILS], 2),
        ([judged("mandatory"), FAILS], [REFUSED], 4),
    ],
)
def test_the_others_are_previewed_and_the_gravest_is_the_exit_code(
    project: Path, engine: dict[str, Any], bigdata: list[object], finance: list[object], code: int
) -> None:
    engine.update(bigdata=bigdata, finance=finance)
    assert ci(project, "--all").exit_code == code
    assert [name for name, _ in engine["asked"]] == ["bigdata", "finance"]
    assert "### Preview of `finance`" in Path("previews/finance.md").read_text()


def test_a_refusal_is_in_the_comment_and_in_the_log(
    project: Path, engine: dict[str, Any], server: CommentServer
) -> None:
    engine["finance"] = [REFUSED]
    said = ci(project, "--stack", "finance")
    assert said.exit_code == 2
    (body,) = server.bodies()
    assert "### Preview of `finance` is refused" in body
    assert "- `cecf:cluster.name: is empty`" in body
    assert "cecf:cluster.name: is empty" in said.stderr


def test_a_comment_that_cannot_be_written_fails_the_run_and_loses_nothing(
    project: Path, engine: dict[str, Any], server: CommentServer
) -> None:
    server.writes = False
    assert engine["asked"] == []
    said = ci(project, "--all")
    assert said.exit_code == 1
    assert Path("previews/finance.md").exists()
    assert Path("previews/bigdata.md").exists()
    assert "finance: no comment was written: Git" in said.stderr


def test_a_dry_run_writes_to_files_alone(project: Path, engine: dict[str, Any], server: CommentServer) -> None:
    assert ci(project, "--all", "--comment", "none").exit_code == 0
    assert (server.log, len(engine["asked"])) == ([], 2)
    assert Path("previews/finance.md").exists()


def test_without_a_token_nothing_is_previewed(
    project: Path, engine: dict[str, Any], server: CommentServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.delenv("CECF_GITLAB_TOKEN", raising=False)
    result = ci(project, "--all")
    assert "is not set" in str(result.exception)
    assert (engine["asked"], server.log) == ([], [])


def test_a_stack_that_is_not_there_is_refused_before_any_preview(project: Path, engine: dict[str, Any]) -> None:
    result = ci(project, "--stack", "finance", "--stack", "nowhere")
    assert "there is no stack 'nowhere'" in str(result.exception)
    assert engine["asked"] == []


def test_what_has_changed_says_which_stacks(
    project: Path, engine: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cecf.cli.ci.changed_files", lambda _base, _folder: ("Pulumi.finance.yaml", "Pulumi.gone.yaml"))
    said = ci(project, "--base", "main")
    assert said.exit_code == 0
    assert [name for name, _ in engine["asked"]] == ["finance"]
    assert "changed since main: 2 files; affected: finance" in said.stdout
    assert "cecf destroy --stack gone" in said.stderr


def test_a_change_of_pages_previews_nothing(
    project: Path, engine: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cecf.cli.ci.changed_files", lambda _base, _folder: ("docs/README.md",))
    assert ci(project).exit_code == 0
    assert engine["asked"] == []
