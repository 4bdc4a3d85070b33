"""Tells Glance of node images whose bytes are on this machine already.

An upload of two gigabytes would take a quarter of a minute at each reset. Glance's API takes no file's address from
anybody, so the last step is written to its tables.

Runs inside OpenStack's environment.
usage: python -m lab.openstack.register NAME DISK [NAME DISK]...
"""

# mypy: disable-error-code="import-not-found, import-untyped, no-any-return"
# The library belongs to OpenStack's environment, not to this project's.

from __future__ import annotations

import itertools
import sys
import uuid
from http import HTTPStatus
from pathlib import Path

import pymysql
from openstack.connection import Connection

from lab.openstack import node_image, seed_data, seeds
from lab.openstack.seed import sign_in
from lab.openstack.site import Site

_ACTIVATE = """
    UPDATE images SET status = 'active', size = %s, virtual_size = %s, os_hash_algo = 'sha512', os_hash_value = %s
    WHERE id = %s
"""
_LOCATE = """
    INSERT INTO image_locations (image_id, value, meta_data, status, created_at, updated_at, deleted)
    VALUES (%s, %s, '{"store": "file"}', 'active', UTC_TIMESTAMP(), UTC_TIMESTAMP(), 0)
"""


def main() -> None:
    """Make the images, and delete those of their names that were there before."""
    site = Site.from_environment()
    cloud = sign_in(site, seeds.secrets(site), "admin")
    wanted = {image.name: image for image in seed_data.NODE_IMAGES}
    for name, disk in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        _register(site, cloud, wanted[name], Path(disk))


def _register(site: Site, cloud: Connection, wanted: seed_data.Image, source: Path) -> None:
    old = [image for image in cloud.image.images() if image.name == wanted.name]
    image = _create(cloud, wanted, source)
    _activate(site, image, source)
    for each in old:
        cloud.image.delete_image(each.id)
    # Last, as it is what tells that all of this has been done.
    node_image.link(site, image, source)


def _create(cloud: Connection, wanted: seed_data.Image, source: Path) -> str:
    """Make an image without bytes.

    The same disk has the same identity, also after a reset, so its copy in the pool and the stacks' states stay good;
    but Glance takes none again that it has had.
    """
    fields = {"name": wanted.name, "disk_format": "raw", "container_format": "bare", "visibility": "public"}
    for attempt in itertools.count():
        identity = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{source}#{attempt}"))
        document = {**fields, **wanted.properties, **seed_data.MACHINE_IMAGE, "id": identity}
        response = cloud.image.post("/images", json=document)
        if response.status_code != HTTPStatus.CONFLICT:
            response.raise_for_status()
            return identity
    raise AssertionError  # never reached, as the count has no end


def _activate(site: Site, image: str, source: Path) -> None:
    size = source.stat().st_size
    digest = node_image.digest(site, source)
    place = f"file://{node_image.place(site, image)}"
    with pymysql.connect(unix_socket=str(site.mariadb_socket), user="root", database="glance") as database:
        with database.cursor() as cursor:
            cursor.execute(_ACTIVATE, (size, size, digest, image))
            cursor.execute(_LOCATE, (image, place))
        database.commit()


if __name__ == "__main__":
    main()
