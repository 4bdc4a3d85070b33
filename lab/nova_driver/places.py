"""Where everything of the machines is, below the lab's state."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lab.nova_driver.model import Machine, MachineError


@dataclass(frozen=True)
class Home:
    """One machine's folder."""

    folder: Path

    @property
    def uuid(self) -> str:
        """The server's identity, which its folder is named after."""
        return self.folder.name

    @property
    def launcher(self) -> Path:
        """Which process the machine is."""
        return self.folder / "launcher.json"

    @property
    def console(self) -> Path:
        """What the machine has written since it was switched on."""
        return self.folder / "console.log"

    @property
    def cgroups(self) -> Path:
        """List of the control groups made for it."""
        return self.folder / "cgroups"

    def groups(self) -> list[Path]:
        """Read that list."""
        return [Path(line) for line in self.cgroups.read_text().splitlines()] if self.cgroups.exists() else []

    @property
    def config_drive(self) -> Path:
        """What cloud-init reads, as Nova wrote it."""
        return self.folder / "config_drive"

    @property
    def shims(self) -> Path:
        """What the lab adds to the machine from outside."""
        return self.folder / "shims"

    @property
    def root(self) -> Path:
        """Where its disk is mounted, in its own mount namespace only."""
        return self.folder / "root"

    def exists(self) -> bool:
        """Tell whether there is such a machine."""
        return self._spec.exists()

    def read(self) -> Machine:
        """Read what the machine consists of."""
        try:
            return Machine.from_json(self._spec.read_text())
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise MachineError(f"the machine of server {self.uuid} is lost ({error}): delete the server") from error

    def write(self, machine: Machine) -> None:
        """Keep what the machine consists of."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self._spec.with_suffix(".new")
        new.write_text(machine.to_json())
        new.replace(self._spec)

    @property
    def _spec(self) -> Path:
        return self.folder / "machine.json"


@dataclass(frozen=True)
class Places:
    """A lab's folders for machines, and the shift of its ports that also tells its networks apart."""

    state: Path
    offset: int = 0

    @classmethod
    def from_environment(cls) -> Places:
        """Read what the lab gives its services."""
        return cls(Path(os.environ["CECF_LAB"]), int(os.environ.get("CECF_LAB_PORT_OFFSET") or 0))

    @property
    def folder(self) -> Path:
        """All that belongs to machines; apart from what a reset replaces."""
        return self.state / "machines"

    @property
    def pool_file(self) -> Path:
        """The sparse file that holds all disks."""
        return self.folder / "pool.img"

    @property
    def pool(self) -> Path:
        """Where that file's file system is mounted."""
        return self.folder / "pool"

    @property
    def volumes(self) -> Path:
        """Cinder's volumes: one sparse file each."""
        return self.state / "var/cinder/volumes"

    @property
    def servers(self) -> Path:
        """Where the machines' folders are."""
        return self.folder / "servers"

    def image(self, image_id: str) -> Path:
        """Where Glance keeps an image's bytes."""
        return self.state / "var/glance/images" / image_id

    def base(self, image_id: str) -> Path:
        """An image's copy in the pool, which disks are cloned from."""
        return self.pool / "bases" / f"{image_id}.raw"

    def disk(self, uuid: str) -> Path:
        """A server's disk."""
        return self.pool / "disks" / f"{uuid}.raw"

    def home(self, uuid: str) -> Home:
        """One machine's folder."""
        return Home(self.servers / uuid)

    def homes(self) -> list[Home]:
        """Every machine's folder."""
        return [home for path in sorted(self.servers.glob("*")) if (home := Home(path)).exists()]

    def find(self, name: str) -> Home:
        """Find a machine by its server's name, its identity, or the beginning of that."""
        homes = {home: home.read().name for home in self.homes()}
        found = [home for home in homes if homes[home] == name or home.uuid == name]
        found = found or [home for home in homes if home.uuid.startswith(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise MachineError(f"{name} means {len(found)} machines; one of: {' '.join(home.uuid for home in found)}")
        raise MachineError(f"no machine {name}; there are: {' '.join(sorted(homes.values())) or 'none'}")
