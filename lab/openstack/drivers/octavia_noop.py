"""Octavia without amphorae: its VIPs are real ports of Neutron, the rest is Octavia's own no-op."""
# mypy: ignore-errors
# Octavia is not installed where this project is type-checked.

import functools
import os

import sqlalchemy
from octavia.compute.drivers.noop_driver import driver as compute
from octavia.network.drivers.neutron.allowed_address_pairs import AllowedAddressPairsDriver
from octavia.network.drivers.noop_driver import driver as network


def _own_store(_, **options):
    # Both no-op drivers have one file in /tmp built in, which two labs would share.
    return sqlalchemy.create_engine(f"sqlite:///{os.environ['LAB_OCTAVIA_STORE']}", **options)


compute.create_engine = network.create_engine = _own_store


class LabComputeDriver(compute.NoopComputeDriver):
    """Octavia's no-op, with its store in the lab's folder."""


class LabNetworkDriver(network.NoopNetworkDriver):
    """Asks Neutron what Neutron knows, and plugs nothing into amphorae that do not exist."""

    @functools.cached_property
    def neutron(self):
        """Octavia's usual driver; it signs in when it is made, so not before it is needed."""
        return AllowedAddressPairsDriver()


def _from_neutron(name):
    def method(self, *args, **kwargs):
        return getattr(self.neutron, name)(*args, **kwargs)

    return functools.wraps(getattr(network.NoopNetworkDriver, name))(method)


for _name in (
    "allocate_vip",
    "deallocate_vip",
    "get_network",
    "get_network_by_name",
    "get_network_ip_availability",
    "get_port",
    "get_port_by_name",
    "get_qos_policy",
    "get_security_group",
    "get_security_group_by_id",
    "get_subnet",
    "get_subnet_by_name",
    "qos_enabled",
):
    setattr(LabNetworkDriver, _name, _from_neutron(_name))
