"""Three layers: field default, business profile, stack file; each value knows where it comes from."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecf.settings import CreatedNetwork, ExistingNetwork, Layer, load_settings
from cecf.settings.layers import leaves, merge
from tests.helpers import clusters

PROFILE: dict[str, Any] = {
    "isolation": "isolated",
    "cluster": {
        "name": "dev",
        "zones": ["az1", "az2"],
        "network": {"nodes": {"kind": "create", "cidr": "10.10.0.0/24"}},
        "worker_pools": {"general": {"count": 2}},
    },
}

EXISTING = {"kind": "existing", "network": "n", "subnet": "s", "cidr": "10.60.0.0/16", "reserved": "10.60.1.0/28"}


def loaded(cluster: dict[str, Any], **top: object) -> Any:
    """Return the settings of a stack file's layer over PROFILE."""
    return load_settings(clusters.layer("dev", cluster, **top), PROFILE)


def test_a_field_default_holds_where_nobody_says_otherwise() -> None:
    result = loaded({})
    assert result.settings.cluster.control_plane.count == 3
    assert result.origins["cluster.control_plane.count"] is Layer.DEFAULT


def test_the_profile_wins_over_the_default() -> None:
    result = loaded({})
    assert result.settings.cluster.worker_pools["general"].count == 2
    assert result.origins["cluster.worker_pools.general.count"] is Layer.PROFILE


def test_the_stack_file_wins_over_the_profile() -> None:
    result = loaded({"worker_pools": {"general": {"count": 7}}})
    assert result.settings.cluster.worker_pools["general"].count == 7
    assert result.origins["cluster.worker_pools.general.count"] is Layer.STACK


def test_a_value_of_the_stack_file_leaves_its_neighbours_to_the_profile() -> None:
    result = loaded({"worker_pools": {"general": {"flavor": "m1.large"}}})
    assert result.settings.cluster.worker_pools["general"].count == 2
    assert result.origins["cluster.worker_pools.general.flavor"] is Layer.STACK
    assert result.origins["cluster.worker_pools.general.count"] is Layer.PROFILE


def test_a_pool_of_the_stack_file_stands_beside_the_profile_s() -> None:
    result = loaded({"worker_pools": {"extra": {"count": 1}}})
    assert result.settings.cluster.worker_pools.keys() == {"general", "extra"}


def test_a_list_replaces_a_list_whole() -> None:
    result = loaded({"zones": ["az9"]})
    assert result.settings.cluster.zones == ("az9",)
    assert result.origins["cluster.zones"] is Layer.STACK


def test_an_empty_list_of_the_stack_file_is_a_value_too() -> None:
    settings = load_settings(
        clusters.layer("dev", {"worker_pools": {"general": {"retired": []}}}),
        {**PROFILE, "cluster": {**PROFILE["cluster"], "worker_pools": {"general": {"retired": [1]}}}},
    )
    assert settings.settings.cluster.worker_pools["general"].retired == frozenset()
    assert settings.origins["cluster.worker_pools.general.retired"] is Layer.STACK


def test_another_kind_replaces_the_whole_mapping() -> None:
    result = loaded({"network": {"nodes": EXISTING}}, isolation="shared")
    nodes = result.settings.cluster.network.nodes
    assert isinstance(nodes, ExistingNetwork)
    assert str(nodes.cidr) == "10.60.0.0/16"
    assert result.origins["cluster.network.nodes.cidr"] is Layer.STACK


def test_the_same_kind_is_laid_over_value_by_value() -> None:
    result = loaded({"network": {"nodes": {"kind": "create", "mtu": 1400}}})
    nodes = result.settings.cluster.network.nodes
    assert isinstance(nodes, CreatedNetwork)
    assert (str(nodes.cidr), nodes.mtu) == ("10.10.0.0/24", 1400)


def test_a_pool_called_kind_is_a_pool_like_any_other() -> None:
    profile = {**PROFILE, "cluster": {**PROFILE["cluster"], "worker_pools": {"general": {}, "kind": {"count": 1}}}}
    result = load_settings(clusters.layer("dev", {"worker_pools": {"kind": {"count": 2}}}), profile)
    assert result.settings.cluster.worker_pools.keys() == {"general", "kind"}


def test_every_value_has_an_origin() -> None:
    result = loaded({"zones": ["az1"], "network": {"nodes": EXISTING}}, isolation="shared")
    assert set(result.origins) == set(leaves(result.settings.model_dump(mode="json")))


@given(st.recursive(st.none() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)))
def test_merging_with_nothing_changes_nothing(value: object) -> None:
    layer = {"a": value}
    assert merge(layer, {}) == merge({}, layer) == layer


def test_merging_leaves_both_layers_as_they_were() -> None:
    lower: dict[str, Any] = {"a": {"b": 1}}
    upper: dict[str, Any] = {"a": {"c": 2}}
    assert merge(lower, upper) == {"a": {"b": 1, "c": 2}}
    assert (lower, upper) == ({"a": {"b": 1}}, {"a": {"c": 2}})


def test_settings_are_frozen() -> None:
    settings = clusters.settings("dev")
    with pytest.raises(ValueError, match="frozen"):
        settings.cloud = "other"  # type: ignore[misc]
