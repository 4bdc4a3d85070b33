"""Servers with a machine behind them, for a test: made, looked into, and looked for afterwards."""

import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openstack.connection import Connection

from lab.fabric import links
from lab.nova_driver import life, loops
from lab.nova_driver.model import MachineError
from lab.nova_driver.places import Places
from lab.openstack.machines import places
from lab.openstack.site import Site

WITHIN = 300
"""Seconds; a loaded computer boots thirty times slower than an idle one."""

USER_DATA = """\
#cloud-config
write_files:
- path: /etc/cecf-test
  content: from user data
runcmd:
- [sh, -c, "echo cecf-test has run > /dev/console"]
"""


def until(condition: Callable[[], object], *, within: float = WITHIN) -> None:
    """Wait until something is so."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"not within {within} s"
        time.sleep(0.2)


def lab(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the lab's command."""
    return subprocess.run([sys.executable, "-m", "lab", *words], capture_output=True, text=True, check=False)


@dataclass(frozen=True)
class Room:
    """A project with a network, and room for servers in it."""

    cloud: Connection
    network: str

    @property
    def places(self) -> Places:
        """Where the lab keeps its machines."""
        return places(Site.from_environment())

    def boot(self, *, flavor: str = "m1.small", image: str = "cecf-node-1.34", **options: Any) -> Any:
        """Make a server and wait until Nova says that it runs."""
        server = self.create(flavor=flavor, image=image, **options)
        return self.cloud.compute.wait_for_server(server, wait=WITHIN, interval=0.3)

    def create(self, *, flavor: str = "m1.small", image: str = "cecf-node-1.34", **options: Any) -> Any:
        """Ask for a server."""
        return self.cloud.compute.create_server(
            name="machine",
            image_id=self.cloud.image.find_image(image, ignore_missing=False).id,
            flavor_id=self.cloud.compute.find_flavor(flavor, ignore_missing=False).id,
            user_data=b64encode(USER_DATA.encode()).decode(),
            networks=[{"uuid": self.network}],
            **options,
        )

    def inside(self, server: Any, script: str) -> str:
        """Run a script in the machine and return what it printed."""
        done = lab("shell", server.id, "sh", "-c", script)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout.strip()

    def has_booted(self, server: Any, besides: int | None = None) -> None:
        """Wait until cloud-init has done all that it was told; `besides` is the PID 1 of an earlier boot."""
        until(lambda: self.first_process(server) not in (None, besides))
        until(lambda: lab("shell", server.id, "test", "-e", "/run/cloud-init/result.json").returncode == 0)

    def first_process(self, server: Any) -> int | None:
        """Find the machine's PID 1 as it is called out here, when it runs."""
        try:
            return life.first_process(self.places.home(server.id))
        except MachineError:
            return None

    def is_status(self, server: Any, status: str) -> bool:
        """Ask Nova."""
        return bool(self.cloud.compute.get_server(server.id).status == status)

    def wait_for(self, server: Any, status: str) -> None:
        """Wait until Nova says so."""
        until(lambda: self.is_status(server, status))

    def delete(self, server: Any) -> None:
        """Delete a server and wait until it is gone."""
        self.cloud.compute.delete_server(server)
        self.cloud.compute.wait_for_delete(server, interval=0.3, wait=WITHIN)

    def traces(self, server: Any) -> list[str]:
        """List all that this computer still has of a server's machine."""
        found = [str(path) for path in Path("/sys/fs/cgroup").rglob(f"*{server.id}*")]
        found += [
            str(path) for path in (self.places.home(server.id).folder, self.places.disk(server.id)) if path.exists()
        ]
        found += [str(file) for file in loops.below(self.places.pool) if server.id in file.name]
        found += [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if server.id in line]
        found += [path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline") if _mentions(path, server.id)]
        return found

    def taps(self) -> set[str]:
        """List the cables of all machines."""
        inside = links.namespace(self.places.offset)
        return {name for name in links.interfaces(inside) if name.startswith("tap")}


def _mentions(command: Path, word: str) -> bool:
    try:
        return word.encode() in command.read_bytes()
    except OSError:
        return False
