"""What is kept of a machine."""

from dataclasses import replace

from lab.nova_driver.model import Machine


def test_a_machine_survives_its_file(machine: Machine) -> None:
    assert Machine.from_json(machine.to_json()) == machine


def test_interfaces_are_named_as_on_a_kvm_host_and_names_are_used_again(machine: Machine) -> None:
    first = machine.nics[0]
    second = replace(first, port_id="b", name=machine.next_nic_name())
    assert second.name == "ens4"
    both = machine.with_nic(second)
    assert both.next_nic_name() == "ens5"
    assert both.without_nic(first.port_id).next_nic_name() == "ens3"


def test_a_port_or_volume_is_there_once_however_often_it_is_attached(machine: Machine) -> None:
    assert machine.with_nic(machine.nics[0]).nics == machine.nics
    assert machine.with_volume(machine.volumes[0]).volumes == machine.volumes
    assert machine.without_volume(machine.volumes[0].id).volumes == ()


def test_a_volume_has_the_serial_that_a_kvm_guest_reads(machine: Machine) -> None:
    assert machine.volumes[0].serial == "bea4a7e4-4b67-416d-8"
