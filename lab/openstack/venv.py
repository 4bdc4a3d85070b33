"""The virtual environment that holds all OpenStack services, kept in the cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

from lab.openstack.shell import LabError, Log, run, step
from lab.openstack.site import Site, python_version

LOCK = Path(__file__).with_name("requirements.lock")

_UV = "uv==0.13.8"
_COMPLETE = ".complete"


def lock_digest() -> str:
    """Name of the pinned release: changes with any pinned version."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]


def venv_path(site: Site) -> Path:
    """Where the environment for this lock and this Python is, or will be."""
    key = hashlib.sha256(f"{lock_digest()} {python_version()}".encode()).hexdigest()[:16]
    return site.cache / "openstack" / key / "venv"


def is_complete(venv: Path) -> bool:
    """Tell a finished environment of this lock from another one, or one whose build was interrupted."""
    mark = venv / _COMPLETE
    return mark.exists() and mark.read_text() == lock_digest()


def ensure_venv(site: Site, log: Log) -> Path:
    """Return the environment, building it first when it is not there."""
    # Whichever Python started the lab: it is not restarted for the sake of another one.
    used = site.state / "venv"
    if is_complete(used):
        return used.resolve()
    venv = venv_path(site)
    if not is_complete(venv):
        with step(log, f"OpenStack's Python packages into {venv}"):
            _build(site, venv)
    used.unlink(missing_ok=True)
    used.symlink_to(venv)
    return venv


def _build(site: Site, venv: Path) -> None:
    # In its final place, as scripts name their interpreter by its path; the mark comes last.
    shutil.rmtree(venv, ignore_errors=True)
    uv = _uv(site)
    env = dict(os.environ, UV_CACHE_DIR=str(site.cache / "uv"))
    run([uv, "venv", "--quiet", "--python", sys.executable, venv], env=env)
    # Compiled here once, or else sixteen services compile the same files at their first start.
    run(
        [
            *(uv, "pip", "install", "--quiet", "--compile-bytecode", "--require-hashes", "--no-deps"),
            *("--python", venv / "bin/python", "--requirement", LOCK),
        ],
        env=env,
    )
    (venv / _COMPLETE).write_text(lock_digest())


def _uv(site: Site) -> Path:
    if found := shutil.which("uv"):
        return Path(found)
    tools = site.cache / "openstack" / "tools"
    uv = tools / "bin" / "uv"
    if not uv.exists():
        try:
            run([sys.executable, "-m", "venv", "--clear", tools])
        except LabError as error:
            raise LabError(f"install uv, or Python's venv module (Debian: python3-venv): {error}") from error
        run([tools / "bin/python", "-m", "pip", "install", "--quiet", _UV])
    return uv
