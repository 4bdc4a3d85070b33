"""The program that runs on nodes, on a machine that is a folder: its files, commands and clock are a test's own."""

import importlib.util
import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PosixPath
from types import SimpleNamespace
from typing import Any

from cecf.cloud.console import Console
from cecf.plan import NodePlan
from cecf.render import NodeFacts
from cecf.render.boot import PROGRAM
from cecf.render.node import document
from tests.helpers import clusters
from tests.helpers.user_data import written

Done = tuple[int, str, str]
"""How a command ends: its code, what it says, what it says of errors."""

WELL: Done = (0, "", "")


@dataclass
class Commands:
    """Stands in for `subprocess`: remembers what was run, and lets commands end as a test says."""

    log: list[tuple[str, ...]] = field(default_factory=list)
    ends: dict[tuple[str, ...], Callable[[tuple[str, ...]], Done]] = field(default_factory=dict)

    def end(self, *beginning: str, of: Sequence[Done] = (), then: Done = WELL) -> None:
        """Have commands that begin so end in turn as `of` says, and later ones as `then` says."""
        turns = list(of)
        self.ends[beginning] = lambda _: turns.pop(0) if turns else then

    def run(self, command: Sequence[str], **options: Any) -> SimpleNamespace:
        """Do what `subprocess.run` does."""
        words = tuple(command)
        self.log.append(words)
        match = max((b for b in self.ends if words[: len(b)] == b), key=len, default=())
        code, said, errors = self.ends[match](words) if match in self.ends else WELL
        if options.get("stderr") == subprocess.STDOUT:
            said, errors = said + errors, ""
        return SimpleNamespace(returncode=code, stdout=said, stderr=errors)

    def of(self, *beginning: str) -> list[tuple[str, ...]]:
        """Return the commands that begin so."""
        return [words for words in self.log if words[: len(beginning)] == beginning]


@dataclass
class Clock:
    """Stands in for `time`: sleeping takes no time, and `later` says what happens meanwhile."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)
    later: Callable[[float], None] = lambda _: None

    def monotonic(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds
        self.later(self.now)


@dataclass(frozen=True)
class Machine:
    """A node before its first boot, as cloud-init leaves it."""

    root: Path
    program: Any
    commands: Commands
    clock: Clock

    def path(self, name: str) -> Path:
        """Return where a file of the node is."""
        return self.root / name.lstrip("/")

    def put(self, name: str, text: str = "", mode: int = 0o644) -> Path:
        """Write a file of the node."""
        file = self.path(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        return file

    @property
    def facts(self) -> dict[str, Any]:
        """What the node knows of itself."""
        loaded: dict[str, Any] = json.loads(self.path("/etc/cecf/node.json").read_text())
        return loaded

    @property
    def state(self) -> dict[str, Any]:
        """What the program says to other programs."""
        loaded: dict[str, Any] = json.loads(self.path("/var/lib/cecf/boot/state.json").read_text())
        return loaded

    @property
    def console(self) -> Console:
        """What is on the console, as the cloud shows it."""
        return Console(lines=tuple(self.path("/dev/console").read_text().split("\n")[:-1]))

    def said(self, step: str) -> list[str]:
        """Return what the program said of a step on the console."""
        lines = [line.rstrip("\r").removeprefix("cecf-boot: ") for line in self.console.lines]
        return [line.removeprefix(f"{step}: ") for line in lines if line.startswith(f"{step}: ")]


def machine(root: Path, node: NodePlan, *, real_keys: bool = False) -> Machine:
    """Make the machine of a node of dev's, with the files that its user data writes."""
    program = load_program()
    commands, clock = Commands(), Clock()
    made = Machine(root, program, commands, clock)
    facts = NodeFacts(
        pki=clusters.pki() if real_keys else clusters.FACTS.pki, data_volume=clusters.facts(node).data_volume
    )
    for item in written(document(clusters.plan("dev"), node, facts)):
        made.put(item["path"], item["content"], int(item["permissions"], 8))
    for folder in ("/dev/disk/by-id", "/etc/keepalived", "/var/lib/cecf/boot"):
        made.path(folder).mkdir(parents=True, exist_ok=True)
    made.put("/dev/console")
    _move(program, root, {"run": commands.run, "PIPE": subprocess.PIPE, "STDOUT": subprocess.STDOUT})
    program._etcd_credential = lambda _facts: None
    program._etcd = lambda *_: {"members": []}
    program.time = SimpleNamespace(monotonic=clock.monotonic, sleep=clock.sleep)
    return made


def load_program() -> Any:
    """Return the program as a module of its own: nobody else sees what is changed in it."""
    spec = importlib.util.spec_from_file_location("boot", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _move(program: Any, root: Path, processes: Mapping[str, object]) -> None:
    """Have every path of the program be below `root`, and its commands run nothing."""

    class Rooted(PosixPath):
        def __new__(cls, *parts: str | Path) -> Any:
            path = Path(*parts)
            return path if path.is_relative_to(root) else root / path.relative_to("/")

    program.Path = Rooted
    program.subprocess = SimpleNamespace(**processes)
    for name in ("FACTS", "KEYS", "KUBERNETES_KEYS", "STATE", "DATA"):
        setattr(program, name, Rooted(getattr(program, name)))
