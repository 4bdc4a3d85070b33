"""The cloud's own address on the external network, and what carries servers' connections to it."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab.fabric import gate, kernel, links, relay
from tests.fabric.bench import Bench
from tests.fabric.conftest import Town


@contextmanager
def relayed(bench: Bench, port: int) -> Iterator[None]:
    """Relay one port as the lab does, in a thread."""
    loop = asyncio.new_event_loop()
    listeners = relay.listen(gate.ensure(bench.offset), [port])
    task = loop.create_task(relay.serve(listeners))

    def work() -> None:
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.run_until_complete(loop.shutdown_asyncgens())

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        loop.close()
        for listener in listeners:
            listener.close()


@pytest.fixture
def api() -> Iterator[socket.socket]:
    """Listen on loopback, as an API does."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        server.settimeout(5)
        yield server


@pytest.mark.parametrize("name", ["web", "peer", "twin"])
def test_a_server_reaches_an_api_through_the_gate(town: Town, api: socket.socket, name: str) -> None:
    port = api.getsockname()[1]
    question, answer = bytes(300_000), bytes(500_000)
    with relayed(town.bench, port):
        client = town[name].connect(town.outside(1), port, timeout=5)
        assert client
        taken, _ = api.accept()

        def say() -> None:
            client.sendall(question)
            client.shutdown(socket.SHUT_WR)

        saying = threading.Thread(target=say)
        saying.start()
        with taken:
            assert len(read(taken)) == len(question)
            # Who has said everything still listens.
            taken.sendall(answer)
        assert len(read(client)) == len(answer)
        saying.join()


def test_the_gate_leads_to_no_other_port(town: Town, api: socket.socket) -> None:
    with relayed(town.bench, api.getsockname()[1]), socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        assert not town["web"].reaches(town.outside(1), other.getsockname()[1])


def test_an_api_that_is_away_hangs_up(town: Town, api: socket.socket) -> None:
    port = api.getsockname()[1]
    with relayed(town.bench, port):
        api.close()
        client = town["web"].connect(town.outside(1), port, timeout=5)
        assert client
        assert read(client) == b""


def test_whoever_wants_to_go_further_is_told_at_once(town: Town) -> None:
    began = time.monotonic()
    assert not town["web"].reaches("192.0.2.1", 80, timeout=10)
    assert time.monotonic() - began < 5


def test_a_gate_that_somebody_removed_is_made_anew(town: Town) -> None:
    bench = town.bench
    links.run("ip", "netns", "delete", gate.namespace(bench.offset))
    bench.apply()
    assert town["web"].pings(town.outside(1))
    assert len(kernel.links(gate.namespace(bench.offset))) == len(("lo", "public"))


def read(connection: socket.socket) -> bytes:
    """Read until the other side has said everything."""
    connection.settimeout(10)
    return b"".join(iter(lambda: connection.recv(1 << 16), b""))
