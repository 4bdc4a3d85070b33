"""The official tools: those that are on this machine, and the installer that brings them."""

import os
import shutil
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

from cecf import versions
from lab.engine import cache, stand_in
from lab.engine.model import LANGUAGE_HOST, OPENSTACK_PLUGIN, OPENSTACK_PLUGIN_FOLDER, Engine

INSTALLER = "https://get.pulumi.com"
_REACH_SECONDS = 8
_INSTALL_SECONDS = 600
_VERSION_SECONDS = 20

Log = Callable[[str], object]


def home() -> Path:
    """Return the folder in which the engine keeps its plugins when nobody chooses another."""
    return Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")


def find(log: Log) -> Engine | None:
    """Return the engine on PATH, or the one that the installer brought, if it is whole and of the right version."""
    on_path = shutil.which("pulumi")
    candidates = [Path(on_path)] if on_path else []
    for pulumi in [*candidates, _installed()]:
        if pulumi.is_file() and not _was_built_here(pulumi) and (engine := _inspect(pulumi, log)):
            return engine
    return None


def install(log: Log) -> Engine | None:
    """Bring the official tools, or say in one line why they cannot be had. Call it under the cache's lock."""
    log(f"Trying the official installer ({INSTALLER}).")
    try:
        with urllib.request.urlopen(INSTALLER, timeout=_REACH_SECONDS) as response:
            script: bytes = response.read()
        _run_installer(script)
    except OSError as error:
        log(f"The official installer cannot be reached or used: {error}")
        return None
    except subprocess.SubprocessError as error:
        log(f"The official installer failed: {_last_words(error)}")
        return None
    return find(log)


def add_kubernetes(engine: Engine, log: Log) -> None:
    """Install the official Kubernetes plugin for an official engine, or make the stand-in. Call it under the lock."""
    try:
        _run(engine.pulumi, "plugin", "install", "resource", "kubernetes", versions.PULUMI_KUBERNETES)
    except (OSError, subprocess.SubprocessError) as error:
        log(f"The official Kubernetes plugin cannot be had: {_last_words(error)}")
    if _plugin(stand_in.FOLDER, stand_in.EXECUTABLE, versions.PULUMI_KUBERNETES) is None:
        log(f"Using the stand-in for the Kubernetes plugin: {stand_in.make()}")


def _installed() -> Path:
    return cache.folder() / f"official-{versions.PULUMI}" / "bin" / "pulumi"


def _was_built_here(pulumi: Path) -> bool:
    """Tell a built engine, which an earlier ``env`` has put on PATH, from an official one."""
    return pulumi.is_relative_to(cache.folder()) and pulumi != _installed()


def _inspect(pulumi: Path, log: Log) -> Engine | None:
    """Return the engine around a command line, or say what keeps it from being used."""
    if (found := _version(pulumi, "version")) != versions.PULUMI:
        log(f"Leaving {pulumi} alone: it is version {found}, and CECF pins {versions.PULUMI}.")
        return None
    if not (pulumi.parent / LANGUAGE_HOST).is_file() and not shutil.which(LANGUAGE_HOST):
        log(f"Leaving {pulumi} alone: {LANGUAGE_HOST} is neither beside it nor on PATH.")
        return None
    plugin = _plugin(OPENSTACK_PLUGIN_FOLDER, OPENSTACK_PLUGIN, versions.PULUMI_OPENSTACK)
    if plugin is None:
        log(f"Leaving {pulumi} alone: {OPENSTACK_PLUGIN} {versions.PULUMI_OPENSTACK} is not installed.")
        return None
    kubernetes = _plugin(stand_in.FOLDER, stand_in.EXECUTABLE, versions.PULUMI_KUBERNETES) or stand_in.find()
    return Engine(pulumi=pulumi, home=home(), plugin=plugin, kubernetes=kubernetes, built=False)


def _plugin(folder: str, executable: str, version: str) -> Path | None:
    """Prefer the installed plugin; one on PATH serves too, though the engine warns of it."""
    installed = home() / folder / executable
    if installed.is_file():
        return installed
    on_path = shutil.which(executable)
    return Path(on_path) if on_path and _version(Path(on_path), "--version") == version else None


def _version(tool: Path, argument: str) -> str:
    try:
        answer = subprocess.run([tool, argument], capture_output=True, text=True, timeout=_VERSION_SECONDS)  # noqa: PLW1510
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return answer.stdout.strip().removeprefix("v") or "unknown"


def _run_installer(script: bytes) -> None:
    """Install the command line into the cache, and the plugin where the official command line keeps plugins."""
    with cache.scratch() as scratch:
        installer, root = scratch / "install.sh", scratch / "root"
        installer.write_bytes(script)
        _run("sh", installer, "--version", versions.PULUMI, "--install-root", root, "--no-edit-path")
        _run(root / "bin" / "pulumi", "plugin", "install", "resource", "openstack", versions.PULUMI_OPENSTACK)
        destination = _installed().parents[1]
        shutil.rmtree(destination, ignore_errors=True)
        root.rename(destination)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS)


def _last_words(error: Exception) -> str:
    """Return the last line that a failed command wrote, which is where it says what went wrong."""
    stderr = getattr(error, "stderr", None)
    lines = stderr.strip().splitlines() if isinstance(stderr, str) else []
    return lines[-1] if lines else str(error)
