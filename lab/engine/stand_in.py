"""The stand-in for Pulumi's Kubernetes plugin, put together in the cache.

The plugin of a checkout must not go when the checkout or its virtual environment goes. So its folder holds all that it
needs: its own sources, and of the packages of the running environment, which are those of `requirements.lock`, the few
modules that it imports. Only the interpreter below the virtual environment stays where it is.
"""

import hashlib
import shlex
import shutil
import sys
from importlib import metadata
from pathlib import Path

from cecf import versions
from lab.cache import link
from lab.engine import cache

EXECUTABLE = "pulumi-resource-kubernetes"
FOLDER = f"plugins/resource-kubernetes-v{versions.PULUMI_KUBERNETES}"
"""Where below PULUMI_HOME the engine looks for the plugin."""

_SOURCES = Path(__file__).parent / "kubernetes"
_PACKAGES = "packages"
_KEY_LENGTH = 12

_NEEDED = {
    "grpcio": ("grpc/**/*",),
    "protobuf": ("google/protobuf/**/*", "google/_upb/**/*"),
    # Without the packages around them, which would import the whole SDK: 0.1 s instead of 0.7.
    "pulumi": ("pulumi/runtime/proto/*_pb2*.py",),
    "pyyaml": ("yaml/**/*",),
    "typing-extensions": ("typing_extensions.py",),
}
"""The modules of other packages that the plugin imports."""

_LAUNCHER = """#!/bin/sh
# Pulumi's Kubernetes plugin, as CECF's stand-in for it. The folder holds all that it needs but the interpreter.
python={python}
[ -x "$python" ] || {{ echo "$python is gone: remove $0 and run 'python -m lab.engine setup'" >&2; exit 1; }}
exec "$python" -IS "${{0%/*}}/start.py" --release {release} "$@"
"""

_START = f"""import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "{_PACKAGES}"))

from lab.engine.kubernetes.__main__ import main

sys.exit(main(sys.argv[1:]))
"""


def result() -> Path:
    """Return the folder of the plugin of these sources, which may not have been made yet."""
    return cache.folder() / "parts" / f"kubernetes-{key()}"


def find() -> Path | None:
    """Return the plugin of these sources if it has been made."""
    executable = result() / EXECUTABLE
    return executable if executable.is_file() else None


def make() -> Path:
    """Make the plugin if it is not there. Call it under the cache's lock."""
    if (found := find()) is not None:
        return found
    with cache.scratch() as scratch:
        made = scratch / "plugin"
        _put_together(made)
        result().parent.mkdir(exist_ok=True)
        made.rename(result())
    return result() / EXECUTABLE


def key() -> str:
    """Return a digest of all that decides the result: own sources, packages, interpreter."""
    packages = [(name, metadata.version(name)) for name in _NEEDED]
    decisive = (versions.PULUMI_KUBERNETES, packages, str(_interpreter()), sys.version, _LAUNCHER, _START)
    digest = hashlib.sha256(repr(decisive).encode())
    for source in _own_sources():
        digest.update(str(source.relative_to(_SOURCES)).encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:_KEY_LENGTH]


def _own_sources() -> list[Path]:
    return sorted(_SOURCES.rglob("*.py"))


def _interpreter() -> Path:
    """Return the interpreter itself, not a virtual environment's name for it."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def _put_together(folder: Path) -> None:
    packages = folder / _PACKAGES
    for source in _own_sources():
        # A copy: a checkout's files are edited where they are.
        _copy(source, packages / "lab" / "engine" / "kubernetes" / source.relative_to(_SOURCES))
    for name, patterns in _NEEDED.items():
        root = Path(str(metadata.distribution(name).locate_file("")))
        files = {file for pattern in patterns for file in root.glob(pattern) if file.is_file()}
        for file in files:
            link(file, packages / file.relative_to(root))
    (folder / "start.py").write_text(_START)
    launcher = folder / EXECUTABLE
    python = shlex.quote(str(_interpreter()))
    launcher.write_text(_LAUNCHER.format(python=python, release=versions.PULUMI_KUBERNETES))
    launcher.chmod(0o755)


def _copy(source: Path, destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, destination)
