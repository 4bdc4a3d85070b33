"""Real programs that judge what is rendered: those of this machine, and those that the lab builds."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cecf import versions
from cecf.versions import Release
from lab import kubernetes, node_image
from lab.engine.errors import EngineError
from lab.openstack.shell import LabError

_INSIDE = """\
set -e
mount -o ro,noload,loop "$1" "$2"
mount --bind "$3" "$2/mnt"
shift; place=$1; shift 2
exec chroot "$place" "$@"
"""
"""In a mount namespace of its own, which ends with the program: nothing stays mounted."""


def program(name: str, release: Release = versions.DEFAULT) -> str:
    """Return the path of a program, of Kubernetes of a release; skip the test where there is none."""
    path = _built(name, release) or shutil.which(
        name, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    )
    if not path:
        pytest.skip(f"there is no {name}: neither on this machine nor built by `python -m lab.kubernetes setup`")
    return path


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run a program; standard output and errors together."""
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=120
    )


def run_in_node_image(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run a program of the node image, where `folder` is /mnt, without a network.

    Skips the test where there is no image or no root.
    """
    image = _node_image()
    if image is None:
        pytest.skip("there is no node image: `python -m lab.node_image setup` makes it")
    if os.geteuid():
        pytest.skip("only root may mount the node image")
    place = folder / "root"
    place.mkdir(exist_ok=True)
    unshared = ("unshare", "--mount", "--net", "--propagation", "private", "sh", "-c", _INSIDE, "sh")
    return run(*unshared, str(image), str(place), str(folder), *command)


def _node_image() -> Path | None:
    try:
        return node_image.locate()
    except LabError:
        return None


def _built(name: str, release: Release) -> str | None:
    try:
        made = kubernetes.locate(release)
    except EngineError:
        return None  # without Go nothing was built, and nothing can be looked for
    file = made.bin / name if made else None
    return str(file) if file and file.exists() else None
