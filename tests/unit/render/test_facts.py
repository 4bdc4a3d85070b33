"""What stands in for facts before a run: never shorter than real ones, so that what fits once fits always."""

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cecf import render
from cecf.plan import ClusterPlan, NodePlan
from cecf.render import NodeFacts, placeholder
from cecf.render.node import document
from cecf.settings import businesses
from tests.helpers import clusters

EVERY_KIND = {"control_plane": {"count": 5}, "etcd": {"topology": "external", "events": {}, "wal_volume": {}}}


def every_shape() -> Iterator[tuple[ClusterPlan, NodePlan]]:
    """Yield a node of each kind, in its plan."""
    stacked = clusters.plan("dev", {"control_plane": {"count": 5}, "etcd": {"wal_volume": {}}})
    yield stacked, stacked.control_plane.nodes[0]
    external = clusters.plan("dev", EVERY_KIND)
    for pool in external.pools:
        yield external, pool.nodes[-1]


@pytest.mark.parametrize("business", businesses())
def test_a_document_made_before_the_run_is_at_least_as_long_as_the_node_s(business: str) -> None:
    plan = clusters.committed(business)
    for node in plan.nodes:
        assert len(document(plan, node, placeholder(node))) >= len(document(plan, node, clusters.real_facts(node)))


def test_compressed_too_it_is_at_least_as_long_for_every_kind_of_node() -> None:
    for plan, node in every_shape():
        facts = (placeholder(node), clusters.real_facts(node))
        stand_in, known = (gzip.compress(document(plan, node, each).encode(), 9) for each in facts)
        assert len(stand_in) >= len(known), node.name


def test_it_is_always_the_same() -> None:
    node = clusters.plan("dev").nodes[0]
    assert placeholder(node) == placeholder(node)


def test_it_has_what_the_node_will_have() -> None:
    for _, node in every_shape():
        stand_in, known = placeholder(node), clusters.real_facts(node)
        assert stand_in.volumes.keys() == known.volumes.keys()
        assert _keys(stand_in) == _keys(known), node.name


def _keys(facts: NodeFacts) -> set[str]:
    """Return for what a node has keys of etcd."""
    return {use for use in ("server", "peer", "client") if getattr(facts.etcd, use, None)}


def test_a_node_that_does_not_fit_is_refused_before_the_run() -> None:
    plan = clusters.plan("dev")
    node = plan.nodes[-1]
    labels = {f"example.org/{n}": hashlib.sha256(str(n).encode()).hexdigest()[:63] for n in range(2000)}
    with pytest.raises(render.UserDataTooLongError):
        render.user_data(plan, replace(node, labels=labels), placeholder(node))
