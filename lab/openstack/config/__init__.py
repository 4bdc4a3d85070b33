"""Configuration files of every service: facts in, text out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from lab.openstack.config import (
    barbican,
    cinder,
    glance,
    heat,
    keystone,
    neutron,
    nova,
    octavia,
    placement,
    rabbitmq,
    swift,
)
from lab.openstack.config.context import Context, Files
from lab.openstack.secret import write_private
from lab.openstack.site import Site

_PARTS = (keystone, placement, nova, neutron, glance, cinder, octavia, heat, barbican, swift, rabbitmq)

__all__ = ["Context", "Files", "digest", "render", "write"]


def render(context: Context) -> Files:
    """Text of every file, by its path below the configuration folder."""
    files: Files = {}
    for part in _PARTS:
        files |= part.render(context)
    return files


def write(site: Site, files: Files) -> None:
    """Make the configuration folder hold these files and no others."""
    stale = [path for path in site.etc.rglob("*") if path.is_file() and str(path.relative_to(site.etc)) not in files]
    for path in stale:
        path.unlink()
    for name, text in files.items():
        path = site.etc / name
        if not path.exists() or path.read_text() != text:
            write_private(path, text)


def digest(files: Mapping[str, str], folder: str) -> str:
    """Fingerprint of one service's files."""
    mine = "".join(f"{name}\n{files[name]}" for name in sorted(files) if name.startswith(f"{folder}/"))
    return hashlib.sha256(mine.encode()).hexdigest()
