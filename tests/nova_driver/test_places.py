"""Folders, and machines found by name."""

from dataclasses import replace

import pytest

from lab.nova_driver.model import Machine, MachineError
from lab.nova_driver.places import Places


@pytest.fixture
def two(places: Places, machine: Machine) -> Places:
    """Give a lab with two machines."""
    for uuid, name in (("aaaa-1", "node-1"), ("aabb-2", "node-2")):
        places.home(uuid).write(replace(machine, uuid=uuid, name=name))
    return places


@pytest.mark.parametrize("name", ["node-2", "aabb-2", "aab"])
def test_a_machine_is_found_by_name_or_beginning_of_its_id(two: Places, name: str) -> None:
    assert two.find(name).uuid == "aabb-2"


def test_a_name_that_fits_none_or_two_is_refused_with_what_there_is(two: Places) -> None:
    with pytest.raises(MachineError, match="no machine web; there are: node-1 node-2"):
        two.find("web")
    with pytest.raises(MachineError, match="aa means 2 machines; one of: aaaa-1 aabb-2"):
        two.find("aa")


def test_a_folder_that_was_left_half_made_is_no_machine(places: Places) -> None:
    places.home("aaaa-1").folder.mkdir(parents=True)
    assert places.homes() == []
    with pytest.raises(MachineError, match="is lost"):
        places.home("aaaa-1").read()


def test_nobody_else_may_look_into_a_machine_folder(two: Places) -> None:
    assert two.home("aaaa-1").folder.stat().st_mode & 0o777 == 0o700
