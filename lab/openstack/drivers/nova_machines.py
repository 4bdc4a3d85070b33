"""Nova's servers as machines: what Nova says of a server becomes what `lab.nova_driver` knows of a machine."""
# mypy: ignore-errors
# Nova is not installed where this project is type-checked.

import copy
import os
import threading
from pathlib import Path

from nova import exception
from nova.api.metadata.base import InstanceMetadata
from nova.compute import power_state
from nova.conf import CONF
from nova.network import model

from lab.nova_driver import cgroups, config_drive, life, live, pool, volumes
from lab.nova_driver.model import Machine, Nic, Volume
from lab.nova_driver.places import Places

# Set by `lab up` on a machine where machines can be.
_SWITCH = "LAB_MACHINES"
_CONSOLE_BYTES = 100 * 1024


class Machines:
    """The machines of one compute host."""

    def __init__(self, host, report_death):
        self.host = host
        self.places = Places.from_environment()
        self._report_death = report_death
        self._expected_to_die = set()
        self._locks = {}
        for home in self._homes():
            if life.is_running(home):
                self._watch(home)

    def boots(self, instance):
        """Tell whether the server has a system to boot, and is not one of a flavor that is fake on purpose."""
        return (
            os.environ.get(_SWITCH) == "yes"
            and bool(instance.image_ref)
            and instance.system_metadata.get("image_cecf_machine") == "nspawn"
            and instance.flavor.extra_specs.get("lab:machine") != "none"
        )

    def has(self, instance):
        """Tell whether the server has a machine."""
        return self._home(instance).exists()

    def power_state(self, instance):
        """Tell whether the server's machine runs."""
        home = self._home(instance)
        if not life.is_running(home):
            return power_state.SHUTDOWN
        return power_state.PAUSED if cgroups.is_frozen(home.groups()) else power_state.RUNNING

    def uuids(self):
        """Name the servers of this host that have a machine."""
        return [home.uuid for home in self._homes()]

    def create(self, instance, image_id, injected_files, network_info, disks):
        """Make the machine of a new server, switched off."""
        machine = Machine(
            uuid=instance.uuid,
            name=instance.display_name,
            hostname=instance.hostname or instance.uuid,
            host=self.host,
            vcpus=instance.flavor.vcpus,
            memory_mib=instance.flavor.memory_mb,
        )
        for vif in network_info:
            machine = machine.with_nic(_nic(vif, machine))
        for disk in disks:
            machine = machine.with_volume(_volume(disk["connection_info"], disk["mount_device"]))
        home = self._home(instance)
        # First, so that what fails from here on is removed with it.
        home.write(machine)
        pool.make_disk(self.places, instance.uuid, image_id, instance.flavor.root_gb)
        metadata = InstanceMetadata(instance, content=injected_files, network_info=_without_dhcp(network_info))
        config_drive.write(home.config_drive, metadata.metadata_for_config_drive())

    def start(self, instance):
        """Switch it on."""
        home = self._home(instance)
        life.start(self.places, home)
        self._watch(home)

    def stop(self, instance, timeout, retry_interval):
        """Switch it off: politely for so long, then by force."""
        home = self._home(instance)
        self._expected_to_die.add(home.uuid)
        if timeout:
            life.ask_to_stop(home, timeout, retry_interval)
        life.power_cut(self.places, home)

    def cut(self, instance):
        """Switch it off by force."""
        self.stop(instance, 0, 0)

    def remove(self, instance):
        """End it and delete all of it."""
        home = self._home(instance)
        self._expected_to_die.add(home.uuid)
        life.remove(self.places, home)

    def reboot(self, instance, network_info, *, soft):
        """Switch it off and on."""
        self.stop(instance, CONF.shutdown_timeout if soft else 0, CONF.compute.shutdown_retry_interval)
        self.replug(instance, network_info)
        self.start(instance)

    def freeze(self, instance, *, frozen):
        """Have it stand still, or go on."""
        cgroups.freeze(self._home(instance).groups(), frozen=frozen)

    def replug(self, instance, network_info):
        """Have it start with these ports, which may have changed while it was off."""
        home = self._home(instance)
        machine = home.read()
        known = {nic.port_id for nic in machine.nics}
        wanted = {vif["id"] for vif in network_info}
        for port in known - wanted:
            machine = machine.without_nic(port)
        for vif in network_info:
            if vif["id"] not in known:
                machine = machine.with_nic(_nic(vif, machine))
        home.write(machine)

    def console(self, instance):
        """Give the end of what it has written."""
        path = self._home(instance).console
        if not path.exists():
            return b""
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - _CONSOLE_BYTES, 0))
            return file.read()

    def attach_volume(self, instance, connection_info, mountpoint):
        """Give it a volume, at once or when it is switched on."""
        home = self._home(instance)
        live.attach_volume(home, _volume(connection_info, mountpoint))

    def detach_volume(self, instance, connection_info):
        """Take a volume from it."""
        live.detach_volume(self.places, self._home(instance), _volume_id(connection_info))

    def extend_volume(self, connection_info, size):
        """Have it see a volume's new size."""
        volumes.provide(Path(connection_info["data"]["path"]), size)

    def attach_interface(self, instance, vif):
        """Give it a network interface."""
        home = self._home(instance)
        live.attach_interface(self.places, home, _nic(vif, home.read()))

    def detach_interface(self, instance, vif):
        """Take a network interface from it."""
        live.detach_interface(self.places, self._home(instance), vif["id"])

    def _home(self, instance):
        return self.places.home(instance.uuid)

    def _homes(self):
        return [home for home in self.places.homes() if home.read().host == self.host]

    def _watch(self, home):
        # Else Nova would believe for ever that a machine runs which has ended by itself.
        self._expected_to_die.discard(home.uuid)
        threading.Thread(target=self._wait, args=(home,), daemon=True, name=f"watch-{home.uuid}").start()

    def _wait(self, home):
        life.wait(home)
        if home.uuid not in self._expected_to_die:
            self._report_death(home.uuid)


def _without_dhcp(network_info):
    # No agent answers DHCP, so the config drive tells what it would: the addresses, and a resolver. Nothing answers at
    # that, since the lab has no way out; but without any, a system has no working DNS at all.
    told = copy.deepcopy(network_info)
    for vif in told:
        for subnet in vif["network"]["subnets"]:
            if subnet["meta"].get("enable_dhcp") and not subnet["dns"] and subnet["gateway"]:
                subnet["dns"] = [model.IP(address=subnet["gateway"]["address"], type="dns")]
            for sign in ("enable_dhcp", "dhcp_server"):
                subnet["meta"].pop(sign, None)
    return told


def _nic(vif, machine):
    network = vif["network"]
    mtu = network.get_meta("mtu") or 1500
    return Nic(vif["id"], network["id"], vif["address"], int(mtu), machine.next_nic_name())


def _volume(connection_info, mountpoint):
    data = connection_info["data"]
    if not data.get("path"):
        raise exception.InvalidVolume(reason="it is of an older lab: detach it, then attach it again")
    return Volume(_volume_id(connection_info), data["path"], Path(mountpoint).name, data["size"])


def _volume_id(connection_info):
    return connection_info.get("serial") or connection_info["data"]["volume_id"]
