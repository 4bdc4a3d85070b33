"""A stack and the operations on it. Secrets are never asked for: what an operation shows has them masked."""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation

from cecf.automation import locks
from cecf.automation.events import Run
from cecf.problems import HEADING

_NO_NEWS = ("an unhandled error occurred: program exited", "update failed", "preview failed")
"""Errors that only say that there was another one."""

OnEvent = Callable[[automation.EngineEvent], None]


class OperationFailedError(Exception):
    """The engine stopped. `refused` tells whether it refused the settings before anything was created."""

    def __init__(self, errors: list[str]) -> None:
        self.errors = [error for error in errors if not error.startswith(_NO_NEWS)] or errors
        self.refused = any(error.startswith(HEADING) for error in errors)
        super().__init__("\n".join(self.errors))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an operation did: how many resources were created, updated, ..., and the stack's outputs."""

    changes: Mapping[str, int]
    outputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether anything was, or would be, changed."""
        return any(number for operation, number in self.changes.items() if operation != "same")


class Stack:
    """A stack of the Pulumi project in `project_dir`."""

    def __init__(self, name: str, project_dir: Path) -> None:
        workspace = automation.LocalWorkspace(work_dir=str(project_dir))
        self.name = name
        self._stack = automation.Stack.create_or_select(name, workspace)

    @property
    def cloud(self) -> str:
        """The entry of clouds.yaml that the stack file names."""
        return self._stack.get_config("cecf:cloud").value

    def preview(self, on_event: OnEvent) -> Outcome:
        """Find out what `up` would do."""
        result = self._run(lambda run: self._stack.preview(on_event=run, color="never"), on_event)
        return Outcome(changes={str(operation): number for operation, number in result.change_summary.items()})

    def up(self, on_event: OnEvent) -> Outcome:
        """Make the cloud what the settings say."""
        result = self._run(lambda run: self._stack.up(on_event=run, color="never", show_secrets=False), on_event)
        self._forget_interruption()
        return Outcome(changes=result.summary.resource_changes or {}, outputs=self.outputs())

    def destroy(self, on_event: OnEvent) -> Outcome:
        """Delete everything that the state knows."""
        result = self._run(lambda run: self._stack.destroy(on_event=run, color="never", show_secrets=False), on_event)
        return Outcome(changes=result.summary.resource_changes or {})

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs; a secret is the text `[secret]`."""
        outputs: dict[str, Any] = json.loads(self._pulumi("stack", "output", "--json"))
        return outputs

    def pending_creations(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Return type and inputs of each resource whose creation was under way when the engine was killed.

        The engine keeps such an entry even after a later run has created the resource; those are left out.
        """
        deployment = self._deployment()
        known = {resource["urn"] for resource in deployment.get("resources") or []}
        return [
            (operation["resource"]["type"], operation["resource"].get("inputs", {}))
            for operation in deployment.get("pending_operations") or []
            if operation["type"] == "creating" and operation["resource"]["urn"] not in known
        ]

    def _forget_interruption(self) -> None:
        """Drop the entries of an interrupted run after a complete one, or the engine warns of them for ever."""
        exported = json.loads(self._pulumi("stack", "export"))
        if (exported["deployment"] or {}).pop("pending_operations", None):
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump(exported, file)
                file.flush()
                self._pulumi("stack", "import", "--file", file.name)

    def _deployment(self) -> dict[str, Any]:
        deployment: dict[str, Any] = json.loads(self._pulumi("stack", "export"))["deployment"] or {}
        return deployment

    def _pulumi(self, *arguments: str) -> str:
        """Run a command that the SDK has only with `--show-secrets`: here secrets stay masked or encrypted."""
        workspace = self._stack.workspace
        result = workspace.pulumi_command.run(
            [*arguments, "--stack", self.name], workspace.work_dir, dict(workspace.env_vars)
        )
        return result.stdout

    def _run(self, operation: Callable[[OnEvent], Any], on_event: OnEvent) -> Any:
        run = Run()

        def listen(event: automation.EngineEvent) -> None:
            run.apply(event)
            on_event(event)

        try:
            return self._unlocked(lambda: operation(listen))
        except automation.CommandError as error:
            # The command's own output repeats the diagnostics, and is all there is when the engine never began.
            raise OperationFailedError(run.errors or [_last_words(str(error))]) from None

    def _unlocked(self, operation: Callable[[], Any]) -> Any:
        """Run an operation; where only killed engines of this machine hold the lock, take it away and run again."""
        try:
            return operation()
        except automation.ConcurrentUpdateError as error:
            if not locks.all_dead(str(error)):
                raise
            self._stack.cancel()
            return operation()


def _last_words(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    first = next((number for number, line in enumerate(lines) if "error:" in line), -5)
    return "\n".join(lines[first:])
