"""Waits for something to happen, without looking around."""

from __future__ import annotations

import os
import select
import socket
from dataclasses import dataclass
from pathlib import Path

from . import kernel
from .links import NAMESPACES, LinkError, exists, namespace

_LINKS = 1
"""The kernel's group of news about interfaces (RTMGRP_LINK)."""


@dataclass(frozen=True)
class News:
    """What has happened in a while."""

    links: bool = False
    """Something in the fabric's namespace, or the namespace itself."""
    neutron: bool = False
    """A request that may have changed something."""


class Watch:
    """Listens to the kernel, and looks at the file that Neutron touches."""

    def __init__(self, offset: int, notice: Path | None) -> None:
        self._path = NAMESPACES / namespace(offset)
        self._notice = notice
        self._socket: socket.socket | None = None
        self._seen: tuple[int, ...] = ()
        self._touched = self._touch()

    def told(self) -> bool:
        """Tell whether Neutron tells of changes at all."""
        return self._touched != 0

    def wait(self, seconds: float) -> News:
        """Sleep until the kernel has news, or for so long."""
        listening = [self._socket] if self._socket else []
        ready, _, _ = select.select(listening, [], [], seconds)
        if ready:
            self._drain()
        links = self._follow() or bool(ready)
        before, self._touched = self._touched, self._touch()
        return News(links, self._touched != before)

    def close(self) -> None:
        """Let the namespace go, which lives as long as anybody listens in it."""
        if self._socket:
            self._socket.close()
        self._socket = None

    def _follow(self) -> bool:
        """Listen in the namespace that has the name now; tell whether it is another one."""
        now = self._identity()
        if now == self._seen:
            return False
        self.close()
        try:
            if now:
                self._listen()
        except (LinkError, OSError):
            # It has gone again; the next look finds what there is then.
            now = ()
        self._seen = now
        return True

    def _identity(self) -> tuple[int, ...]:
        try:
            status = self._path.stat() if exists(self._path.name) else None
        except FileNotFoundError:
            status = None
        return (status.st_dev, status.st_ino) if status else ()

    def _listen(self) -> None:
        with kernel.inside(self._path.name):
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._socket.setblocking(False)  # noqa: FBT003 (its signature)
        self._socket.bind((0, _LINKS))

    def _drain(self) -> None:
        while self._socket:
            try:
                self._socket.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError:
                # More news than it could keep: they are all the same to us.
                continue

    def _touch(self) -> int:
        if self._notice is None:
            return 0
        try:
            return os.stat(self._notice).st_mtime_ns  # noqa: PTH116 (twice a second)
        except OSError:
            return 0
