"""cloud-init's own JSON schema, taken from Debian's package without installing it."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from cecf import versions

SCHEMA = "usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json"
PACKAGE = f"cloud-init={versions.CLOUD_INIT_SCHEMA}*"

Schema = dict[str, Any]


def load_schema() -> Schema:
    """Return the schema, from the cache or else from the package; skip the test where neither can be had."""
    cached = _cache_folder() / f"schema-{versions.CLOUD_INIT_SCHEMA}.json"
    if not cached.exists():
        _fill(cached)
    schema: Schema = json.loads(cached.read_text())
    return schema


def top_level_keys(schema: Schema) -> set[str]:
    """Return every key that some module of cloud-init knows.

    The schema itself lets unknown keys pass: it is made of one part for each module, and none knows the others' keys.
    """
    parts = [schema["$defs"][part["$ref"].removeprefix("#/$defs/")] for part in schema["allOf"]]
    return {key for part in parts for key in part.get("properties", {})}


def _cache_folder() -> Path:
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("CECF_CACHE") or Path(caches) / "cecf") / "cloud-init"


def _fill(cached: Path) -> None:
    missing = [tool for tool in ("apt-get", "dpkg-deb") if not shutil.which(tool)]
    if missing:
        pytest.skip(f"cloud-init's schema comes from Debian's package; missing: {', '.join(missing)}")
    cached.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cached.parent) as folder:
        downloaded = _download(Path(folder))
        subprocess.run(["dpkg-deb", "-x", downloaded, folder], check=True, timeout=60)
        # Whole or not at all: another worker may be doing the same.
        (Path(folder) / SCHEMA).replace(cached)


def _download(folder: Path) -> Path:
    """Fetch the package into a folder; the package lists may have to be fetched first."""
    errors = _apt(["download", PACKAGE], folder)
    if errors:
        errors = _apt(["update"], folder) or _apt(["download", PACKAGE], folder)
    if errors:
        pytest.skip(f"Debian's package {PACKAGE} cannot be had: {errors[-1]}")
    return next(folder.glob("cloud-init_*.deb"))


def _apt(arguments: list[str], folder: Path) -> list[str]:
    """Run apt-get, and return its errors."""
    # Root's download as user _apt fails in a folder that only root can enter.
    command = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    return [line for line in done.stderr.splitlines() if line.startswith("E:")] if done.returncode else []
