"""The clusters that tests are about: the businesses' own, and small changes to them."""

from collections.abc import Mapping
from typing import Any

from cecf.plan import Catalog, ClusterPlan, Flavor, plan_cluster
from cecf.settings import StackSettings, load_settings
from cecf.settings.layers import merge
from stacks import BUSINESSES

FLAVORS = {
    "m1.medium": Flavor(id="flavor-m1-medium", vcpus=2, ram_mib=4096, disk_gib=40),
    "m1.large": Flavor(id="flavor-m1-large", vcpus=4, ram_mib=8192, disk_gib=80),
    "r1.large": Flavor(id="flavor-r1-large", vcpus=4, ram_mib=32768, disk_gib=80),
}

CATALOG = Catalog(
    image_id="image-cecf-node",
    flavors=FLAVORS,
    external_network_id="network-public",
    network_id="network-shared",
    subnet_id="subnet-shared-v4",
)
"""A cloud that has what every business names, under ids that never change."""


def layer(business: str = "dev", cluster: Mapping[str, Any] | None = None, **top: object) -> dict[str, Any]:
    """Return a stack file's layer: the least that one says, with `cluster` and other keys besides."""
    return {"business": business, "cloud": business, **({"cluster": cluster} if cluster else {}), **top}


def settings(business: str = "dev", cluster: Mapping[str, Any] | None = None, **top: object) -> StackSettings:
    """Return a business's settings with a stack file's changes."""
    return load_settings(layer(business, cluster, **top), BUSINESSES[business].profile).settings


def plan(business: str = "dev", cluster: Mapping[str, Any] | None = None, **top: object) -> ClusterPlan:
    """Return the plan of a business's cluster with a stack file's changes."""
    return plan_cluster(settings(business, cluster, **top).cluster, CATALOG)


def changed(cluster: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cluster's settings with `change` laid over them."""
    return merge(cluster, change)
