"""Every process of the lab: its command, its environment, and what it was made from."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.nova_driver import host
from lab.openstack import config, driver_package
from lab.openstack.apis import APIS, Api
from lab.openstack.catalogue import FOR_NODES
from lab.openstack.config import swift
from lab.openstack.config.context import Context, Files
from lab.openstack.site import HOST
from lab.openstack.topology import HOSTS

DAEMONS = ("epmd", "mariadb", "memcached", "rabbitmq")


@dataclass(frozen=True)
class Service:
    """One process to be kept running."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    # Digest of the files it reads at its start.
    inputs: str = ""
    # Whether it keeps in memory what the databases say: it has to go when they are replaced.
    remembers: bool = False

    @property
    def fingerprint(self) -> str:
        """Changes when a restart would start something else than what runs."""
        whole = json.dumps([self.argv, sorted(self.env.items()), self.inputs])
        return hashlib.sha256(whole.encode()).hexdigest()[:16]


def services(context: Context, files: Files) -> tuple[Service, ...]:
    """All services, in the order in which they start."""
    return (
        *_daemons(context, files),
        *(_api(context, files, api) for api in APIS),
        *_agents(context, files),
    )


def environment(context: Context) -> dict[str, str]:
    """Environment of everything that is Python: nothing of the caller's gets in."""
    site = context.site
    return {
        "PATH": f"{context.venv}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(site.var / "home"),
        "LC_ALL": "C.UTF-8",
        # Their own deprecations are not ours to mend.
        "PYTHONWARNINGS": "ignore",
        "PYTHONPATH": str(site.drivers),
        # oslo.config looks below this for etc/<project>/<project>.conf; some services know no other way.
        "SNAP_COMMON": str(site.state),
        "OS_KEYSTONE_CONFIG_DIR": str(site.etc / "keystone"),
        "OS_PLACEMENT_CONFIG_DIR": str(site.etc / "placement"),
        "OS_NOVA_CONFIG_DIR": str(site.etc / "nova"),
        # The first of them is where Nova finds its pipeline.
        "OS_NOVA_CONFIG_FILES": f"{context.shipped('nova/api-paste.ini')};nova.conf;database.conf",
        "OS_NEUTRON_CONFIG_DIR": str(site.etc / "neutron"),
        "OS_NEUTRON_CONFIG_FILES": "neutron.conf",
        "OS_GLANCE_CONFIG_DIR": str(site.etc / "glance"),
        "LAB_BARBICAN_PASTE": str(context.shipped("barbican/barbican-api-paste.ini")),
        "LAB_OCTAVIA_STORE": str(site.var / "octavia/noop.db"),
        "CECF_LAB": str(site.state),
        "CECF_LAB_PORT_OFFSET": str(site.offset),
        "LAB_NOTICE": str(site.notice),
        "LAB_MACHINES": "no" if host.obstacle() else "yes",
    }


def _api(context: Context, files: Files, api: Api) -> Service:
    address = f"{HOST}:{context.site.port(api.service)}"
    # Glance takes uploads in chunks, which only uwsgi's router understands.
    chunked = ("--http-raw-body", "--http-chunked-input", "--http-auto-chunked")
    listen = ("--http", address, *chunked) if api.service == "glance" else ("--http-socket", address)
    argv = (
        str(context.venv / "bin/uwsgi"),
        *listen,
        *("--module", f"{api.module}:application", "--virtualenv", str(context.venv)),
        *("--pythonpath", str(context.site.drivers)),
        *("--master", "--lazy-apps", "--need-app", "--die-on-term", "--no-orphans"),
        *("--processes", str(_workers(api)), "--threads", str(api.threads), "--enable-threads", "--thunder-lock"),
        *("--buffer-size", "65535", "--listen", "128", "--disable-logging"),
        # uwsgi's own socket keeps no connection open; a client that believes it does would meet a reset.
        *("--add-header", "Connection: close"),
    )
    # Placement keeps the names of traits and resource classes with their keys.
    remembers = api.service == "placement"
    return Service(api.name, argv, environment(context), _inputs(files, api.service), remembers)


def _workers(api: Api) -> int:
    # A second interpreter pays where there is a core for it: Neutron takes half of a server's cost.
    return 2 if api.service in ("neutron", "nova") and (os.cpu_count() or 1) > 2 else 1  # noqa: PLR2004


def _agents(context: Context, files: Files) -> tuple[Service, ...]:
    etc = context.site.etc
    python = str(context.venv / "bin/python")

    def agent(name: str, *configuration: str) -> Service:
        options = (option for path in configuration for option in ("--config-file", str(etc / path)))
        return started(name, str(context.venv / "bin" / name), *options)

    def started(name: str, *program: str) -> Service:
        inputs = _inputs(files, name.partition("-")[0])
        return Service(name, (python, *program), environment(context), inputs, remembers=True)

    hosts = (str(etc / f"nova/hosts/{host}.conf") for host in HOSTS)
    return (
        agent("nova-conductor", "nova/nova.conf", "nova/database.conf"),
        agent("nova-scheduler", "nova/nova.conf", "nova/database.conf"),
        started("nova-computes", "-m", "labdrivers.nova_computes", str(etc / "nova/nova.conf"), *hosts),
        agent("cinder-scheduler", "cinder/cinder.conf"),
        agent("cinder-volume", "cinder/cinder.conf"),
        agent("octavia-worker", "octavia/octavia.conf"),
        agent("heat-engine", "heat/heat.conf"),
        # What it keeps is in files, which it opens anew for each request.
        replace(started("swift-servers", *_swift(context)), remembers=False),
        *(() if host.obstacle() else _network(context, python)),
    )


def _swift(context: Context) -> tuple[str, ...]:
    return "-m", "labdrivers.swift_servers", str(context.site.etc / "swift"), str(swift.work(context))


def _network(context: Context, python: str) -> tuple[Service, ...]:
    site, digest = context.site, driver_package.digest("fabric")

    def part(name: str, module: str, *options: str) -> Service:
        return Service(name, (python, "-m", module, *options), environment(context), digest, remembers=True)

    return (
        part("fabric", "lab.fabric", "--clouds", str(site.clouds), "--notice", str(site.notice)),
        part("gate", "lab.fabric.relay", str(site.offset), *(str(site.port(service)) for service in FOR_NODES)),
    )


def _inputs(files: Files, service: str) -> str:
    return config.digest(files, service) + driver_package.digest(service)


def _daemons(context: Context, files: Files) -> tuple[Service, ...]:
    site = context.site
    user = getpass.getuser()
    epmd_port = str(site.port("epmd"))
    return (
        Service("epmd", ("/usr/bin/epmd", "-port", epmd_port, "-address", HOST)),
        Service("mariadb", _mariadb(site.var / "mysql", site.mariadb_socket, user), remembers=True),
        Service(
            "memcached",
            (
                *("/usr/bin/memcached", "-u", user, "-l", HOST, "-p", str(site.port("memcached"))),
                *("-U", "0", "-m", "64", "-t", "2"),
            ),
        ),
        Service(
            "rabbitmq",
            ("/usr/lib/rabbitmq/bin/rabbitmq-server",),
            _rabbitmq_environment(context, epmd_port),
            config.digest(files, "rabbitmq"),
        ),
    )


def _mariadb(data: Path, socket: Path, user: str) -> tuple[str, ...]:
    return (
        *("/usr/sbin/mariadbd", "--no-defaults", f"--user={user}"),
        *(f"--datadir={data}", f"--socket={socket}", f"--pid-file={socket}.pid"),
        *("--skip-networking", "--skip-name-resolve", "--max-connections=1000"),
        *("--character-set-server=utf8mb3", "--transaction-isolation=REPEATABLE-READ"),
        *("--innodb-buffer-pool-size=256M", "--innodb-log-file-size=96M", "--performance-schema=OFF"),
        # A commit outlives the death of any process, but not of the machine's power: no disk is waited for.
        *("--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--innodb-doublewrite=0"),
        *("--skip-log-bin",),
    )


def _rabbitmq_environment(context: Context, epmd_port: str) -> dict[str, str]:
    site = context.site
    folder = site.var / "rabbitmq"
    return {
        "PATH": "/usr/lib/rabbitmq/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "RABBITMQ_NODENAME": "lab@localhost",
        "RABBITMQ_CONFIG_FILE": str(site.etc / "rabbitmq/rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(site.etc / "rabbitmq/enabled_plugins"),
        # Or else the machine's own /etc/rabbitmq/rabbitmq-env.conf has its say.
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(site.log),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_DIST_PORT": str(site.port("rabbitmq-distribution")),
        "ERL_EPMD_PORT": epmd_port,
        "ERL_EPMD_ADDRESS": HOST,
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none",
    }
