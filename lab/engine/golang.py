"""Go: whether it is there, and one build with it."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cecf import versions
from lab.engine.errors import EngineError, EngineMissingError

_LAST_LINES = 20


@dataclass(frozen=True, slots=True)
class Go:
    """A tool chain whose caches live in a folder of ours: they grow to gigabytes, and go with it."""

    command: str
    caches: Path

    def build(self, module: Path, package: str, variables: dict[str, str], output: Path) -> None:
        """Compile one package without its debug information, setting string variables at link time."""
        flags = " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in variables.items())])
        self._run(module, "build", "-ldflags", flags, "-o", str(output), package)

    def module_folder(self, module: Path, dependency: str) -> Path:
        """Return where the sources of a dependency are."""
        return Path(self._run(module, "list", "-m", "-f", "{{.Dir}}", dependency).strip())

    def _run(self, module: Path, *arguments: str) -> str:
        process = subprocess.run(
            [self.command, *arguments], cwd=module, env=self.environment(), capture_output=True, text=True, check=False
        )
        if process.returncode != 0:
            raise build_error(module, arguments, process.stderr)
        return process.stdout

    def environment(self) -> dict[str, str]:
        """Return the variables under which it builds."""
        return {
            **os.environ,
            "CGO_ENABLED": "0",
            "GOCACHE": str(self.caches / "build"),
            "GOMODCACHE": str(self.caches / "modules"),
            "GOTMPDIR": str(self.caches),
            "GOFLAGS": "-mod=readonly -modcacherw -trimpath -buildvcs=false",
            "GOWORK": "off",
        }


def build_error(module: Path, arguments: Sequence[str], errors: str) -> EngineError:
    """Return what to raise for a build that failed, with the end of what it said."""
    last = "\n".join(errors.strip().splitlines()[-_LAST_LINES:])
    return EngineError(f"go {' '.join(arguments)} failed in {module}:\n{last}")


def require(module: Path, caches: Path) -> Go:
    """Return the tool chain for the engine, or say what to install."""
    command, _ = find(module, versions.GO_MINIMUM, "the engine", _remedy())
    caches.mkdir()
    return Go(command, caches)


def find(module: Path, minimum: str, result: str, remedy: str) -> tuple[str, str]:
    """Return the command and the version that a module gets, or say that they are needed for a result."""
    command = shutil.which("go")
    if command is None:
        raise EngineMissingError(f"Building {result} needs Go, which is not on PATH: {remedy}")
    # Asked inside a module, a Go that may fetch its successors answers with the one that the module gets.
    answer = subprocess.run([command, "env", "GOVERSION"], cwd=module, capture_output=True, text=True, check=False)
    found = answer.stdout.strip().removeprefix("go")
    if _numbers(found) < _numbers(minimum):
        raise EngineMissingError(f"Building {result} needs a newer Go than {found or 'that'}: {remedy}")
    return command, found


def _remedy() -> str:
    return (
        f"install Go {versions.GO_MINIMUM} or later (https://go.dev/dl), or put the official pulumi {versions.PULUMI} "
        "on PATH, then run `python -m lab.engine setup` again."
    )


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]
