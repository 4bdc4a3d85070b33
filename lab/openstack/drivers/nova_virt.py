"""The lab's hypervisor: machines for servers that have a system to boot, and a memory of those that have none."""
# mypy: ignore-errors
# Nova is not installed where this project is type-checked.

import functools
import uuid

from nova import exception
from nova.compute import power_state
from nova.objects import Instance
from nova.virt import driver, fake, hardware
from nova.virt import event as virtevent

from lab.fabric.links import LinkError
from lab.nova_driver.model import MachineError

from .nova_machines import Machines

_NOT_YET_OR_NO_MORE = ("building", "deleted", "soft-delete")


class FakeServers(fake.FakeDriver):
    """Nova's own fake driver with room for large clusters and a memory."""

    vcpus = 4000
    memory_mb = 16_000_000
    local_gb = 6_000_000

    def get_nodenames_by_uuid(self, refresh=False):  # noqa: ARG002, FBT002 (Nova's signature)
        """Name each node by an identity that is the same after every start."""
        return {_identity(node): node for node in self.get_available_nodes()}

    def get_available_resource(self, nodename):
        """Report a node's inventory under that identity."""
        return {**super().get_available_resource(nodename), "uuid": _identity(nodename)}

    def default_root_device_name(self, instance, image_meta, root_bdm):  # noqa: ARG002 (Nova's signature)
        """Name disks as KVM's guests do."""
        return "/dev/vda"

    def get_info(self, instance, use_cache=True):  # noqa: FBT002 (Nova's signature)
        """Take a server that a restart forgot back in the state that the database has."""
        if instance.uuid not in self.instances and instance.vm_state not in _NOT_YET_OR_NO_MORE:
            state = power_state.RUNNING if instance.power_state is None else instance.power_state
            self.instances[instance.uuid] = fake.FakeInstance(instance.name, state, instance.uuid)
        return super().get_info(instance, use_cache)


class LabDriver(FakeServers):
    """Has a machine for each server that can boot; every other server is fake."""

    def init_host(self, host):
        """Take back the machines that have outlived the last nova-compute of this host."""
        super().init_host(host)
        self.machines = Machines(host, self._report_death)

    def spawn(self, context, instance, image_meta, injected_files, *args, **options):
        """Make the server's machine and switch it on."""
        if not self.machines.boots(instance):
            super().spawn(context, instance, image_meta, injected_files, *args, **options)
            return
        disks = driver.block_device_info_get_mapping(options.get("block_device_info"))
        try:
            self.machines.create(instance, image_meta.id, injected_files, options.get("network_info") or (), disks)
            if options.get("power_on", True):
                self.machines.start(instance)
        except (MachineError, LinkError) as error:
            # On another host of this lab it would be the same.
            raise exception.BuildAbortException(instance_uuid=instance.uuid, reason=str(error)) from error

    def finish_migration(self, context, migration, instance, *args, **options):  # noqa: ARG002 (Nova's signature)
        """Take a fake server over; `spawn` would make a machine of it where its new flavor has one."""
        super().spawn(context, instance, None, None, None, None, power_on=options.get("power_on", True))

    def destroy(self, context, instance, network_info, block_device_info=None, destroy_disks=True, **options):  # noqa: FBT002 (Nova's signature)
        """End the server's machine at once, and leave nothing of it."""
        if not self.machines.has(instance):
            super().destroy(context, instance, network_info, block_device_info, destroy_disks, **options)
        elif destroy_disks:
            self.machines.remove(instance)
        else:
            self.machines.cut(instance)

    def power_off(self, instance, timeout=0, retry_interval=0):
        """Press the power button; cut the power after the timeout."""
        if self.machines.has(instance):
            self.machines.stop(instance, timeout, retry_interval)
        else:
            super().power_off(instance, timeout, retry_interval)

    def power_on(self, context, instance, network_info, *args, **options):
        """Switch the machine on, with its ports as they are now."""
        if self.machines.has(instance):
            self.machines.replug(instance, network_info)
            self.machines.start(instance)
        else:
            super().power_on(context, instance, network_info, *args, **options)

    def reboot(self, context, instance, network_info, reboot_type, *args, **options):
        """Stop the machine, politely for a soft reboot, and start it again."""
        if self.machines.has(instance):
            self.machines.reboot(instance, network_info, soft=reboot_type == "SOFT")
        else:
            super().reboot(context, instance, network_info, reboot_type, *args, **options)

    def resume_state_on_host_boot(self, context, instance, network_info, *args, **options):  # noqa: ARG002 (Nova's signature)
        """Start a machine again that ran until this host's power was cut."""
        if self.machines.has(instance):
            self.machines.reboot(instance, network_info, soft=False)

    def pause(self, instance):
        """Have the machine stand still."""
        if self.machines.has(instance):
            self.machines.freeze(instance, frozen=True)

    def unpause(self, instance):
        """Have the machine go on."""
        if self.machines.has(instance):
            self.machines.freeze(instance, frozen=False)

    def get_info(self, instance, use_cache=True):  # noqa: FBT002 (Nova's signature)
        """Look whether the machine runs."""
        if self.machines.has(instance):
            return hardware.InstanceInfo(state=self.machines.power_state(instance))
        return super().get_info(instance, use_cache)

    def list_instance_uuids(self):
        """Name all servers of this host."""
        return [*super().list_instance_uuids(), *self.machines.uuids()]

    def get_console_output(self, context, instance):
        """Give the end of what the machine has written."""
        if self.machines.has(instance):
            return self.machines.console(instance)
        return super().get_console_output(context, instance)

    def attach_volume(self, context, connection_info, instance, mountpoint, *args, **options):
        """Give the machine a block device."""
        if self.machines.has(instance):
            self.machines.attach_volume(instance, connection_info, mountpoint)
        else:
            super().attach_volume(context, connection_info, instance, mountpoint, *args, **options)

    def detach_volume(self, context, connection_info, instance, mountpoint, encryption=None):
        """Take the block device away."""
        if self.machines.has(instance):
            self.machines.detach_volume(instance, connection_info)
        else:
            super().detach_volume(context, connection_info, instance, mountpoint, encryption)

    def extend_volume(self, context, connection_info, instance, requested_size):  # noqa: ARG002 (Nova's signature)
        """Have the machine see the volume's new size."""
        if self.machines.has(instance):
            self.machines.extend_volume(connection_info, requested_size)

    def attach_interface(self, context, instance, image_meta, vif):
        """Give the machine a network interface."""
        if self.machines.has(instance):
            self.machines.attach_interface(instance, vif)
        else:
            super().attach_interface(context, instance, image_meta, vif)

    def detach_interface(self, context, instance, vif):
        """Take a network interface away."""
        if self.machines.has(instance):
            self.machines.detach_interface(instance, vif)
        else:
            super().detach_interface(context, instance, vif)

    def _report_death(self, server):
        self.emit_event(virtevent.LifecycleEvent(server, virtevent.EVENT_LIFECYCLE_STOPPED))


def _not_with_a_machine(name):
    fake_method = getattr(FakeServers, name)

    @functools.wraps(fake_method)
    def method(self, *args, **options):
        instance = next(each for each in (*args, *options.values()) if isinstance(each, Instance))
        if self.machines.has(instance):
            problem = exception.NovaException(f"the lab's machines do not know {name}: make a new server instead")
            # Nova puts the server back into the state that it was in.
            raise exception.InstanceFaultRollback(inner_exception=problem)
        return fake_method(self, *args, **options)

    return method


for _name in ("migrate_disk_and_power_off", "rescue", "resume", "snapshot", "suspend", "swap_volume"):
    setattr(LabDriver, _name, _not_with_a_machine(_name))


def _identity(node):
    # As `host_uuid` in lab/openstack/topology.py, which this copy cannot import.
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, node))
