"""Makes a cloud that was copied from a template this lab's own: its passwords, its addresses.

Runs inside OpenStack's environment.
usage: python -m lab.openstack.adopt
"""

# mypy: disable-error-code="import-not-found, import-untyped, no-any-return"
# Both libraries belong to OpenStack's environment, not to this project's.

from __future__ import annotations

from typing import Any

import bcrypt
import pymysql

from lab.openstack import catalogue, seeds
from lab.openstack.apis import SERVICE_USERS
from lab.openstack.config.heat import STACK_DOMAIN_ADMIN
from lab.openstack.secret import Secrets
from lab.openstack.seed_data import APPLICATION_CREDENTIAL, PROJECTS
from lab.openstack.site import Site

_USER = """
    UPDATE password JOIN local_user ON password.local_user_id = local_user.id
    SET password.password_hash = %s WHERE local_user.name = %s
"""
_CREDENTIAL = """
    UPDATE application_credential JOIN local_user USING (user_id)
    SET application_credential.secret_hash = %s WHERE local_user.name = %s AND application_credential.name = %s
"""
_ENDPOINT = """
    UPDATE endpoint JOIN service ON endpoint.service_id = service.id
    SET endpoint.url = %s WHERE service.type = %s AND endpoint.region_id = %s
"""


def main() -> None:
    """Rewrite Keystone's tables before Keystone starts."""
    site = Site.from_environment()
    secrets = seeds.secrets(site)
    with pymysql.connect(unix_socket=str(site.mariadb_socket), user="root", database="keystone") as database:
        with database.cursor() as cursor:
            _adopt(cursor, site, secrets)
        database.commit()


def _adopt(cursor: Any, site: Site, secrets: Secrets) -> None:
    for user in ("admin", *SERVICE_USERS, STACK_DOMAIN_ADMIN, *PROJECTS):
        cursor.execute(_USER, (_hash(secrets[user]), user))
    for project in PROJECTS:
        # Others of this user are not ours: whoever has made them knows their secrets.
        secret = _hash(secrets[seeds.credential_secret(project)])
        cursor.execute(_CREDENTIAL, (secret, project, APPLICATION_CREDENTIAL))
    for endpoint in catalogue.endpoints(site):
        cursor.execute(_ENDPOINT, (endpoint.url, endpoint.kind, endpoint.region))


def _hash(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


if __name__ == "__main__":
    main()
