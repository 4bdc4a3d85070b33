"""ML2 mechanism driver that binds every port at once, where agents would take their time."""
# mypy: ignore-errors
# Neutron is not installed where this project is type-checked.

from neutron_lib import constants
from neutron_lib.api.definitions import portbindings
from neutron_lib.callbacks import events, registry, resources
from neutron_lib.plugins import constants as plugins
from neutron_lib.plugins import directory
from neutron_lib.plugins.ml2 import api

from .neutron_trunk import LabTrunkDriver

_ROUTER_PORTS = (
    constants.DEVICE_OWNER_ROUTER_INTF,
    constants.DEVICE_OWNER_ROUTER_GW,
    constants.DEVICE_OWNER_ROUTER_SNAT,
)


class LabMechanismDriver(api.MechanismDriver):
    """Stands for the agents of layers 2 and 3."""

    def initialize(self):
        """Load the trunk driver and listen for floating IPs."""
        self.trunk = LabTrunkDriver()
        for event in (events.AFTER_CREATE, events.AFTER_UPDATE):
            registry.subscribe(_settle_floating_ip, resources.FLOATING_IP, event)

    @property
    def connectivity(self):
        """Say that ports are joined at layer 2."""
        return portbindings.CONNECTIVITY_L2

    def bind_port(self, context):
        """Bind to the first segment offered."""
        segment = next(iter(context.segments_to_bind))
        details = {portbindings.CAP_PORT_FILTER: True, portbindings.OVS_HYBRID_PLUG: False}
        status = constants.PORT_STATUS_ACTIVE
        context.set_binding(segment[api.ID], portbindings.VIF_TYPE_OVS, details, status=status)

    def create_port_postcommit(self, context):
        """Bring a new router port up."""
        _activate_router_port(context)

    def update_port_postcommit(self, context):
        """Bring a port up that has become a router's."""
        _activate_router_port(context)


def _activate_router_port(context):
    port = context.current
    if port["device_owner"] in _ROUTER_PORTS and port["status"] != constants.PORT_STATUS_ACTIVE:
        request = context._plugin_context  # noqa: SLF001 (no public way to it)
        directory.get_plugin().update_port_status(request, port["id"], constants.PORT_STATUS_ACTIVE)


def _settle_floating_ip(resource, event, trigger, payload):  # noqa: ARG001 (the registry's signature)
    # From a callback: a subclass of the router plugin would be loaded twice, by port_forwarding too.
    address = payload.latest_state or {}
    used = address.get("fixed_port_id") or address.get("port_id")
    status = constants.FLOATINGIP_STATUS_ACTIVE if used else constants.FLOATINGIP_STATUS_DOWN
    router = directory.get_plugin(plugins.L3)
    router.update_floatingip_status(payload.context.elevated(), payload.resource_id, status)
