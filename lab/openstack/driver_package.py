"""Puts our drivers where the services import them."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from lab.openstack.site import Site

_SOURCE = Path(__file__).with_name("drivers")
_NAME = "labdrivers"

# Parts of the lab that the drivers import, by their own names; and which service's drivers do so.
_LAB = Path(__file__).parents[1]
_PARTS = ("nova_driver", "fabric")
_CHILDREN = "openstack/drivers/children.py"
_USED = {
    "nova": ("nova_driver/**/*", "fabric/links.py", _CHILDREN),
    "swift": (_CHILDREN,),
    "fabric": ("fabric/**/*",),
}

# How the services find those that they load by name.
_ENTRY_POINTS = """\
[neutron.ml2.mechanism_drivers]
lab = labdrivers.neutron_mechanism:LabMechanismDriver

[octavia.network.drivers]
lab_network_driver = labdrivers.octavia_noop:LabNetworkDriver

[octavia.compute.drivers]
lab_compute_driver = labdrivers.octavia_noop:LabComputeDriver
"""


def digest(service: str = "") -> str:
    """Fingerprint of one service's drivers in this checkout, or of all: they are named after it."""
    total = hashlib.sha256(_ENTRY_POINTS.encode())
    parts = (path for pattern in _USED.get(service, ()) for path in _LAB.glob(pattern))
    for path in sorted([*_SOURCE.glob(f"{service}*.py"), *parts]):
        if path.is_file() and path.suffix != ".pyc":
            total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()


def install(site: Site) -> None:
    """Copy the drivers of this checkout, with the metadata of an installed distribution."""
    _copy(_SOURCE, site.drivers / _NAME)
    for name in _PARTS:
        _copy(_LAB / name, site.drivers / "lab" / name)
    shutil.copyfile(_LAB / "__init__.py", site.drivers / "lab/__init__.py")
    metadata = site.drivers / f"{_NAME}-1.0.dist-info"
    metadata.mkdir(exist_ok=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {_NAME}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(_ENTRY_POINTS)


def _copy(source: Path, target: Path) -> None:
    """Have the target hold these files and no others; what runs may import one at any time."""
    ignored = shutil.ignore_patterns("__pycache__", "*.md")
    shutil.copytree(source, target, ignore=ignored, dirs_exist_ok=True)
    for path in sorted(target.rglob("*"), reverse=True):
        if "__pycache__" in path.parts or (source / path.relative_to(target)).exists():
            continue
        path.rmdir() if path.is_dir() else path.unlink()
