"""Puts our drivers where the services import them."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from lab.openstack.site import Site

_SOURCE = Path(__file__).with_name("drivers")
_NAME = "labdrivers"

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
    for path in sorted(_SOURCE.glob(f"{service}*.py")):
        total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()


def install(site: Site) -> None:
    """Copy the drivers of this checkout, with the metadata of an installed distribution."""
    package = site.drivers / _NAME
    package.mkdir(parents=True, exist_ok=True)
    sources = {path.name: path for path in _SOURCE.glob("*.py")}
    for path in package.glob("*.py"):
        if path.name not in sources:
            path.unlink()
    for name, path in sources.items():
        shutil.copyfile(path, package / name)
    metadata = site.drivers / f"{_NAME}-1.0.dist-info"
    metadata.mkdir(exist_ok=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {_NAME}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(_ENTRY_POINTS)
