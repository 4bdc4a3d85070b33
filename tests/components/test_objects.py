"""What every OpenStack object has, whatever it is: a provider, an owner, a way to be replaced, hooks."""

import pytest

from cecf.cloud.owned import OWNER_KEY
from tests.components.conftest import Build
from tests.helpers.engine_spy import Recording, Registration

OWNER = "cecf-stack:dev"

PARTS = {"RouterInterface", "SecGroupRule", "VolumeAttach"}
"""Objects without a place for an owner: each is found through the object that it is part of."""


def owner(item: Registration) -> object:
    """Return the owner that an object carries, wherever its kind keeps it."""
    kind = item.type.split(":")[-1]
    if kind in {"Instance", "Volume"}:
        return item.inputs["metadata"][OWNER_KEY]
    if kind == "ServerGroup":
        return ":".join(item.inputs["name"].split(":")[:2])
    return item.inputs["description"]


def test_every_object_is_made_by_the_stack_s_own_provider(dev: Recording) -> None:
    (provider,) = [r for r in dev.registrations if r.type == "pulumi:providers:openstack"]
    assert {r.provider for r in dev.objects} == {f"{provider.urn}::{provider.name}-id"}


@pytest.mark.parametrize("business", ["dev", "finance"])
def test_the_provider_and_the_check_know_the_name_of_their_business_s_cloud(build: Build, business: str) -> None:
    made = build(business)
    (provider,) = [r for r in made.registrations if r.type == "pulumi:providers:openstack"]
    (check,) = made.of("SpreadCheck")
    assert provider.inputs == {"cloud": business}
    assert check.inputs["cloud"] == business


def test_the_spread_check_has_a_provider_of_its_own_too(dev: Recording) -> None:
    assert [bool(r.provider) for r in dev.of("SpreadCheck")] == [True]


def test_every_object_carries_the_stack_s_mark(dev: Recording) -> None:
    marked = {r.name: owner(r) for r in dev.objects if r.type.split(":")[-1] not in PARTS}
    assert {name: mark for name, mark in marked.items() if mark != OWNER} == {}


def test_every_rule_says_its_name_by_which_a_leftover_is_known(dev: Recording) -> None:
    assert [r.name for r in dev.of("SecGroupRule") if r.inputs["description"] != r.name] == []


def test_every_object_makes_room_before_it_is_replaced(dev: Recording) -> None:
    assert [r.name for r in dev.objects if not r.delete_before_replace] == []


@pytest.mark.parametrize("business", ["dev", "smartcity"])
def test_every_object_clears_its_way_and_explains_its_failure(build: Build, business: str) -> None:
    hooks = {(r.before_create[-1:], r.on_error) for r in build(business).objects}
    assert hooks == {(("cecf-clear-the-way",), ("cecf-explain",))}


def test_the_hooks_that_objects_name_are_registered_with_the_engine(dev: Recording) -> None:
    assert set(dev.hooks) == {"cecf-clear-the-way", "cecf-keep-quorum", "cecf-back-in-quorum"}
    assert set(dev.error_hooks) == {"cecf-explain"}


def test_two_stacks_of_one_business_never_share_a_mark(build: Build) -> None:
    marks = {owner(r) for r in build("finance").objects if r.type.split(":")[-1] not in PARTS}
    assert marks == {"cecf-stack:finance"}


def test_no_object_s_inputs_hold_an_address_of_another_business(dev: Recording, build: Build) -> None:
    own = {r.inputs["cidr"] for r in dev.of("Subnet")}
    others = {r.inputs["cidr"] for business in ("finance", "bigdata") for r in build(business).of("Subnet")}
    assert own == {"10.10.0.0/24"}
    assert not own & others


def test_data_and_keys_are_protected_where_that_is_asked_for_and_nothing_else_is(build: Build, dev: Recording) -> None:
    etcd = {"wal_volume": {}, "backup": {"store": "volume"}}
    kept = {r.name for r in build("dev", {"protect": True, "etcd": etcd}).registrations if r.protect}
    members = [f"dev-control-plane-{n}" for n in (1, 2, 3)]
    assert kept == {f"{node}-{part}" for node in members for part in ("etcd", "wal", "backup")} | {"dev-pki"}
    assert [r.name for r in dev.registrations if r.protect] == []
