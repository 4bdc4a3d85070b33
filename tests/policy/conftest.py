"""The businesses' programs as the rules see them."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from policy.rules.model import Resource
from tests.components.conftest import Build, build
from tests.helpers import clusters
from tests.helpers.policy_view import resources

BALANCED: Mapping[str, Any] = {
    "control_plane": {
        "endpoint": {"kind": "load_balancer", "access": "floating_ip", "allowed_cidrs": ["198.18.0.0/20"]}
    }
}
"""A change that puts a load balancer before the API servers."""

_EXTERNAL = {"control_plane": {"endpoint": {"external_network": "public"}}}

__all__ = ["build"]

See = Callable[..., list[Resource]]


@pytest.fixture(scope="session")
def see(build: Build) -> See:
    """Return a way to see a business's program; what is seen once is kept."""
    seen: dict[str, list[Resource]] = {}

    def run(business: str, cluster: Mapping[str, Any] = clusters.REACHABLE) -> list[Resource]:
        key = repr((business, cluster))
        if key not in seen:
            # Where an existing network's router leads to has to be said.
            more = _EXTERNAL if business == "smartcity" else {}
            seen[key] = resources(build(business, clusters.changed(cluster, more)))
        return seen[key]

    return run


def alone(kind: str, *, name: str = "it", within: str = "", **props: Any) -> Resource:
    """Return a resource of no program; `within`: the types that it is a child of, each with a `$` at its end."""
    return Resource(urn=f"urn:pulumi:some-stack::cecf::{within}{kind}::{name}", type=kind, name=name, props=props)
