"""What a server says on its console while it becomes a node (`cecf/node/boot.py`)."""

import re
from dataclasses import dataclass

from keystoneauth1.exceptions import ClientException
from openstack.connection import Connection
from openstack.exceptions import SDKException

LINES = 200
"""Of the console's end, in which the newest progress must be."""

_SAID = re.compile(r"cecf-boot: (?P<step>[a-z-]+): (?P<text>.*\S)")


@dataclass(frozen=True, kw_only=True)
class Console:
    """The end of a server's console."""

    lines: tuple[str, ...] = ()

    @property
    def progress(self) -> str:
        """The newest thing that the node said of its boot; empty before it has."""
        said = self._said()
        return f"{said[-1]['step']}: {said[-1]['text']}" if said else ""

    @property
    def gave_up(self) -> bool:
        """Whether the node will not go on by itself."""
        return "node: gave up" in self.progress

    @property
    def done(self) -> bool:
        """Whether the node has said that its boot is done, and begun no other since; others may have said more."""
        done = False
        for said in self._said():
            if said["step"] == "node" or said["text"] == "begins":
                done = said["text"].startswith("done")
        return done

    def _said(self) -> list[re.Match[str]]:
        return [match for line in self.lines if (match := _SAID.search(line))]

    def tail(self, number: int = 12) -> tuple[str, ...]:
        """Return its last lines."""
        return self.lines[-number:]


def console(connection: Connection, server_id: str) -> Console:
    """Return the end of a server's console; an empty one where the cloud gives none."""
    try:
        output = connection.compute.get_server_console_output(server_id, length=LINES) or {}
    except (SDKException, ClientException):
        # A server that is being built has none, and some clouds never give one.
        return Console()
    lines = str(output.get("output") or "").replace("\r", "").splitlines()
    return Console(lines=tuple(line.rstrip() for line in lines if line.strip()))
