"""What stands in for facts before a run: never shorter than real ones, so that what fits once fits always."""

import gzip
import hashlib
from dataclasses import replace

import pytest

from cecf import render
from cecf.plan import NodePlan
from cecf.render import NodeFacts, placeholder
from cecf.render.node import document
from cecf.settings import businesses
from tests.helpers import clusters


def real(node: NodePlan) -> NodeFacts:
    """Return facts as a run finds them out."""
    volume = "5e1d0d3c-0f5a-4c1e-9a53-8b2f1c7d9e01" if node.etcd_volume else None
    return NodeFacts(pki=clusters.pki(), data_volume=volume)


def standing_in(node: NodePlan) -> NodeFacts:
    """Return what stands in for them."""
    return placeholder(data_volume=node.etcd_volume is not None)


@pytest.mark.parametrize("business", businesses())
def test_a_document_made_before_the_run_is_at_least_as_long_as_the_node_s(business: str) -> None:
    plan = clusters.committed(business)
    for node in plan.nodes:
        assert len(document(plan, node, standing_in(node))) >= len(document(plan, node, real(node)))


def test_compressed_too_it_is_at_least_as_long() -> None:
    plan = clusters.plan("dev", {"control_plane": {"count": 5}})
    node = plan.nodes[0]
    stand_in, known = (gzip.compress(document(plan, node, f(node)).encode(), 9) for f in (standing_in, real))
    assert len(stand_in) >= len(known)


def test_it_is_always_the_same() -> None:
    assert placeholder(data_volume=True) == placeholder(data_volume=True)


@pytest.mark.parametrize("volume", [True, False])
def test_it_has_what_the_node_will_have(*, volume: bool) -> None:
    assert (placeholder(data_volume=volume).data_volume is not None) == volume


def test_a_node_that_does_not_fit_is_refused_before_the_run() -> None:
    plan = clusters.plan("dev")
    node = plan.nodes[-1]
    labels = {f"example.org/{n}": hashlib.sha256(str(n).encode()).hexdigest()[:63] for n in range(2000)}
    with pytest.raises(render.UserDataTooLongError):
        render.user_data(plan, replace(node, labels=labels), standing_in(node))
