"""Command line, language host and Python SDK run a program together."""

import shutil
import sys
from pathlib import Path

import pytest
from pulumi import automation as auto

from lab import engine

pytestmark = pytest.mark.engine


@pytest.fixture
def stack(tmp_path: Path) -> auto.Stack:
    """Return the program's stack, kept in a folder, with no provider but those that it names."""
    work_dir = tmp_path / "program"
    shutil.copytree(Path(__file__).parent / "program", work_dir)
    ready = engine.ensure()
    state = tmp_path / "state"
    state.mkdir()
    python = auto.ProjectRuntimeInfo(name="python", options={"virtualenv": sys.prefix})
    workspace = auto.LocalWorkspace(
        work_dir=str(work_dir),
        pulumi_command=auto.PulumiCommand(root=str(ready.bin.parent)),
        project_settings=auto.ProjectSettings(name="engine", runtime=python),
        stack_settings={"dev": auto.StackSettings(config={"pulumi:disable-default-providers": ["*"]})},
        env_vars={
            **ready.environment(),
            "PULUMI_BACKEND_URL": state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "for the test",
        },
    )
    return auto.Stack.create_or_select("dev", workspace)


def test_program_with_hooks_and_a_dynamic_resource(stack: auto.Stack, tmp_path: Path) -> None:
    """It comes up past one failure, stays as it is, and goes."""
    first = stack.up()
    assert first.summary.resource_changes == {"create": 3}
    assert (first.outputs["secret"].value, first.outputs["secret"].secret) == ("between us", True)
    before, error = (tmp_path / "program" / "hooks.log").read_text().splitlines()
    assert before == "before secret"
    assert "503 Service Unavailable" in error
    assert "$PATH" not in first.stdout
    assert stack.up().summary.resource_changes == {"same": 3}
    stack.preview(expect_no_changes=True)
    assert stack.destroy().summary.resource_changes == {"delete": 3}


def test_failing_program_is_told_in_its_own_words(stack: auto.Stack, tmp_path: Path) -> None:
    """The language host passes on what Python says, and that it failed."""
    (tmp_path / "program" / "__main__.py").write_text("raise ValueError('no such pool')")
    with pytest.raises(auto.CommandError, match="ValueError: no such pool"):
        stack.preview()


def test_missing_virtual_environment_is_told(stack: auto.Stack, tmp_path: Path) -> None:
    """A wrong ``runtime.options`` is an error, not another Python."""
    python = auto.ProjectRuntimeInfo(name="python", options={"virtualenv": str(tmp_path / "none")})
    stack.workspace.save_project_settings(auto.ProjectSettings(name="engine", runtime=python))
    with pytest.raises(auto.CommandError, match="doesn't exist"):
        stack.preview()
