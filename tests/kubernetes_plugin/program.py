"""Stacks whose programs are functions of the test, on the real engine."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
from pulumi import automation

Declare = Callable[[pulumi.ResourceOptions], None]


class Program:
    """A stack: what it declares can change between two runs."""

    def __init__(self, credentials: str, state: Path, folder: Path) -> None:
        self.credentials = credentials
        self.provider: dict[str, Any] = {}
        """Further settings of the provider."""
        self.declare: Declare = lambda _options: None
        self.said = ""
        """All that the last run wrote."""
        self._state = state
        self._stack = automation.create_or_select_stack("test", "plugin", program=self._run, work_dir=str(folder))

    def up(self, declare: Declare | None = None) -> automation.UpResult:
        """Make the cluster what the program declares."""
        self.declare = declare or self.declare
        result: automation.UpResult = self._telling(self._stack.up)
        return result

    def changes(self, declare: Declare | None = None) -> dict[str, int]:
        """Return what a run changed, by operation."""
        counted = self.up(declare).summary.resource_changes or {}
        return {operation: number for operation, number in counted.items() if operation != "same"}

    def preview(self, declare: Declare | None = None) -> dict[str, int]:
        """Return what a run would change, by operation."""
        self.declare = declare or self.declare
        counted = self._telling(self._stack.preview).change_summary
        return {str(operation): number for operation, number in counted.items() if operation != "same"}

    def refresh(self) -> dict[str, int]:
        """Take over what others have changed; return how many objects of each kind of change."""
        counted = self._telling(self._stack.refresh).summary.resource_changes or {}
        return {operation: number for operation, number in counted.items() if operation != "same"}

    def destroy(self) -> None:
        """Delete everything."""
        self._telling(self._stack.destroy)

    def state(self) -> str:
        """Return the state as it lies on the disk."""
        return "".join(path.read_text() for path in (self._state / ".pulumi" / "stacks").rglob("*.json"))

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the state's entries by the resources' names, without the provider and the stack."""
        deployment = self._stack.export_stack().deployment
        listed = json.loads(json.dumps(deployment)).get("resources", [])
        return {each["urn"].split("::")[-1]: each for each in listed if each["type"].startswith("kubernetes:")}

    def _run(self) -> None:
        kubeconfig = pulumi.Output.secret(self.credentials)
        provider = k8s.Provider("cluster", kubeconfig=kubeconfig, **self.provider)
        self.declare(pulumi.ResourceOptions(provider=provider))

    def _telling(self, operation: Callable[..., Any]) -> Any:
        said: list[str] = []
        try:
            return operation(on_output=said.append, color="never")
        finally:
            self.said = "\n".join(said)


def new_program(credentials: str, state: Path, folder: Path) -> Program:
    """Return a stack that declares nothing yet."""
    return Program(credentials, state, folder)
