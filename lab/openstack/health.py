"""Whether each service really works, by asking it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil

from lab.fabric import gate
from lab.nova_driver import host
from lab.openstack import heartbeat
from lab.openstack.apis import APIS
from lab.openstack.catalogue import FOR_NODES
from lab.openstack.client import answers
from lab.openstack.config.swift import BACKENDS
from lab.openstack.heartbeat import Heartbeats
from lab.openstack.process import Record
from lab.openstack.secret import Secrets
from lab.openstack.site import HOST, Site
from lab.openstack.topology import HOSTS, VOLUME_BACKENDS

DEAD = "does not run"

_TIMEOUT = 5

_Check = Callable[[Site, Heartbeats, Record], str]


@dataclass(frozen=True)
class Health:
    """What was found of one service."""

    service: str
    process: psutil.Process | None
    # Empty when all is well.
    fault: str


def examine(site: Site, secrets: Secrets, names: Iterable[str] | None = None) -> list[Health]:
    """Ask these services, or every one, all at once."""
    heartbeats = Heartbeats(site, secrets)
    absent = _OPTIONAL if host.obstacle() else ()
    chosen = tuple(name for name in (_CHECKS if names is None else names) if name not in absent)
    with ThreadPoolExecutor(len(chosen)) as pool:
        return list(pool.map(lambda name: _examine(site, heartbeats, name), chosen))


def _examine(site: Site, heartbeats: Heartbeats, name: str) -> Health:
    record = Record.read(site.record(name))
    process = record.process() if record else None
    if not record or not process:
        return Health(name, None, DEAD)
    try:
        return Health(name, process, _CHECKS[name](site, heartbeats, record))
    except (OSError, psutil.Error, KeyError, ValueError) as error:
        return Health(name, process, f"{type(error).__name__}: {error}")


def _api(service: str) -> _Check:
    def check(site: Site, _: Heartbeats, __: Record) -> str:
        return "" if answers(site.url(service, "/")) else "does not answer"

    return check


def _speaks(service: str, question: bytes, answer: bytes) -> _Check:
    def check(site: Site, _: Heartbeats, __: Record) -> str:
        with socket.create_connection((HOST, site.port(service)), _TIMEOUT) as connection:
            connection.sendall(question)
            return "" if connection.recv(64).startswith(answer) else "answers something else"

    return check


def _mariadb(site: Site, _: Heartbeats, __: Record) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_TIMEOUT)
        connection.connect(str(site.mariadb_socket))
        # It speaks first; the fifth byte of its greeting is the protocol's version.
        return "" if connection.recv(5)[4:] == b"\x0a" else "greets with an error"


def _nova(binary: str, expected: int) -> _Check:
    return lambda _, heartbeats, record: heartbeat.fault(heartbeats.nova(), binary, expected, record.created)


def _cinder(binary: str, expected: int) -> _Check:
    return lambda _, heartbeats, record: heartbeat.fault(heartbeats.cinder(), binary, expected, record.created)


def _heat(site: Site, heartbeats: Heartbeats, record: Record) -> str:
    # Heat's API asks the engines; before one is there, the answer takes a minute.
    return _on_the_broker(site, heartbeats, record) or heartbeat.fault(
        heartbeats.heat(), "heat-engine", 1, record.created
    )


def _swift(site: Site, _: Heartbeats, __: Record) -> str:
    # Nobody is let in without an answer of the three behind the first one.
    ports = ("swift", *(f"swift-{name}" for name in BACKENDS))
    silent = [port for port in ports if not answers(site.url(port, "/healthcheck"))]
    return f"does not answer: {' '.join(silent)}" if silent else ""


def _gate(site: Site, _: Heartbeats, __: Record) -> str:
    silent = [service for service in FOR_NODES if not gate.answers(site.offset, site.port(service))]
    return f"does not lead to {' '.join(silent)}" if silent else ""


def _on_the_broker(site: Site, _: Heartbeats, record: Record) -> str:
    # Octavia's worker reports to nobody; without this connection it hears of no load balancer.
    connections = (
        connection.raddr.port
        for process in record.session()
        for connection in process.net_connections("tcp")
        if connection.raddr and connection.status == psutil.CONN_ESTABLISHED
    )
    return "" if site.port("rabbitmq") in connections else "has no connection to the broker"


# In the order of `services.services`; a service without a check is a mistake that a test finds.
_CHECKS: dict[str, _Check] = {
    "epmd": _speaks("epmd", b"\x00\x01n", b"\x00\x00"),
    "mariadb": _mariadb,
    "memcached": _speaks("memcached", b"version\r\n", b"VERSION"),
    # A frame of type 1, method, on channel 0: the broker offers a connection.
    "rabbitmq": _speaks("rabbitmq", b"AMQP\x00\x00\x09\x01", b"\x01\x00\x00"),
    **{api.name: _api(api.service) for api in APIS},
    "nova-conductor": _nova("nova-conductor", 1),
    "nova-scheduler": _nova("nova-scheduler", 1),
    "nova-computes": _nova("nova-compute", len(HOSTS)),
    "cinder-scheduler": _cinder("cinder-scheduler", 1),
    "cinder-volume": _cinder("cinder-volume", len(VOLUME_BACKENDS)),
    "octavia-worker": _on_the_broker,
    "heat-engine": _heat,
    "swift-servers": _swift,
    # It answers nobody; `lab logs fabric` tells what it cannot do.
    "fabric": lambda _, __, ___: "",
    "gate": _gate,
}
# Only where there can be machines.
_OPTIONAL = ("fabric", "gate")
