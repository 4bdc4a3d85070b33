"""The node images in Glance: their bytes stay in the cache, where each lab and each reset finds them without a copy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from lab.nova_driver import pool
from lab.nova_driver.places import Places
from lab.openstack.shell import Log, step
from lab.openstack.site import Site

_CHUNK = 2**22


def missing(site: Site, disks: Mapping[str, Path]) -> dict[str, Path]:
    """Return those of the disks, by their images' names, that Glance has not."""
    there = {link.resolve() for link in _folder(site).glob("*")}
    return {name: disk for name, disk in disks.items() if disk.resolve() not in there}


def place(site: Site, image_id: str) -> Path:
    """Tell where Glance looks for an image's bytes."""
    return _folder(site) / image_id


def link(site: Site, image_id: str, source: Path) -> None:
    """Put the disk where Glance looks for it; what Glance deletes one day is the link."""
    path = place(site, image_id)
    path.unlink(missing_ok=True)
    path.symlink_to(source)


def digest(site: Site, source: Path) -> str:
    """Compute what Glance tells of the bytes, once for each disk: it takes seconds."""
    record = site.cache / "openstack/disks.json"
    known: dict[str, str] = json.loads(record.read_text()) if record.exists() else {}
    stat = source.stat()
    name = f"{source} {stat.st_size} {stat.st_mtime_ns}"
    if name not in known:
        total = hashlib.sha512()
        with source.open("rb") as file:
            while chunk := file.read(_CHUNK):
                total.update(chunk)
        there = {disk: known[disk] for disk in known if Path(disk.rsplit(" ", 2)[0]).exists()}
        known = there | {name: total.hexdigest()}
        record.write_text(json.dumps(known))
    return known[name]


def fill_pool(site: Site, source: Path, log: Log) -> None:
    """Have the disks' pool ready, with this image to clone, and without the images that Glance has no more.

    Another image is copied into it when the first server boots from it.
    """
    places = Places(site.state, site.offset)
    pool.ensure(places)
    images = {path.name: path for path in _folder(site).glob("*")}
    pool.forget_bases(places, set(images))
    for name, path in images.items():
        if path.resolve() == source.resolve() and not places.base(name).exists():
            with step(log, "node image into the pool of disks"):
                pool.ensure_base(places, name)


def _folder(site: Site) -> Path:
    return site.var / "glance/images"
