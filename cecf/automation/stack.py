"""A stack and the operations on it. Secrets are never asked for: what an operation shows has them masked."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation import EngineEvent, OpType
from pulumi.automation.events import StepEventMetadata

from cecf.automation import locks
from cecf.automation.events import Run, name_of
from cecf.automation.stack_file import check, load
from cecf.problems import REFUSAL
from cecf.settings import StackSettings

SERVER = "openstack:compute/instance:Instance"

_NOTHING = "**::cecf-nothing"
"""A pattern that no resource's name matches."""

_OPENSTACK = "**openstack:**"
"""A pattern of the objects in the cloud. What is in the cluster may be out of reach, and is compared otherwise."""

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


@dataclass(frozen=True, kw_only=True)
class Change:
    """An object that the cloud has otherwise than the state."""

    type: str
    name: str
    """The resource's logical name."""
    id: str
    gone: bool
    """Whether the cloud does not have it any more."""
    properties: frozenset[str] = frozenset()
    """Those that differ."""


class Stack:
    """A stack of the Pulumi project in `project_dir`, which has a file `Pulumi.<name>.yaml`.

    Raises `InvalidInputError` where there is no such file, `OperationFailedError` where the engine cannot open it.
    """

    def __init__(self, name: str, project_dir: Path) -> None:
        check(name, project_dir)
        self.name = name
        self._project_dir = project_dir
        with _failures():
            self._stack = automation.Stack.create_or_select(name, automation.LocalWorkspace(work_dir=str(project_dir)))

    @property
    def cloud(self) -> str:
        """The entry of clouds.yaml that the stack file names."""
        with _failures():
            return self._stack.get_config("cecf:cloud").value

    def settings(self) -> StackSettings:
        """Return the settings of the stack. Raises `InvalidInputError` for wrong ones."""
        return load(self.name, self._project_dir).settings

    def preview(
        self,
        run: Run,
        *,
        refresh: bool = False,
        on_diff: Callable[[str], None] | None = None,
        plan: Path | None = None,
        policy_packs: Sequence[Path] = (),
    ) -> Outcome:
        """Find out what `up` would do; with `refresh`, once it has looked what the cloud really has.

        `on_diff` gets the engine's own account of every property, line by line, with secrets masked. A `plan` is
        written for `pulumi up --plan`, which does that and nothing else.
        """
        result = self._operate(
            run,
            lambda: self._stack.preview(
                on_event=run.apply,
                color="never",
                refresh=refresh,
                suppress_progress=True,  # dots that would make every diff another one
                diff=on_diff is not None,
                on_output=on_diff,
                plan=str(plan.absolute()) if plan else None,
                policy_packs=[str(pack.absolute()) for pack in policy_packs],
            ),
        )
        return Outcome(changes={str(operation): number for operation, number in result.change_summary.items()})

    def up(self, run: Run, *, previewed: bool = False, refresh: bool = False) -> Outcome:
        """Make the cloud what the settings say; with `refresh`, also where somebody has changed it since.

        The engine's `up` would begin at once here, and deletes a server before it asks whether it may be made anew. So
        what a preview refuses is found by one, unless the caller has had it; without servers there is nothing to lose.
        """
        if not previewed and self._has_servers():
            self.preview(Run(), refresh=refresh)
        result = self._operate(
            run,
            lambda: self._stack.up(on_event=run.apply, color="never", show_secrets=False, refresh=refresh),
        )
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

    def changes(self) -> list[Change]:
        """Return the objects of OpenStack that are not as the state has them. Changes nothing, the state neither."""
        run, found = Run(), []

        def look(event: EngineEvent) -> None:
            run.apply(event)
            if (outputs := event.res_outputs_event) and (change := _change(outputs.metadata)):
                found.append(change)

        with _failures(run):
            self._stack.preview_refresh(target=[_OPENSTACK], on_event=look, color="never", show_secrets=False)
        return found

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

    def resources(self) -> list[dict[str, Any]]:
        """Return the resources that the state has, as the engine writes them; secrets are encrypted."""
        return self._deployment().get("resources") or []

    def ever_made(self) -> bool:
        """Tell whether, as this backend knows, a run of the stack has ever made anything."""
        runs = json.loads(self._pulumi("stack", "history", "--json") or "[]")
        return any((run.get("resourceChanges") or {}).get("create") for run in runs)

    def hold(self) -> None:
        """Take the stack's lock and give it back: nobody had it then. Raises `OperationFailedError` where one has."""
        self._operate(Run(), lambda: self._stack.refresh(target=[_NOTHING], color="never", show_secrets=False))

    def _refuse_protected(self) -> None:
        """Refuse before anything is touched: the engine would delete all else before it comes to what is protected."""
        protected = [item["urn"] for item in self.resources() if item.get("protect")]
        if protected:
            names = ", ".join(sorted(map(name_of, protected)))
            mend = f"pulumi state unprotect --all --stack {self.name}"
            raise OperationFailedError(
                [f"{REFUSAL} to destroy stack '{self.name}': protected are {names}. Mend, if you mean it: {mend}"]
            )

    def _has_servers(self) -> bool:
        return any(resource["type"] == SERVER for resource in self.resources())

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


def _change(metadata: StepEventMetadata) -> Change | None:
    """Return what a refresh says of a resource; none where it is as it was."""
    if metadata.op not in (OpType.UPDATE, OpType.DELETE):
        return None
    return Change(
        type=metadata.type,
        name=name_of(metadata.urn),
        id=metadata.old.id if metadata.old else "",
        gone=metadata.op is OpType.DELETE,
        properties=frozenset(re.split(r"[.\[]", path)[0] for path in metadata.detailed_diff or {}),
    )


def _last_words(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    first = next((number for number, line in enumerate(lines) if "error:" in line), -5)
    return "\n".join(lines[first:])
