"""What a stack has of a setting, and which layer has set it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cecf.plan.tuning import machines
from cecf.settings import load_settings, read_profile
from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.cluster import tune
from cecf.tuning.effective import Effective, effective
from cecf.tuning.explain import find
from cecf.tuning.model import Formula
from tests.helpers import clusters

IN_CLUSTER = "cluster.tuning.values"
IN_POOL = "cluster.worker_pools.general.tuning"


def found(
    name: str, cluster: Mapping[str, Any], business: Mapping[str, Any] | None = None, *, flavors: bool = False
) -> dict[str, Effective]:
    """Return a setting's value in each place of dev's cluster with a stack file's and a business's changes."""
    profile = clusters.changed(read_profile("dev"), {"cluster": business or {}})
    loaded = load_settings(clusters.layer("dev", cluster), profile)
    settings = loaded.settings.cluster
    tuning, problems = tune(settings.wishes, machines(settings, clusters.FLAVORS) if flavors else None)
    assert problems == []
    (setting,) = [CATALOGUE[name]] if name in CATALOGUE else find(name).settings
    return {each.place: each for each in effective(setting, tuning, settings.wishes, loaded.origins)}


def test_what_every_node_has_is_told_for_the_control_plane_and_each_pool() -> None:
    places = found("kubelet.podPidsLimit", {})
    assert list(places) == ["control_plane", "worker_pools.general"]
    assert {each.layer for each in places.values()} == {"base"}
    assert all(each.from_base for each in places.values())


def test_what_the_cluster_has_once_is_told_once() -> None:
    assert list(found("etcd.snapshot-count", {})) == ["cluster"]


def test_a_formula_stays_one_until_flavors_are_known() -> None:
    before, after = found("kubelet.maxPods", {}), found("kubelet.maxPods", {}, flavors=True)
    assert isinstance(before["control_plane"].value, Formula)
    assert before["control_plane"].data()["formula"] == str(before["control_plane"].value)
    assert {place: each.value for place, each in after.items()} == {"control_plane": 118, "worker_pools.general": 120}


def test_the_profile_that_differs_is_named_with_the_place_where_it_is_chosen() -> None:
    one = found("kubelet.maxParallelImagePulls", {"tuning": {"profile": "edge"}})["worker_pools.general"]
    assert (one.value, one.layer, one.location, one.written_in) == (
        2,
        "profile edge",
        "cluster.tuning.profile",
        "stack file",
    )
    same = found("kubelet.nodeLeaseDurationSeconds", {"tuning": {"profile": "edge"}})["worker_pools.general"]
    assert (same.layer, same.location) == ("base", "")


def test_a_pool_s_profile_is_its_own() -> None:
    change = {"tuning": {"profile": "edge"}, "worker_pools": {"general": {"tuning": {"profile": "throughput"}}}}
    places = found("kubelet.maxParallelImagePulls", change)
    assert [(each.value, each.location) for each in places.values()] == [
        (2, "cluster.tuning.profile"),
        (10, f"{IN_POOL}.profile"),
    ]


def test_a_pool_s_profile_leaves_alone_what_follows_the_cluster() -> None:
    change = {"tuning": {"profile": "latency"}, "worker_pools": {"general": {"tuning": {"profile": "edge"}}}}
    one = found("kubelet.nodeLeaseDurationSeconds", change)["worker_pools.general"]
    assert (one.value, one.layer, one.location) == (20, "profile latency", "cluster.tuning.profile")


def test_a_profile_chosen_by_the_business_is_the_business_s() -> None:
    one = found("kubelet.nodeLeaseDurationSeconds", {}, {"tuning": {"profile": "latency"}})["control_plane"]
    assert (one.value, one.layer, one.written_in) == (20, "profile latency", "business profile")


@pytest.mark.parametrize("in_stack", [True, False])
def test_a_value_that_a_person_gives_names_its_layer_and_its_place(in_stack: bool) -> None:  # noqa: FBT001
    change = {"tuning": {"values": {"kubelet": {"maxPods": 90}}}}
    places = found("kubelet.maxPods", change if in_stack else {}, {} if in_stack else change)
    layer = "stack file" if in_stack else "business profile"
    expected = (90, layer, f"{IN_CLUSTER}.kubelet.maxPods", layer)
    assert {(each.value, each.layer, each.location, each.written_in) for each in places.values()} == {expected}
    assert not any(each.from_base for each in places.values())


def test_a_pool_s_own_value_comes_last() -> None:
    values = {"kubelet": {"evictionHard": {"memory.available": "300Mi"}}}
    own = {"kubelet": {"evictionHard": {"memory.available": "200Mi"}}}
    change = {"tuning": {"values": values}, "worker_pools": {"general": {"tuning": {"values": own}}}}
    places = found("kubelet.evictionHard.memory.available", change)
    assert [(each.value, each.layer) for each in places.values()] == [("300Mi", "stack file"), ("200Mi", "pool")]
    assert places["worker_pools.general"].location == f'{IN_POOL}.values.kubelet.evictionHard["memory.available"]'


def test_a_value_of_the_cluster_beats_a_pool_s_profile() -> None:
    pool = {"general": {"tuning": {"profile": "edge"}}}
    change = {"tuning": {"values": {"kubelet": {"maxParallelImagePulls": 7}}}, "worker_pools": pool}
    assert {each.value for each in found("kubelet.maxParallelImagePulls", change).values()} == {7}


def test_a_structure_that_a_person_gives_has_the_layer_of_what_is_in_it() -> None:
    profiles = [{"schedulerName": "default-scheduler"}]
    one = found("kube-scheduler.profiles", {"tuning": {"values": {"kube-scheduler": {"profiles": profiles}}}})[
        "cluster"
    ]
    assert (one.value, one.layer) == (profiles, "stack file")


def test_what_nothing_sets_is_the_component_s_own() -> None:
    one = found("kube-apiserver.watch-cache-sizes", {})["cluster"]
    assert (one.value, one.layer, one.from_base) == (None, "component's own", True)


def test_a_field_beside_the_catalogue_has_a_layer_too() -> None:
    change = {"tuning": {"values": {"kubelet": {"syncFrequency": "30s"}}}}
    assert {each.layer for each in found("kubelet.syncFrequency", change).values()} == {"stack file"}
    assert {each.layer for each in found("kubelet.syncFrequency", {}).values()} == {"component's own"}


def test_a_setting_of_another_minor_is_nowhere() -> None:
    settings = clusters.settings("dev").cluster
    tuning, _ = tune(settings.wishes)
    gone = replace(CATALOGUE["kubelet.maxPods"], until="1.20")
    assert effective(gone, tuning, settings.wishes, {}) == ()


def test_all_that_is_told_has_names_that_stay() -> None:
    (one,) = found("etcd.snapshot-count", {}).values()
    assert one.data() == {
        "place": "cluster",
        "value": 10_000,
        "formula": None,
        "layer": "base",
        "location": "",
        "written_in": "",
    }
