"""Carries servers' connections from the gate to the APIs, which stay on loopback.

A socket belongs for ever to the namespace in which it was made: those that listen are the gate's, those that go on to
an API are this machine's. Nothing else joins the two, and only the ports that are named here.
usage: python -m lab.fabric.relay OFFSET PORT...
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Iterator

from . import gate, kernel

_HOST = "127.0.0.1"
_CHUNK = 1 << 16
_BACKLOG = 128

_tasks: set[asyncio.Task[None] | None] = set()


def main() -> None:
    """Relay until the end."""
    offset, *ports = (int(word) for word in sys.argv[1:])
    listeners = listen(gate.ensure(offset), ports)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    asyncio.run(serve(listeners))


def listen(namespace: str, ports: list[int]) -> list[socket.socket]:
    """Listen in a namespace, at whatever address it has or will have."""
    with kernel.inside(namespace):
        listeners = [socket.socket() for _ in ports]
    for listener, port in zip(listeners, ports, strict=True):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # All that there is besides the gate's one address is its own loopback.
        listener.bind(("", port))
        listener.listen(_BACKLOG)
    return listeners


async def serve(listeners: list[socket.socket]) -> None:
    """Carry each connection to the port of the same number on loopback."""
    servers = [await asyncio.start_server(_carry, sock=listener, limit=_CHUNK) for listener in listeners]
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    port = writer.get_extra_info("sockname")[1]
    with _kept(), contextlib.suppress(OSError), contextlib.closing(writer):
        far_reader, far_writer = await asyncio.open_connection(_HOST, port, limit=_CHUNK)
        with contextlib.closing(far_writer):
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))


@contextlib.contextmanager
def _kept() -> Iterator[None]:
    """Keep this task: asyncio forgets it, in its midst, when the caller is gone and the API has not answered yet."""
    task = asyncio.current_task()
    _tasks.add(task)
    try:
        yield
    finally:
        _tasks.discard(task)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what is said until there is no more, and that there is no more."""
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()
    writer.write_eof()


if __name__ == "__main__":
    main()
