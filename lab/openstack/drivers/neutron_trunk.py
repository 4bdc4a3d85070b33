"""Trunk driver whose trunks and sub-ports are ready at once."""
# mypy: ignore-errors
# Neutron is not installed where this project is type-checked.

from neutron.objects.trunk import Trunk
from neutron.services.trunk.drivers import base
from neutron_lib import constants
from neutron_lib.api.definitions import portbindings
from neutron_lib.callbacks import events, registry, resources
from neutron_lib.context import get_admin_context
from neutron_lib.plugins import directory
from neutron_lib.services.trunk import constants as trunks


class LabTrunkDriver(base.DriverBase):
    """Stands for the Open vSwitch agent."""

    def __init__(self):
        kinds = (trunks.SEGMENTATION_TYPE_VLAN,)
        super().__init__("lab", (portbindings.VIF_TYPE_OVS,), kinds, None, can_trunk_bound_port=True)

    @property
    def is_loaded(self):
        """Serve whatever the configuration says."""
        return True

    @registry.receives(resources.TRUNK_PLUGIN, [events.AFTER_INIT])
    def register(self, resource, event, trigger, payload=None):
        """Listen for trunks and sub-ports once the plugin is there."""
        super().register(resource, event, trigger, payload=payload)
        registry.subscribe(_settle_trunk, resources.TRUNK, events.AFTER_CREATE)
        registry.subscribe(_settle_subports, resources.SUBPORTS, events.AFTER_CREATE)


def _settle_trunk(resource, event, trigger, payload):  # noqa: ARG001 (the registry's signature)
    _settle(payload.resource_id, payload.states[0].sub_ports)


def _settle_subports(resource, event, trigger, payload):  # noqa: ARG001 (the registry's signature)
    _settle(payload.resource_id, payload.metadata["subports"])


def _settle(trunk_id, subports):
    context = get_admin_context()
    ports = directory.get_plugin()
    for subport in subports or ():
        ports.update_port_status(context, subport.port_id, constants.PORT_STATUS_ACTIVE)
    if trunk := Trunk.get_object(context, id=trunk_id):
        trunk.update(status=trunks.TRUNK_ACTIVE_STATUS)
