"""A freshly seeded cloud, kept in the cache: what takes migrations a minute is a copy of files."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import psutil

from lab.openstack import driver_package, schemas, seeds
from lab.openstack.config.context import Context
from lab.openstack.packages import PACKAGES
from lab.openstack.shell import run
from lab.openstack.site import Site
from lab.openstack.venv import lock_digest

# All that a seeded cloud consists of; the rest is rendered anew.
_PARTS = ("mysql", "glance", "swift", "schemas", "seeded.json")


def path(site: Site) -> Path:
    """Where the template for this release and these seeds is, or will be."""
    mariadb = run([PACKAGES["mariadb-server"], "--version"])
    # Of all drivers only Neutron's have a say in what the seeds become.
    key = f"{lock_digest()} {driver_package.digest('neutron')} {seeds.digest()} {mariadb}"
    return site.cache / "openstack/templates" / hashlib.sha256(key.encode()).hexdigest()[:16]


def save(context: Context, mariadb: psutil.Process) -> None:
    """Copy the running cloud.

    A stopped process writes nothing, so its files are as a power failure would leave them,
    which InnoDB recovers from; and all is in them, as the log is written at each commit.
    """
    target = path(context.site)
    new = target.with_name(target.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True, mode=0o700)
    schemas.sql(context, "FLUSH TABLES; FLUSH ENGINE LOGS")
    mariadb.suspend()
    try:
        _copy(context.site.var, new)
    finally:
        mariadb.resume()
    shutil.rmtree(target, ignore_errors=True)
    new.rename(target)


def restore(site: Site) -> bool:
    """Copy the template into a lab that has no database; say whether there was one."""
    template = path(site)
    if not template.exists():
        return False
    new = site.var / "template"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    _copy(template, new)
    # The database comes last: where it is, everything is.
    for name in reversed(_PARTS):
        _remove(site.var / name)
        (new / name).rename(site.var / name)
    new.rmdir()
    return True


def forget(site: Site) -> None:
    """Remove all that the cloud holds."""
    for name in _PARTS:
        _remove(site.var / name)


def _remove(part: Path) -> None:
    if part.is_dir():
        shutil.rmtree(part)
    else:
        part.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    for name in _PARTS:
        part = source / name
        if part.is_dir():
            # Temporary tables are made anew at every start.
            shutil.copytree(part, target / name, ignore=shutil.ignore_patterns("ibtmp*"))
        else:
            shutil.copy2(part, target / name)
