"""The parts of a built engine, each compiled from its own Go module and kept under a key of its own.

A change in one part's sources or version leaves the others' results in use.
"""

import hashlib
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cecf import versions
from lab.engine import stand_in
from lab.engine.golang import Go
from lab.engine.model import LANGUAGE_HOST, OPENSTACK_PLUGIN, OPENSTACK_PLUGIN_FOLDER

_SOURCES = Path(__file__).parent
_KEY_LENGTH = 12
_SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
_SDK_SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
"""The script that starts a program, and the plugin that serves ``pulumi.dynamic``."""


def _sdk_scripts(go: Go, module: Path, destination: Path) -> None:
    """Copy the official scripts that belong beside the language host."""
    sources = go.module_folder(module, _SDK_MODULE)
    for script in _SDK_SCRIPTS:
        copy = destination / Path(script).name
        shutil.copyfile(sources / script, copy)
        copy.chmod(0o755)


def _nothing_else(_go: Go, _module: Path, _destination: Path) -> None:
    """Add nothing to what was compiled."""


@dataclass(frozen=True, slots=True)
class Part:
    """One executable: the Go module that pins its sources, and where in the engine it goes."""

    folder: str
    executable: str
    version: str
    destination: str
    package: str = "."
    version_variable: str = "main.version"
    add: Callable[[Go, Path, Path], None] = _nothing_else

    @property
    def module(self) -> Path:
        """The folder with the part's go.mod."""
        return _SOURCES / self.folder

    @property
    def key(self) -> str:
        """A digest of all that decides the result, so that equal keys mean equal files."""
        decisive = (self.executable, self.version, self.package, platform.system(), platform.machine())
        digest = hashlib.sha256(repr(decisive).encode())
        for source in sorted(self.module.iterdir()):
            if source.name in {"go.mod", "go.sum"} or source.suffix == ".go":
                digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
        return digest.hexdigest()[:_KEY_LENGTH]

    def build(self, go: Go, destination: Path) -> None:
        """Compile the part into a folder."""
        destination.mkdir()
        go.build(self.module, self.package, {self.version_variable: self.version}, destination / self.executable)
        self.add(go, self.module, destination)


PARTS = (
    Part(
        folder="cli",
        executable="pulumi",
        version=f"v{versions.PULUMI}",
        destination="bin",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        version_variable=f"{_SDK_MODULE}/go/common/version.Version",
    ),
    Part(
        folder="language",
        executable=LANGUAGE_HOST,
        version=versions.PULUMI,
        destination="bin",
        add=_sdk_scripts,
    ),
    Part(
        folder="openstack",
        executable=OPENSTACK_PLUGIN,
        version=versions.PULUMI_OPENSTACK,
        destination=f"home/{OPENSTACK_PLUGIN_FOLDER}",
    ),
)


def engine_key() -> str:
    """Return the key of the engine that is made of all parts, and of the stand-in for the Kubernetes plugin."""
    keys = [*(part.key for part in PARTS), stand_in.key()]
    return hashlib.sha256("".join(keys).encode()).hexdigest()[:_KEY_LENGTH]
