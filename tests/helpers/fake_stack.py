"""A stack without an engine: its file is a dictionary, and what is done with it is a list."""

import json
from dataclasses import dataclass, field
from typing import Any, cast

from cecf.automation.control_plane import ControlPlane
from cecf.automation.events import Run, Step
from cecf.automation.stack import OperationFailedError, Outcome, Stack

NODES = ("dev-control-plane-1", "dev-control-plane-2", "dev-control-plane-3")


@dataclass
class FakeStack:
    """A stack that is up. `log` keeps what was done, in order."""

    name: str = "dev"
    cloud: str = "dev"
    file: dict[str, str] = field(default_factory=dict)
    """Its settings by path."""
    known: dict[str, Any] = field(default_factory=dict)
    """Its outputs."""
    fails: dict[str, list[str]] = field(default_factory=dict)
    """Errors with which an operation ends, by the operation's name."""
    failed_step: str = ""
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        nodes = [{"name": name, "role": "control-plane"} for name in NODES]
        workers = [{"name": "dev-general-1", "role": "worker"}]
        defaults = {"kubernetes_version": "1.34.4", "etcd": {"backup": "swift"}, "nodes": [*nodes, *workers]}
        self.known = {**defaults, **self.known}

    @property
    def stack(self) -> Stack:
        """The stack as product code sees it."""
        return cast("Stack", self)

    def setting(self, path: str) -> str | None:
        """Return a setting, an object as JSON."""
        parts = {key.removeprefix(f"{path}."): value for key, value in self.file.items() if key.startswith(f"{path}.")}
        return json.dumps(parts) if parts else self.file.get(path)

    def configure(self, path: str, value: str | None) -> None:
        """Write a setting, or take it out with what is below it."""
        if value is None:
            self.file = {key: v for key, v in self.file.items() if key != path and not key.startswith(f"{path}.")}
        else:
            self.file[path] = value
        self.log.append(f"configure {path}")

    def outputs(self) -> dict[str, Any]:
        """Return the outputs."""
        return self.known

    def secret(self, name: str) -> str:
        """Return one output."""
        return f"the {name}"

    def preview(self, run: Run) -> Outcome:
        """Find out what would be done."""
        return self._do("preview", run)

    def up(self, run: Run, *, previewed: bool = False) -> Outcome:  # noqa: ARG002 (it previews nothing)
        """Do it."""
        return self._do("up", run)

    def refresh(self, run: Run) -> Outcome:
        """Look what there is."""
        return self._do("refresh", run)

    def _do(self, operation: str, run: Run) -> Outcome:
        self.log.append(operation)
        if errors := self.fails.get(operation):
            if self.failed_step:
                urn = f"urn:pulumi:dev::cecf::Turn::{self.failed_step}"
                run.steps[urn] = Step(urn=urn, operation="update", started=0, seconds=1, failed=True)
            raise OperationFailedError(errors)
        return Outcome(changes={"same": 1}, outputs=self.known)


@dataclass
class FakeControlPlane:
    """Control planes on which commands say what a test has them say."""

    stack: str = "dev"
    nodes: tuple[str, ...] = NODES
    ready: tuple[str, ...] = NODES
    up: bool = True
    says: dict[str, Any] = field(default_factory=dict)
    """What a module's word says, on any node or on one: `now`, `list dev-control-plane-2`."""
    ran: list[tuple[str | None, str, tuple[str, ...]]] = field(default_factory=list)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def control_plane(self) -> ControlPlane:
        """The control plane as product code sees it."""
        return cast("ControlPlane", self)

    @property
    def api(self) -> "FakeControlPlane":
        """Its API."""
        return self

    def get(self, path: str) -> dict[str, Any] | None:
        """Return an object of Kubernetes."""
        return self.objects.get(path.rsplit("/", 1)[-1])

    def alive(self) -> bool:
        """Tell whether the API answers."""
        return self.up

    def forget_commands(self) -> None:
        """Have nothing to forget."""

    def ready_nodes(self) -> list[str]:
        """Return those that are Ready."""
        return list(self.ready)

    def run(self, module: str, *arguments: str, node: str | None = None) -> str:
        """Run a module."""
        self.ran.append((node, module, arguments))
        word = arguments[0]
        said = self.says.get(f"{word} {node}", self.says.get(word, self.says.get(node or "", "")))
        return said if isinstance(said, str) else f"$ restic snapshots\nbeside it\n\n{json.dumps(said)}\n"
