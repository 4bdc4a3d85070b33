"""Sites and contexts of the lab's own tests."""

from pathlib import Path

import pytest

from lab.openstack import seeds
from lab.openstack.config import Context
from lab.openstack.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Give a lab that has a folder and nothing else."""
    return Site(state=tmp_path / "lab", cache=tmp_path / "cache")


@pytest.fixture
def context(site: Site) -> Context:
    """Give the facts of that lab's configuration."""
    return Context(site, seeds.secrets(site), site.cache / "venv")
