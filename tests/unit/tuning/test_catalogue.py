"""Every entry of the catalogue is whole, and true of every Kubernetes minor that is supported."""

from typing import Any

import pytest

from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.cluster import CONTROL_PLANE, Wish, Wishes, tune
from cecf.tuning.model import PROFILES, Component, Formula, Machine, Profile, Setting
from cecf.tuning.owned import owner
from cecf.tuning.tables import TABLED, known, supported

MACHINES = (
    Machine(vcpus=1, ram_mib=1024, disk_gib=10),
    Machine(vcpus=8, ram_mib=32_768, disk_gib=200),
    Machine(vcpus=128, ram_mib=1_048_576, disk_gib=4000, control_plane=True),
)

entries = pytest.mark.parametrize("setting", CATALOGUE.values(), ids=CATALOGUE.keys())
minors = pytest.mark.parametrize("minor", supported())

TYPES = {
    "Boolean": {"boolean"},
    "Integer": {"integer", "number"},
    "Number": {"number"},
    "Duration": {"duration", "string", "map<string>"},
    "Quantity": {"string", "map<string>"},
    "Threshold": {"map<string>"},
    "Choice": {"string"},
    "Text": {"string", "list<string>"},
    "Words": {"list<string>"},
    "Anything": {"list<object>"},
}
"""What a kind is good for, of the tables' types."""


def values(setting: Setting) -> list[Any]:
    """Return every value that the catalogue itself would set."""
    found = [setting.base, *(difference.value for difference in setting.profiles.values())]
    return [
        each for value in found for each in ([value.of(m) for m in MACHINES] if isinstance(value, Formula) else [value])
    ]


@entries
def test_an_entry_s_own_values_are_in_its_range(setting: Setting) -> None:
    assert [fault for value in values(setting) if value is not None and (fault := setting.kind.fault(value))] == []


@entries
def test_an_entry_says_why_and_from_where(setting: Setting) -> None:
    said = [setting.reason, setting.source, *(difference.reason for difference in setting.profiles.values())]
    assert all(text and text == text.strip() and not text.endswith(".") for text in said)
    assert setting.source.startswith(("S0", "S1", "S2", "S3", "S4", "https://"))


@entries
def test_a_profile_differs_where_it_says_so(setting: Setting) -> None:
    assert Profile.BASE not in setting.profiles
    assert [p for p, difference in setting.profiles.items() if difference.value == setting.base] == []


@entries
def test_what_an_entry_rests_on_is_there(setting: Setting) -> None:
    assert [name for name in setting.rests_on if name not in CATALOGUE and not name.startswith("cluster.")] == []
    assert setting.id not in setting.rests_on


@entries
@minors
def test_the_component_knows_the_field_in_every_minor_of_its_window(setting: Setting, minor: str) -> None:
    if setting.component not in TABLED:
        return
    field = known(setting.component, minor).get(setting.field)
    assert (field is not None) is setting.known_to(minor)
    if field:
        assert field.type in TYPES[type(setting.kind).__name__]
        assert field.deprecated is False or "deprecated" in setting.note
        assert owner(setting.component, setting.name) == ""


@minors
@pytest.mark.parametrize("profile", Profile)
def test_no_profile_contradicts_itself_in_any_minor(profile: Profile, minor: str) -> None:
    wishes = Wishes(release=f"{minor}.0", cluster=Wish(profile=profile), pools={"pool": Wish()}, volume_gib=20)
    for worker in MACHINES[:2]:
        assert tune(wishes, {CONTROL_PLANE: MACHINES[2], "pool": worker})[1] == []


def test_every_profile_and_every_component_is_in_use() -> None:
    assert set(PROFILES) == set(Profile)
    assert {profile for setting in CATALOGUE.values() for profile in setting.profiles} == set(Profile) - {Profile.BASE}
    assert {setting.component for setting in CATALOGUE.values()} == set(Component)


def test_a_slice_is_beside_the_pods_and_not_inside_of_another() -> None:
    # systemd puts a-b.slice into a.slice: the weight would be compared with nobody's.
    slices = {setting.field for setting in CATALOGUE.values() if setting.field.endswith(".slice")}
    assert slices
    assert [name for name in slices if "-" in name] == []


def test_three_minors_are_supported_at_least() -> None:
    assert len(supported()) >= 3
