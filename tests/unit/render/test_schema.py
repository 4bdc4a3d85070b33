"""What nodes are told satisfies cloud-init's own schema."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from jsonschema import Draft4Validator

from cecf.render.node import document
from cecf.settings import businesses
from tests.helpers import clusters
from tests.helpers.cloud_init_schema import Schema, load_schema, top_level_keys
from tests.helpers.strategies import CLUSTERS, Cluster, plan_of


@pytest.fixture(scope="session")
def schema() -> Schema:
    """Return the schema of the oldest cloud-init that nodes may have."""
    return load_schema()


def faults(schema: Schema, config: dict[str, Any]) -> list[str]:
    """Return what cloud-init would not understand."""
    unknown = [f"{key}: no module of cloud-init knows it" for key in config.keys() - top_level_keys(schema)]
    return unknown + [f"{error.json_path}: {error.message}" for error in Draft4Validator(schema).iter_errors(config)]


@pytest.fixture
def config() -> dict[str, Any]:
    """Return a node's cloud-config, to be spoilt."""
    plan = clusters.plan("dev")
    loaded: dict[str, Any] = yaml.safe_load(document(plan, plan.nodes[0], clusters.FACTS))
    return loaded


@pytest.mark.parametrize("business", businesses())
def test_every_node_of_every_business_is_told_what_cloud_init_knows(schema: Schema, business: str) -> None:
    plan = clusters.plan(business)
    configs = {node.name: yaml.safe_load(document(plan, node, clusters.facts(node))) for node in plan.nodes}
    assert {name: faults(schema, config) for name, config in configs.items() if faults(schema, config)} == {}


@settings(max_examples=10)
@given(CLUSTERS)
def test_nodes_of_a_cluster_of_any_shape_are_too(schema: Schema, cluster: Cluster) -> None:
    plan = plan_of(cluster)
    assert faults(schema, yaml.safe_load(document(plan, plan.nodes[-1], clusters.FACTS))) == []


def test_a_misspelt_key_is_found(schema: Schema, config: dict[str, Any]) -> None:
    config["write_flies"] = config.pop("write_files")
    assert faults(schema, config) == ["write_flies: no module of cloud-init knows it"]


def test_a_misspelt_key_of_a_file_is_found(schema: Schema, config: dict[str, Any]) -> None:
    config["write_files"][0]["permission"] = "0644"
    (fault,) = faults(schema, config)
    assert fault.startswith("$.write_files[0]: Additional properties are not allowed ('permission' was unexpected)")


def test_a_wrong_type_is_found(schema: Schema, config: dict[str, Any]) -> None:
    config["hostname"] = 7
    # Each module that knows the key says so.
    assert set(faults(schema, config)) == {"$.hostname: 7 is not of type 'string'"}


def test_permissions_as_a_number_are_found(schema: Schema, config: dict[str, Any]) -> None:
    config["write_files"][0]["permissions"] = 0o644
    assert len(faults(schema, config)) == 1
