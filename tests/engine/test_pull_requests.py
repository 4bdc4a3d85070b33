"""`cecf ci preview` on the real engine and cloud: what a pull request's comment tells, and that it tells no secret."""

import base64
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from cecf.automation.audit import remaining
from cecf.automation.events import Run
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.program import Program
from tests.engine.shapes import TINY, of_business
from tests.helpers.comment_servers import CommentServer, GithubServer, pipeline, serving

LARGER = "m1.medium"
"""A flavor whose machines would boot; here it is only looked at."""


def finance(**trading: Any) -> dict[str, Any]:
    """Return finance with a pool."""
    trading = {"flavor": TINY, **trading}
    return of_business("finance") | {"protect": False, "worker_pools": {"trading": trading}}


def test_a_change_of_finances_pool_is_one_comment_that_the_next_run_edits(
    new_project: NewProject, new_program: NewProgram, tmp_path: Path
) -> None:
    project = new_project()
    program = new_program("finance", project, stack="finance")
    _configure(program, finance(count=2))
    program.up()
    _git(program.folder, "init", "--quiet", "--initial-branch", "main")
    _commit(program.folder)
    first_out, out = tmp_path / "first", tmp_path / "second"

    with serving(GithubServer()) as server:
        _configure(program, finance(count=3, flavor=LARGER))
        _commit(program.folder)
        said = _ci(program, server, first_out, "--base", "main~1")
        assert said.returncode == 0, said.stdout + said.stderr
        assert "changed since main~1: 1 files; affected: finance" in said.stdout
        assert "comment created: https://github.example/acme/clusters/pull/7#issuecomment-" in said.stdout
        (first,) = server.comments
        larger = str(first["body"])
        assert larger.startswith("<!-- cecf:preview project=cecf stack=finance -->\n### Preview of `finance`: ")
        assert "| **replace** | `finance-trading-1-server` | **server** |" in larger
        assert "| create | `finance-trading-3-server` |" in larger
        assert "control-plane-1-server" not in larger.partition("<details>")[0]
        assert "openstack:compute/instance:Instance: (" in larger
        assert "@ previewing" not in larger  # its dots tell the time, not the change
        _reveals_nothing(program, first_out, server)

        _configure(program, finance(count=3))
        said = _ci(program, server, out, "--base", "main~1", "--save-plan")
        assert "comment updated: " in said.stdout
        (second,) = server.comments
        assert second["id"] == first["id"]
        assert "**replace**" not in second["body"]
        assert "finance-trading-3-server" in second["body"]
        _reveals_nothing(program, out, server)

        _configure(program, finance(count=2) | {"control_plane": {"flavor": LARGER}})
        refused = _ci(program, server, tmp_path / "refused", "--stack", "finance")
        assert refused.returncode == 2
        assert "### Preview of `finance` is refused" in server.comments[0]["body"]
        assert "would be left" in server.comments[0]["body"]

    _the_plan_holds_the_run_to_what_was_read(program, out / "finance.plan.json")
    program.open().destroy(Run())
    assert remaining(program.open()) == []


def _the_plan_holds_the_run_to_what_was_read(program: Program, plan: Path) -> None:
    """Bring up more than was planned, which is refused, and then just that."""
    _configure(program, finance(count=4))
    more = _up(program, plan)
    assert more.returncode != 0
    assert "plan: no steps were expected for this resource" in more.stdout + more.stderr
    _configure(program, finance(count=3))
    planned = _up(program, plan)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert program.preview() == {}


def _reveals_nothing(program: Program, out: Path, server: CommentServer) -> None:
    """Look for the administrator's key, any key, the cloud's credential and the passphrase's work in what was left."""
    user = yaml.safe_load(program.open().secret("kubeconfig"))["users"][0]["user"]
    key = base64.b64decode(user["client-key-data"]).decode()
    clouds = yaml.safe_load(Path(os.environ["OS_CLIENT_CONFIG_FILE"]).read_text())["clouds"]
    credential = clouds[program.cloud]["auth"]["application_credential_secret"]
    user_data = base64.b64encode(b"Content-Type: multipart/mixed").decode()[:36]
    traces = [key.splitlines()[1], user["client-key-data"][:60], "PRIVATE KEY", user_data, credential, server.token]
    files = sorted(out.iterdir())
    assert {file.suffix for file in files} >= {".md", ".diff", ".json"}
    texts = {file.name: file.read_text() for file in files} | {"comment": str(server.comments[0]["body"])}
    assert [(name, trace) for name, text in texts.items() for trace in traces if trace in text] == []
    assert "[secret]" in texts["finance.diff"]  # there was something to hide


def _ci(program: Program, server: CommentServer, out: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command as a pipeline does."""
    command = [sys.executable, "-m", "cecf", "ci", "preview", "--project", str(program.folder), "--output", str(out)]
    environment = {**os.environ, **pipeline(server)}
    return subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, check=False)


def _up(program: Program, plan: Path) -> "subprocess.CompletedProcess[str]":
    command = ["pulumi", "up", "--yes", "--plan", str(plan), "--stack", program.stack, "--non-interactive"]
    return subprocess.run(command, cwd=program.folder, capture_output=True, text=True, check=False)


def _configure(program: Program, cluster: dict[str, Any]) -> None:
    """Write the stack file, and keep the salt of its key: a plan can be read with that key alone."""
    file = program.folder / f"Pulumi.{program.stack}.yaml"
    salt = yaml.safe_load(file.read_text()).get("encryptionsalt") if file.exists() else None
    program.configure(cluster)
    if salt:
        file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "encryptionsalt": salt}))


def _git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def _commit(folder: Path) -> None:
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "a change")
