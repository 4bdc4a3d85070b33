"""A hypervisor of no machines, whose servers survive a restart of nova-compute."""
# mypy: ignore-errors
# Nova is not installed where this project is type-checked.

import uuid

from nova.compute import power_state
from nova.virt import fake

_NOT_YET_OR_NO_MORE = ("building", "deleted", "soft-delete")


class LabDriver(fake.FakeDriver):
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

    def get_info(self, instance, use_cache=True):  # noqa: FBT002 (Nova's signature)
        """Take a server that a restart forgot back in the state that the database has."""
        if instance.uuid not in self.instances and instance.vm_state not in _NOT_YET_OR_NO_MORE:
            state = power_state.RUNNING if instance.power_state is None else instance.power_state
            self.instances[instance.uuid] = fake.FakeInstance(instance.name, state, instance.uuid)
        return super().get_info(instance, use_cache)


def _identity(node):
    # As `host_uuid` in lab/openstack/topology.py, which this copy cannot import.
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, node))
