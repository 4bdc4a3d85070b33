"""A stack and the operations on it. Secrets are never asked for: what an operation shows has them masked."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation

from cecf.automation import locks
from cecf.automation.events import Run
from cecf.automation.stack_file import check
from cecf.problems import REFUSAL

_SERVER = "openstack:compute/instance:Instance"

_NO_NEWS = ("an unhandled error occurred: program exited", "update failed", "preview failed")
"""Errors that only say that there was another one."""


class OperationFailedError(Exception):
    """The engine stopped, or the cloud refused.

    `refused` tells whether CECF itself refused the settings or a step, `locked` whether another run holds the stack.
    """

    def __init__(self, errors: list[str], *, locked: bool = False) -> None:
        self.errors = [error for error in errors if not error.startswith(_NO_NEWS)] or errors
        self.refused = any(error.startswith(REFUSAL) for error in errors)
        self.locked = locked
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
    """A stack of the Pulumi project in `project_dir`, which has a file `Pulumi.<name>.yaml`.

    Raises `InvalidInputError` where there is no such file, `OperationFailedError` where the engine cannot open it.
    """

    def __init__(self, name: str, project_dir: Path) -> None:
        check(name, project_dir)
        self.name = name
        with _failures():
            self._stack = automation.Stack.create_or_select(name, automation.LocalWorkspace(work_dir=str(project_dir)))

    @property
    def cloud(self) -> str:
        """The entry of clouds.yaml that the stack file names."""
        with _failures():
            return self._stack.get_config("cecf:cloud").value

    def preview(self, run: Run) -> Outcome:
        """Find out what `up` would do."""
        result = self._operate(run, lambda: self._stack.preview(on_event=run.apply, color="never"))
        return Outcome(changes={str(operation): number for operation, number in result.change_summary.items()})

    def up(self, run: Run, *, previewed: bool = False) -> Outcome:
        """Make the cloud what the settings say.

        The engine's `up` would begin at once here, and deletes a server before it asks whether it may be made anew. So
        what a preview refuses is found by one, unless the caller has had it; without servers there is nothing to lose.
        """
        if not previewed and self._has_servers():
            self.preview(Run())
        result = self._operate(run, lambda: self._stack.up(on_event=run.apply, color="never", show_secrets=False))
        if self._deployment().get("pending_operations"):
            # Each creation has cleared its own way, so the record of the interrupted ones tells nothing any more.
            self._operate(Run(), lambda: self._stack.refresh(clear_pending_creates=True, show_secrets=False))
        return Outcome(changes=result.summary.resource_changes or {}, outputs=self.outputs())

    def destroy(self, run: Run) -> Outcome:
        """Delete everything that the state knows, or nothing at all where something is protected."""
        self._refuse_protected()
        result = self._operate(run, lambda: self._stack.destroy(on_event=run.apply, color="never", show_secrets=False))
        return Outcome(changes=result.summary.resource_changes or {})

    def refresh(self, run: Run) -> Outcome:
        """Make the state what the cloud and the cluster really have."""
        result = self._operate(run, lambda: self._stack.refresh(on_event=run.apply, color="never", show_secrets=False))
        return Outcome(changes=result.summary.resource_changes or {})

    def setting(self, path: str) -> str | None:
        """Return a setting of the stack's file, none where it names none."""
        try:
            return str(self._stack.get_config(path, path=True).value)
        except automation.CommandError:
            return None

    def configure(self, path: str, value: str | None) -> None:
        """Write a setting into the stack's file, or take it out."""
        with _failures():
            if value is None:
                self._stack.remove_config(path, path=True)
            else:
                self._stack.set_config(path, automation.ConfigValue(value=value), path=True)

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs; a secret is the text `[secret]`."""
        outputs: dict[str, Any] = json.loads(self._pulumi("stack", "output", "--json"))
        return outputs

    def secret(self, name: str) -> str:
        """Return one output as it is, secret or not. For a caller that was asked for just this one."""
        try:
            return self._pulumi("stack", "output", name, "--show-secrets")
        except OperationFailedError:
            raise OperationFailedError(
                [f"stack '{self.name}' has no output '{name}' yet: cecf up --stack {self.name}"]
            ) from None

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

    def _refuse_protected(self) -> None:
        """Refuse before anything is touched: the engine would delete all else before it comes to what is protected."""
        protected = [item["urn"] for item in self._deployment().get("resources") or [] if item.get("protect")]
        if protected:
            names = ", ".join(sorted(urn.rpartition("::")[2] for urn in protected))
            mend = f"pulumi state unprotect --all --stack {self.name}"
            raise OperationFailedError(
                [f"{REFUSAL} to destroy stack '{self.name}': protected are {names}. Mend, if you mean it: {mend}"]
            )

    def _has_servers(self) -> bool:
        return any(resource["type"] == _SERVER for resource in self._deployment().get("resources") or [])

    def _deployment(self) -> dict[str, Any]:
        deployment: dict[str, Any] = json.loads(self._pulumi("stack", "export"))["deployment"] or {}
        return deployment

    def _pulumi(self, *arguments: str) -> str:
        """Run a command that the SDK has only with `--show-secrets`: here secrets stay masked or encrypted."""
        workspace = self._stack.workspace
        with _failures():
            result = workspace.pulumi_command.run(
                [*arguments, "--stack", self.name], workspace.work_dir, dict(workspace.env_vars)
            )
        return result.stdout

    def _operate(self, run: Run, operation: Callable[[], Any]) -> Any:
        """Run an operation; where only killed engines of this machine hold the lock, take it away and run again."""
        with _failures(run):
            try:
                return operation()
            except automation.ConcurrentUpdateError as error:
                if not locks.all_dead(str(error)):
                    raise
                self._stack.cancel()
                return operation()


@contextmanager
def _failures(run: Run | None = None) -> Iterator[None]:
    """Turn what the SDK raises into what a person can read. The command's own output repeats the run's errors."""
    try:
        yield
    except automation.CommandError as error:
        errors = run.errors if run else []
        locked = isinstance(error, automation.ConcurrentUpdateError)
        raise OperationFailedError(errors or [_last_words(str(error))], locked=locked) from None
    except FileNotFoundError as error:
        mend = 'install it, or `make setup` and `eval "$(make -s env)"`'
        raise OperationFailedError([f"{error.filename} is not there: the engine is needed; {mend}"]) from None


def _last_words(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    first = next((number for number, line in enumerate(lines) if "error:" in line), -5)
    return "\n".join(lines[first:])
