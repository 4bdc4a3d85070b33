"""The program that runs on nodes, on a machine that is a folder: its files, commands and clock are a test's own."""

import importlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PosixPath
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from cecf import node as package
from cecf.cloud.console import Console
from cecf.plan import ClusterPlan, NodePlan
from cecf.render import NodeFacts
from cecf.render.node import document
from tests.helpers import clusters
from tests.helpers.user_data import written

Done = tuple[int, str, str]
"""How a command ends: its code, what it says, what it says of errors."""

WELL: Done = (0, "", "")

MODULES = ("tools", "etcd_api", "disks", "etcd", "kubernetes", "boot", "defragment")


@dataclass
class Commands:
    """Stands in for `subprocess`: remembers what was run, and lets commands end as a test says."""

    log: list[tuple[str, ...]] = field(default_factory=list)
    ends: dict[tuple[str, ...], Callable[[tuple[str, ...]], Done]] = field(default_factory=dict)

    def end(self, *beginning: str, of: Sequence[Done] = (), then: Done | None = None) -> None:
        """Have commands that begin so end in turn as `of` says, and later ones as `then` says, else as they did."""
        turns = list(of)
        before = self.ends.get(beginning, lambda _: WELL)
        later = before if then is None else lambda _: then
        self.ends[beginning] = lambda words: turns.pop(0) if turns else later(words)

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
    owners: dict[str, str] = field(default_factory=dict)
    """To whom the program has given files, by path on the node."""

    def path(self, name: str) -> Path:
        """Return where a file of the node is."""
        return self.root / name.lstrip("/")

    def give(self, path: Path, user: str, group: str) -> None:
        """Note whose a file is now: the tests' machine has no such user."""
        self.owners[f"/{path.relative_to(self.root)}"] = f"{user}:{group}"

    @contextmanager
    def importing(self) -> Iterator[None]:
        """Have what the program imports late be this machine's."""
        modules = vars(self.program)
        names = {f"{package.__name__}.{name}": module for name, module in modules.items()}
        with patch.dict(sys.modules, names), patch.dict(vars(package), modules):
            yield

    def write_kubeconfig(self, words: tuple[str, ...]) -> Done:
        """Do what kubeadm's phase of kubeconfigs does, as far as the program reads it."""
        folder = words[words.index("--kubeconfig-dir") + 1] if "--kubeconfig-dir" in words else "/etc/kubernetes"
        file = Path(folder) if Path(folder).is_relative_to(self.root) else self.path(folder)
        self.put(f"/{file.relative_to(self.root)}/admin.conf", "    certificate-authority-data: Zmlyc3Q=\n", 0o600)
        return WELL

    def remove(self, path: Path, *, ignore_errors: bool) -> None:
        """Remove a folder of the node's, and never one of the tests' machine's."""
        assert path.is_relative_to(self.root), path
        shutil.rmtree(path, ignore_errors=ignore_errors)

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


def machine(
    root: Path,
    node: NodePlan,
    *,
    real_keys: bool = False,
    plan: ClusterPlan | None = None,
    facts: NodeFacts | None = None,
) -> Machine:
    """Make the machine of a node (of dev's, if no plan is given), with the files that its user data writes."""
    program = load_program()
    made = Machine(root, program, Commands(), Clock())
    known = facts or (clusters.real_facts(node) if real_keys else clusters.facts(node))
    for item in written(document(plan or clusters.plan("dev"), node, known)):
        made.put(item["path"], item["content"], int(item["permissions"], 8))
    for folder in ("/dev/disk/by-id", "/etc/keepalived", "/var/lib/cecf/boot"):
        made.path(folder).mkdir(parents=True, exist_ok=True)
    made.put("/dev/console")
    made.commands.ends["kubeadm", "init", "phase", "kubeconfig"] = made.write_kubeconfig
    for module in vars(program).values():
        _move(module, made)
    return made


def load_program() -> Any:
    """Return the program's modules by name, as a copy of its own: nobody else sees what is changed in it."""
    with patch.dict(sys.modules), patch.dict(vars(package)):
        for name in MODULES:
            sys.modules.pop(f"{package.__name__}.{name}", None)
            vars(package).pop(name, None)
        return SimpleNamespace(**{name: importlib.import_module(f"{package.__name__}.{name}") for name in MODULES})


def _move(module: ModuleType, made: Machine) -> None:
    """Have a module's paths be below the machine's folder, its commands run nothing, and its clock be a test's."""

    class Rooted(PosixPath):
        def __new__(cls, *parts: str | Path) -> Any:
            path = Path(*parts)
            return path if path.is_relative_to(made.root) else made.root / path.relative_to("/")

    stand_ins = {
        "Path": Rooted,
        "subprocess": SimpleNamespace(run=made.commands.run, PIPE=subprocess.PIPE, STDOUT=subprocess.STDOUT),
        "time": SimpleNamespace(monotonic=made.clock.monotonic, sleep=made.clock.sleep),
        "tempfile": SimpleNamespace(TemporaryDirectory=partial(tempfile.TemporaryDirectory, dir=made.root)),
        "shutil": SimpleNamespace(rmtree=made.remove, copy2=shutil.copy2, chown=made.give),
    }
    for name, value in dict(vars(module)).items():
        if name in stand_ins:
            setattr(module, name, stand_ins[name])
        elif isinstance(value, Path):
            setattr(module, name, Rooted(value))
        elif isinstance(value, tuple) and value and all(isinstance(part, Path) for part in value):
            setattr(module, name, tuple(map(Rooted, value)))
