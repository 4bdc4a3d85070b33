"""Machines that never run."""

from pathlib import Path

import pytest

from lab.nova_driver.model import Machine, Nic, Volume
from lab.nova_driver.places import Places

UUID = "126ebcf9-fc55-480a-bf5d-fe907efbafeb"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Give the folders of a lab that has no machine."""
    return Places(tmp_path)


@pytest.fixture
def machine() -> Machine:
    """Describe a machine with one of everything."""
    nic = Nic("4a17a3d8-8de5-4219-827e-c2c5d86237b0", "25e33a5c", "fa:16:3e:03:12:02", 1450, "ens3")
    volume = Volume("bea4a7e4-4b67-416d-8ee9-f1eec2e98e6e", "/volumes/bea4.img", "vdb", 2**30)
    return Machine(UUID, "node-1", "node-1", "az1-host1", 2, 4096, (nic,), (volume,))
