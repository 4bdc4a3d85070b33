"""The clusters that tests are about: the businesses' own, and small changes to them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cecf.pki.keys import ADMIN, GROUPS, Api, KeyPair, Pki, client_kubeconfig
from cecf.pki.make import Leaf, make_leaf, make_pki
from cecf.plan import Catalog, ClusterPlan, Flavor, NodePlan, Role, plan_cluster
from cecf.plan.catalog import ObjectStorage
from cecf.render import NodeFacts
from cecf.render.facts import EtcdKeys
from cecf.settings import StackSettings, load_settings, read_config, read_profile
from cecf.settings.layers import merge

ROOT = Path(__file__).parents[2]

FLAVORS = {
    "m1.medium": Flavor(id="flavor-m1-medium", name="m1.medium", vcpus=2, ram_mib=4096, disk_gib=40),
    "m1.large": Flavor(id="flavor-m1-large", name="m1.large", vcpus=4, ram_mib=8192, disk_gib=80),
    "r1.large": Flavor(id="flavor-r1-large", name="r1.large", vcpus=4, ram_mib=32768, disk_gib=80),
}

CATALOG = Catalog(
    image_id="image-cecf-node",
    flavors=FLAVORS,
    external_network_id="network-public",
    network_id="network-shared",
    subnet_id="subnet-shared-v4",
    object_storage=ObjectStorage(
        auth_url="https://keystone.example/v3", region="RegionOne", path="/v1/AUTH_0123456789abcdef"
    ),
    load_balancer_flavor_id="octavia-flavor",
)
"""A cloud that has what every business names, under ids that never change."""


def with_flavor(name: str, *, vcpus: int, ram_mib: int, disk_gib: int) -> Catalog:
    """Return the cloud with another size for a flavor."""
    flavor = Flavor(id=f"flavor-{name}", name=name, vcpus=vcpus, ram_mib=ram_mib, disk_gib=disk_gib)
    return replace(CATALOG, flavors={**FLAVORS, name: flavor})


_PAIR = KeyPair(certificate="(certificate)\n", key="(key)\n")

FACTS = NodeFacts(
    pki=Pki(
        kubernetes=_PAIR,
        front_proxy=_PAIR,
        etcd=_PAIR,
        service_account=KeyPair(certificate="(public key)\n", key="(key)\n"),
        backup_password="11" * 32,
        token_seed="00" * 32,
        encryption_keys=("(encryption key)",),
    ),
    volumes={"/var/lib/etcd": "5e1d0d3c-0f5a-4c1e-9a53-000000000001"},
    etcd=EtcdKeys(authority="(certificate)\n", server=_PAIR, peer=_PAIR, client=_PAIR),
)
"""What a run would find out; the keys are no keys."""


@cache
def pki() -> Pki:
    """Return real keys, the same ones at every call; making them is quick but not free."""
    return make_pki("dev")


@cache
def admin(keys: Pki) -> KeyPair:
    """Return a certificate of a cluster's administrator, the same one at every call."""
    leaf = Leaf(common_name="dev-admin", organizations=(GROUPS[ADMIN],), usages=("client",))
    return make_leaf(keys.kubernetes, leaf)


def admin_kubeconfig(keys: Pki, cluster: str, url: str, server_name: str) -> str:
    """Return the administrator's kubeconfig."""
    api = Api(cluster=cluster, url=url, server_name=server_name, authorities=keys.kubernetes.certificate)
    return client_kubeconfig(api, ADMIN, admin(keys))


def facts(node: NodePlan) -> NodeFacts:
    """Return the facts of a node: only a member of etcd has volumes, and only a control plane is its client."""
    volumes = {
        volume.mount: f"5e1d0d3c-0f5a-4c1e-9a53-{number:012}" for number, volume in enumerate(node.volumes, start=1)
    }
    keys = EtcdKeys(
        authority="(certificate)\n",
        server=_PAIR if node.is_member else None,
        peer=_PAIR if node.is_member else None,
        client=_PAIR if node.role is Role.CONTROL_PLANE else None,
    )
    return replace(FACTS, volumes=volumes, etcd=keys if node.role is not Role.WORKER else None)


def real_facts(node: NodePlan) -> NodeFacts:
    """Return the facts of a node with real keys."""
    known = facts(node)
    return replace(known, pki=pki(), etcd=known.etcd and _signed(known.etcd, node.name, str(node.address)))


@cache
def _signed(wanted: EtcdKeys, name: str, address: str) -> EtcdKeys:
    addresses = ("127.0.0.1", address)
    leaf = Leaf(common_name=name, dns_names=("localhost",), addresses=addresses, usages=("server", "client"))
    return EtcdKeys(
        authority=pki().etcd.certificate,
        server=wanted.server and make_leaf(pki().etcd, leaf),
        peer=wanted.peer and make_leaf(pki().etcd, leaf),
        client=wanted.client and make_leaf(pki().etcd, leaf),
    )


FLOATING_IP = "198.18.0.10"
"""What a cloud gives for an endpoint that is reached from outside."""

REACHABLE: Mapping[str, Any] = {
    "control_plane": {"endpoint": {"access": "floating_ip", "allowed_cidrs": ["198.18.0.0/20"]}}
}
"""A change with which the program reaches the API, so waits for it and installs add-ons."""


def layer(business: str = "dev", cluster: Mapping[str, Any] | None = None, **top: object) -> dict[str, Any]:
    """Return a stack file's layer: the least that one says, with `cluster` and other keys besides."""
    return {"business": business, "cloud": business, **({"cluster": cluster} if cluster else {}), **top}


def settings(business: str = "dev", cluster: Mapping[str, Any] | None = None, **top: object) -> StackSettings:
    """Return a business's settings with a stack file's changes."""
    return load_settings(layer(business, cluster, **top), read_profile(business)).settings


def plan(business: str = "dev", cluster: Mapping[str, Any] | None = None, **top: object) -> ClusterPlan:
    """Return the plan of a business's cluster with a stack file's changes."""
    return plan_cluster(settings(business, cluster, **top).cluster, CATALOG)


def stack_file(business: str) -> dict[str, Any]:
    """Return what a business's stack file configures, as it is committed."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / f"Pulumi.{business}.yaml").read_text())["config"]
    return loaded


def committed(business: str) -> ClusterPlan:
    """Return the plan of a business's cluster as its stack file has it."""
    cluster = load_settings(_layer_of_file(business), read_profile(business)).settings.cluster
    return plan_cluster(cluster, CATALOG)


def _layer_of_file(business: str) -> dict[str, Any]:
    """Return a stack file's layer, read as the engine reads it: what is no text it gives as JSON."""
    values = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in stack_file(business).items()
    }
    return read_config(values)


def changed(cluster: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cluster's settings with `change` laid over them."""
    return merge(cluster, change)
