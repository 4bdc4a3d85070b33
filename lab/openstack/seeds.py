"""What the lab's own command knows of the seeds: their secrets, their digest, and the mark they leave."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from lab.openstack import secret
from lab.openstack.apis import SERVICE_USERS
from lab.openstack.config.heat import STACK_DOMAIN_ADMIN
from lab.openstack.secret import Secrets
from lab.openstack.seed_data import PROJECTS
from lab.openstack.site import Site

_FILES = ("seed.py", "seed_data.py", "topology.py", "apis.py", "catalogue.py")
_KEYS = ("rabbitmq", "barbican-key", "heat-key", "octavia-ca", "octavia-key")


def credential_secret(project: str) -> str:
    """Name of the secret of a project's application credential."""
    return f"{project}-credential"


def secrets(site: Site) -> Secrets:
    """Return all of this lab's secrets, made at their first use."""
    credentials = tuple(credential_secret(project) for project in PROJECTS)
    names = ("admin", *SERVICE_USERS, STACK_DOMAIN_ADMIN, *PROJECTS, *credentials, *_KEYS)
    return secret.load_or_create(site, names)


def digest() -> str:
    """Fingerprint of what a freshly seeded cloud holds."""
    folder = Path(__file__).parent
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in _FILES)).hexdigest()[:16]


def mark(site: Site) -> Path:
    """Return the file that says what the cloud was seeded with."""
    return site.var / "seeded.json"


def are_current(site: Site) -> bool:
    """Tell whether the cloud was seeded from this checkout's data."""
    try:
        return bool(json.loads(mark(site).read_text())["digest"] == digest())
    except (OSError, ValueError, KeyError):
        return False


def credential_ids(site: Site) -> dict[str, str]:
    """Identity of each project's application credential."""
    credentials: dict[str, str] = json.loads(mark(site).read_text())["credentials"]
    return credentials
