"""Make the table of one minor: compile `describe` with that release's modules, run it, write its answer for people."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from cecf import versions
from lab.engine import golang

SOURCES = Path(__file__).parent
TABLES = SOURCES.parents[1] / "cecf" / "tuning" / "tables"

_MODULE_FILES = ("go.mod", "go.sum")
_ETCD = "go.etcd.io/etcd/server/v3"
_ETCD_FILES = ("config.go", "help.go")
"""What of etcd's package `etcdmain` makes its flags."""

_REMEDY = f"install Go {versions.KUBERNETES_GO_MINIMUM} or later (https://go.dev/dl), then run `python -m lab.tables`."


def minors() -> list[str]:
    """Return the minors that a go.mod pins a release of."""
    return sorted(file.parent.name for file in SOURCES.glob("1.*/go.mod"))


def table(minor: str, *, complete: bool = False) -> dict[str, Any]:
    """Return the table of a minor; on demand, add to its go.mod and go.sum what they lack."""
    pinned = SOURCES / minor
    command, _ = golang.find(pinned, versions.KUBERNETES_GO_MINIMUM, "the tables", _REMEDY)
    with tempfile.TemporaryDirectory() as scratch:
        module = Path(scratch, "tables")
        shutil.copytree(SOURCES / "describe", module)
        for name in _MODULE_FILES:
            if (pinned / name).exists():
                shutil.copyfile(pinned / name, module / name)
        mode = "mod" if complete else "readonly"
        etcd = json.loads(_go(command, minor, module, mode, "mod", "download", "-json", _ETCD))["Dir"]
        for name in _ETCD_FILES:
            shutil.copyfile(Path(etcd, "etcdmain", name), module / "etcdmain" / name)
        # Debug information is not even made, which is a tenth of the time.
        answer: dict[str, Any] = json.loads(_go(command, minor, module, mode, "run", "-gcflags=all=-dwarf=false", "."))
        for name in _MODULE_FILES if complete else ():
            shutil.copyfile(module / name, pinned / name)
    return answer


def text(made: dict[str, Any]) -> str:
    """Return a table as JSON with a line for each field, so that a diff names the fields that changed."""
    return _block({name: _part(part) for name, part in made.items()}, "") + "\n"


def _part(part: str | dict[str, Any]) -> str:
    if isinstance(part, str):
        return json.dumps(part)
    return _block({name: json.dumps(entry, sort_keys=True) for name, entry in part.items()}, "  ")


def _block(lines: dict[str, str], indent: str) -> str:
    joined = ",\n".join(f"{indent}  {json.dumps(name)}: {line}" for name, line in sorted(lines.items()))
    return f"{{\n{joined}\n{indent}}}"


def _go(command: str, minor: str, module: Path, mode: str, *arguments: str) -> str:
    """Run Go with the caches that it has anyway: what a table needs is mostly what another needs too."""
    environment = {
        **os.environ,
        "CGO_ENABLED": "0",
        "GOFLAGS": f"-mod={mode} -trimpath -buildvcs=false",
        "GOWORK": "off",
    }
    process = subprocess.run(
        [command, *arguments], cwd=module, env=environment, capture_output=True, text=True, check=False
    )
    if process.returncode != 0:
        raise golang.build_error(SOURCES / minor, arguments[:1], process.stderr)
    return process.stdout
