"""The project's own Pulumi program, run by the real engine from a folder of the test's own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml

from cecf.automation.events import Run
from cecf.automation.stack import Outcome, Stack
from tests.engine.cloud_project import CloudProject

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Program:
    """A folder with a Pulumi.yaml that leads to the project's program, and one stack file."""

    folder: Path
    stack: str
    business: str
    cloud: str

    def configure(self, cluster: Mapping[str, Any]) -> None:
        """Write the stack file; `cluster` is laid over the business's profile."""
        config = {
            "cecf:business": self.business,
            "cecf:cloud": self.cloud,
            "cecf:cluster": cluster,
            "pulumi:disable-default-providers": ["*"],
        }
        (self.folder / f"Pulumi.{self.stack}.yaml").write_text(yaml.safe_dump({"config": config}))

    def configured(self) -> dict[str, Any]:
        """Return the stack file's `cecf:cluster`, which some commands change."""
        file = yaml.safe_load((self.folder / f"Pulumi.{self.stack}.yaml").read_text())
        return dict(file["config"]["cecf:cluster"])

    def open(self) -> Stack:
        """Return the stack."""
        return Stack(self.stack, self.folder)

    def up(self) -> Outcome:
        """Run the engine's `up`."""
        return self.open().up(Run())

    def preview(self) -> dict[str, str]:
        """Return what `up` would do: operation by resource name, parents and outputs aside."""
        run = Run()
        self.open().preview(run)
        return {step.name: step.operation for step in run.over}

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the `cecf` command as a person would."""
        return subprocess.run(
            [sys.executable, "-m", "cecf", *arguments, "--stack", self.stack, "--project", self.folder],
            capture_output=True,
            text=True,
            check=False,
        )

    def bare(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the engine's own command."""
        command = ["pulumi", *arguments, "--stack", self.stack, "--non-interactive"]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def start(self, verb: str = "up") -> "subprocess.Popen[str]":
        """Start `cecf up`, or another verb, in a session of its own, to be interrupted or killed."""
        arguments = [sys.executable, "-m", "cecf", verb, "--yes", "--stack", self.stack, "--project", str(self.folder)]
        return subprocess.Popen(
            arguments, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )


def start_until_servers_appear(program: Program, project: CloudProject, number: int) -> "subprocess.Popen[str]":
    """Start an up, and return as soon as Nova has `number` servers: in the middle of creating one; 0: of a network."""
    process = program.start()
    cloud = project.connect()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        networks = any(True for _ in cloud.network.networks(name="dev-network"))
        if networks and sum(1 for _ in cloud.compute.servers(details=False)) >= number:
            break
        time.sleep(0.05)
    assert process.poll() is None, "the command ended before it could be stopped"
    return process


def kill(process: "subprocess.Popen[str]") -> None:
    """Kill the command, the engine, its plugins and the program at once, as a lost machine would."""
    for other in psutil.process_iter():
        with suppress(ProcessLookupError):
            # Plugins have process groups of their own; the session is what they share with the command.
            if os.getsid(other.pid) == process.pid:
                os.kill(other.pid, signal.SIGKILL)
    process.communicate()


def interrupt(process: "subprocess.Popen[str]") -> str:
    """Press Ctrl-C: the terminal sends it to the command and to the engine. Return what the command said."""
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    return said


def make_program(folder: Path, business: str, cloud: str, stack: str = "test") -> Program:
    """Make a folder for a stack of `business`."""
    folder.mkdir(parents=True, exist_ok=True)
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    project["main"] = str(ROOT)
    project["runtime"]["options"]["virtualenv"] = str(ROOT / ".venv")
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    return Program(folder, stack, business, cloud)
