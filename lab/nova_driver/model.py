"""What a machine consists of, as it is kept beside its disk."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

FIRST_NIC = 3
"""As on a KVM host, where the slots before hold graphics and bridge."""


class MachineError(RuntimeError):
    """What went wrong, and what to do; Nova shows the text as the server's fault."""


@dataclass(frozen=True)
class Nic:
    """A network interface, which is a port of Neutron's."""

    port_id: str
    network_id: str
    mac: str
    mtu: int
    name: str


@dataclass(frozen=True)
class Volume:
    """A Cinder volume, and the name of its device in the machine."""

    id: str
    path: str
    device: str
    size: int

    @property
    def serial(self) -> str:
        """What a KVM guest reads from the device, and names its link after."""
        return self.id[:20]


@dataclass(frozen=True)
class Machine:
    """One machine: enough to start it again whenever it is dead."""

    uuid: str
    name: str
    hostname: str
    host: str
    vcpus: int
    memory_mib: int
    nics: tuple[Nic, ...] = ()
    volumes: tuple[Volume, ...] = ()

    def to_json(self) -> str:
        """Give the text that `from_json` reads."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Machine:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        nics = tuple(Nic(**nic) for nic in fields.pop("nics"))
        volumes = tuple(Volume(**volume) for volume in fields.pop("volumes"))
        return cls(**fields, nics=nics, volumes=volumes)

    def next_nic_name(self) -> str:
        """Name the next interface: the first one free."""
        taken = {nic.name for nic in self.nics}
        names = (f"ens{number}" for number in range(FIRST_NIC, FIRST_NIC + len(taken) + 1))
        return next(name for name in names if name not in taken)

    def with_nic(self, nic: Nic) -> Machine:
        """Add an interface; one of the same port is replaced."""
        return replace(self, nics=(*self.without_nic(nic.port_id).nics, nic))

    def without_nic(self, port_id: str) -> Machine:
        """Take an interface out."""
        return replace(self, nics=tuple(nic for nic in self.nics if nic.port_id != port_id))

    def with_volume(self, volume: Volume) -> Machine:
        """Add a volume; the same one is replaced."""
        return replace(self, volumes=(*self.without_volume(volume.id).volumes, volume))

    def without_volume(self, volume_id: str) -> Machine:
        """Take a volume out."""
        return replace(self, volumes=tuple(volume for volume in self.volumes if volume.id != volume_id))
