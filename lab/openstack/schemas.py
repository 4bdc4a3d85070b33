"""The services' databases: made empty, or brought to the pinned release."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab.openstack.config.context import Context
from lab.openstack.services import environment
from lab.openstack.shell import run
from lab.openstack.site import REGION
from lab.openstack.venv import lock_digest

_DATABASES = (
    *("keystone", "placement", "nova_api", "nova_cell0", "nova_cell1", "neutron"),
    *("glance", "cinder", "octavia", "heat", "barbican"),
)
# Filled in by Nova from its own configuration, so that the record fits any lab.
_CELL_TRANSPORT = "{scheme}://{username}:{password}@{hostname}:{port}/"
_CELL_DATABASE = "{scheme}://{username}@{hostname}/%s?{query}"

_AT_ONCE = 3


def are_current(context: Context) -> bool:
    """Tell whether the databases fit the pinned release."""
    mark = _mark(context)
    return mark.exists() and mark.read_text() == lock_digest()


def ensure(context: Context) -> None:
    """Make the databases, or migrate those of an older release."""
    if not _mark(context).exists():
        # A migration that was cut short cannot be taken up again: start from nothing.
        for name in _DATABASES:
            sql(context, f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8mb3")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for job in [pool.submit(migration, context) for migration in _MIGRATIONS]:
            job.result()
    _mark(context).write_text(lock_digest())


def sql(context: Context, statement: str) -> None:
    """Run statements as the database's root."""
    socket = context.site.mariadb_socket
    run(["mariadb", "--no-defaults", "-uroot", "-S", socket, "-e", statement])


def manage(context: Context, program: str, *arguments: str, **variables: str) -> str:
    """Run one of the services' own administration programs."""
    record = context.site.log / "bootstrap.log"
    return run([context.venv / "bin" / program, *arguments], env=environment(context) | variables, record=record)


def discover_hosts(context: Context) -> None:
    """Map new compute hosts to their cell."""
    manage(context, "nova-manage", *_nova(context), "cell_v2", "discover_hosts")


def _mark(context: Context) -> Path:
    return context.site.var / "schemas"


def _option(context: Context, file: str) -> tuple[str, str]:
    return "--config-file", str(context.site.etc / file)


def _nova(context: Context) -> tuple[str, ...]:
    return *_option(context, "nova/nova.conf"), *_option(context, "nova/database.conf")


def _migrate_keystone(context: Context) -> None:
    option = _option(context, "keystone/keystone.conf")
    manage(context, "keystone-manage", *option, "db_sync")
    url = context.site.url("keystone", "/v3")
    faces = (part for face in ("admin", "internal", "public") for part in (f"--bootstrap-{face}-url", url))
    command = (*option, "bootstrap", "--bootstrap-region-id", REGION, *faces)
    # In the environment: arguments can be read by everybody, and are printed when it fails.
    manage(context, "keystone-manage", *command, OS_BOOTSTRAP_PASSWORD=context.secrets["admin"])


def _migrate_nova(context: Context) -> None:
    options = _nova(context)
    cells = "cell_v2"
    manage(context, "nova-manage", *options, "api_db", "sync")
    manage(context, "nova-manage", *options, cells, "map_cell0", "--database_connection", _CELL_DATABASE % "nova_cell0")
    if "cell1" not in manage(context, "nova-manage", *options, cells, "list_cells"):
        connections = ("--transport-url", _CELL_TRANSPORT, "--database_connection", _CELL_DATABASE % "nova_cell1")
        manage(context, "nova-manage", *options, cells, "create_cell", "--name", "cell1", *connections)
    manage(context, "nova-manage", *options, "db", "sync")


def _migrate_barbican(context: Context) -> None:
    url = str(context.database("barbican")["connection"])
    manage(context, "barbican-manage", "db", "upgrade", "--db-url", url)


def _simple(program: str, file: str, *arguments: str) -> Callable[[Context], None]:
    def migrate(context: Context) -> None:
        manage(context, program, *_option(context, file), *arguments)

    return migrate


# The slowest first, so that none of them is left over at the end.
_MIGRATIONS: tuple[Callable[[Context], None], ...] = (
    _migrate_nova,
    _simple("neutron-db-manage", "neutron/neutron.conf", "upgrade", "heads"),
    _simple("glance-manage", "glance/glance-api.conf", "db_sync"),
    _simple("cinder-manage", "cinder/cinder.conf", "db", "sync"),
    _migrate_keystone,
    _simple("octavia-db-manage", "octavia/octavia.conf", "upgrade", "head"),
    _simple("heat-manage", "heat/heat.conf", "db_sync"),
    _simple("placement-manage", "placement/placement.conf", "db", "sync"),
    _migrate_barbican,
)
