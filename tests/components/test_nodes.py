"""Nodes: the order in which they come, where they may send from, what etcd keeps its data on."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from cecf import render
from cecf.pki.keys import KeyPair
from cecf.plan import NodePlan, Role
from cecf.render.facts import EtcdKeys
from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import Recording

ENDPOINT = "10.10.0.5"


def known(node: NodePlan) -> render.NodeFacts:
    """Return what the spy's cloud tells of a node."""

    def pair(name: str) -> KeyPair:
        return KeyPair(certificate=f"certificate of {name}", key=f"key of {name}")

    member = pair(node.name) if node.is_member else None
    client = pair(f"kube-apiserver-{node.name}") if node.role is Role.CONTROL_PLANE else None
    keys = EtcdKeys(authority=clusters.FACTS.pki.etcd.certificate, server=member, peer=member, client=client)
    return render.NodeFacts(
        pki=clusters.FACTS.pki,
        volumes={volume.mount: f"{volume.name}-id" for volume in node.volumes},
        etcd=keys if node.role is not Role.WORKER else None,
    )


def chain(recording: Recording, servers: list[str]) -> list[set[str]]:
    """Return for each server, in order, which other servers must exist before it."""
    urns = {r.urn: r.name for r in recording.of("Instance")}
    return [{urns[d] for d in recording.one("Instance", s).dependencies if d in urns} for s in servers]


def test_the_servers_of_a_server_group_are_made_one_after_the_other(dev: Recording) -> None:
    one, two, three = (f"dev-control-plane-{ordinal}-server" for ordinal in (1, 2, 3))
    assert chain(dev, [one, two, three]) == [set(), {one}, {two}]
    assert chain(dev, ["dev-general-1-server", "dev-general-2-server"]) == [set(), {"dev-general-1-server"}]


def test_server_groups_do_not_wait_for_each_other(build: Build) -> None:
    grown = build("dev", {"worker_pools": {"general": {"count": 12}}})
    servers = [f"dev-general-{ordinal}-server" for ordinal in (10, 11, 12)]
    assert chain(grown, servers) == [{"dev-general-9-server"}, set(), {"dev-general-11-server"}]


def test_a_server_waits_for_its_port_and_its_server_group(dev: Recording) -> None:
    server = dev.one("Instance", "dev-general-1-server")
    # Its user data holds keys, so these come before it, too.
    (keys,) = dev.of("ClusterPki")
    port, group = dev.one("Port", "dev-general-1-port"), dev.one("ServerGroup", "dev-general-spread-1")
    assert server.dependencies == {port.urn, group.urn, keys.urn}
    assert server.inputs["schedulerHints"] == [{"group": "dev-general-spread-1-id"}]
    assert server.inputs["networks"] == [{"port": "dev-general-1-port-id"}]


def test_no_port_exists_before_the_rules_that_protect_it_and_its_way_out(dev: Recording) -> None:
    needed = {r.urn for r in [*dev.of("SecGroupRule"), *dev.of("RouterInterface")]}
    order = [r.urn for r in dev.registrations]
    last = max(order.index(urn) for urn in needed)
    assert [r.name for r in dev.of("Port") if order.index(r.urn) < last] == []


def test_no_port_outlives_the_rules_that_protect_it_and_its_way_out(dev: Recording) -> None:
    needed = {r.urn for r in [*dev.of("SecGroupRule"), *dev.of("RouterInterface")]}
    assert [r.name for r in dev.of("Port") if not needed <= dev.all_dependencies(r)] == []


def test_control_planes_alone_may_send_from_the_endpoint_s_address(dev: Recording) -> None:
    pairs = {r.name: r.inputs.get("allowedAddressPairs", []) for r in dev.of("Port")}
    endpoint = [{"ipAddress": ENDPOINT}]
    assert pairs == {
        "dev-api": [],
        "dev-control-plane-1-port": endpoint,
        "dev-control-plane-2-port": endpoint,
        "dev-control-plane-3-port": endpoint,
        "dev-general-1-port": [],
        "dev-general-2-port": [],
    }


def test_the_endpoint_s_address_is_held_by_a_port_that_no_server_owns(dev: Recording) -> None:
    assert dev.one("Port", "dev-api").inputs["fixedIps"] == [{"ipAddress": ENDPOINT, "subnetId": "dev-subnet-id"}]
    used = [network["port"] for r in dev.of("Instance") for network in r.inputs["networks"]]
    assert "dev-api-id" not in used


def test_control_planes_have_the_plan_s_addresses_and_workers_whatever_neutron_gives(dev: Recording) -> None:
    ports = {r.name: r.inputs["fixedIps"][0].get("ipAddress") for r in dev.of("Port")}
    expected = {f"{node.name}-port": str(node.address) if node.address else None for node in clusters.plan("dev").nodes}
    assert ports == {**expected, "dev-api": ENDPOINT}


def test_each_control_plane_has_an_etcd_volume_of_the_right_type_attached(build: Build) -> None:
    made = build("finance", {"etcd": {"volume": {"type": "nvme", "size_gib": 30}}})
    servers = [f"finance-control-plane-{ordinal}" for ordinal in (1, 2, 3)]
    volumes = {r.name: (r.inputs["volumeType"], r.inputs["size"]) for r in made.of("Volume")}
    attached = {r.inputs["instanceId"]: r.inputs["volumeId"] for r in made.of("VolumeAttach")}
    assert volumes == {f"{server}-etcd": ("nvme", 30) for server in servers}
    assert attached == {f"{server}-server-id": f"{server}-etcd-id" for server in servers}


@pytest.mark.parametrize("change", [None, {"etcd": {"topology": "external", "events": {}, "wal_volume": {}}}])
def test_a_server_gets_the_plan_s_flavor_zone_and_rendered_user_data(
    build: Build, change: Mapping[str, Any] | None
) -> None:
    plan, made = clusters.plan("dev", change), build("dev", change)
    assert len(made.of("Instance")) == len(plan.nodes)
    for node in plan.nodes:
        inputs = made.one("Instance", f"{node.name}-server").inputs
        data = render.user_data(plan, node, known(node))
        assert (inputs["flavorId"], inputs["availabilityZone"]) == (node.flavor.id, node.zone)
        assert inputs["userData"] == data
        assert inputs["metadata"]["cecf-user-data-sha256"] == hashlib.sha256(data.encode()).hexdigest()


def test_how_the_endpoint_is_reached_from_outside_is_no_matter_of_the_servers(build: Build) -> None:
    inside, outside = ({r.name: r.inputs for r in build("dev", c).of("Instance")} for c in (None, clusters.REACHABLE))
    assert inside == outside


def test_a_volume_exists_before_the_server_that_is_told_of_it(dev: Recording) -> None:
    server = dev.one("Instance", "dev-control-plane-2-server")
    assert dev.one("Volume", "dev-control-plane-2-etcd").urn in server.dependencies
    assert dev.one("Volume", "dev-control-plane-1-etcd").urn not in server.dependencies


WAL = {"etcd": {"wal_volume": {"type": "nvme", "size_gib": 4}, "volume": {"size_gib": 20}}}


def test_a_log_s_own_volume_is_attached_after_that_of_the_data(build: Build) -> None:
    made = build("dev", WAL)
    volumes = {r.name: (r.inputs["volumeType"], r.inputs["size"]) for r in made.of("Volume")}
    assert len(volumes) == 6
    for node in ("dev-control-plane-1", "dev-control-plane-3"):
        assert (volumes[f"{node}-etcd"], volumes[f"{node}-wal"]) == (("ssd", 20), ("nvme", 4))
        data, wal = (made.one("VolumeAttach", f"{node}-{use}-attachment") for use in ("etcd", "wal"))
        # Nova names the disks in the order in which they come.
        assert data.urn in wal.dependencies
        assert {wal.inputs["instanceId"], data.inputs["instanceId"]} == {f"{node}-server-id"}
        assert (data.inputs["volumeId"], wal.inputs["volumeId"]) == (f"{node}-etcd-id", f"{node}-wal-id")


def test_user_data_comes_on_a_drive_and_needs_no_metadata_service(dev: Recording) -> None:
    assert [r.name for r in dev.of("Instance") if r.inputs.get("configDrive") is not True] == []


def test_no_node_gets_a_key_pair_or_a_password(dev: Recording) -> None:
    for server in dev.of("Instance"):
        assert not {"keyPair", "adminPass"} & server.inputs.keys()
        assert b"password" not in base64.b64decode(server.inputs["userData"])


def test_another_flavor_replaces_a_server_instead_of_resizing_it(dev: Recording) -> None:
    assert [r.name for r in dev.of("Instance") if "flavorId" not in r.replace_on_changes] == []


def test_a_server_has_time_to_boot_from_an_image_that_its_host_has_not_had(dev: Recording) -> None:
    assert {r.create_timeout for r in dev.of("Instance")} == {"15m"}


@pytest.mark.parametrize(("wish", "policy"), [("preferred", "soft-anti-affinity"), ("required", "anti-affinity")])
def test_a_pool_s_server_group_is_as_hard_as_its_setting(build: Build, wish: str, policy: str) -> None:
    made = build("dev", {"worker_pools": {"general": {"anti_affinity": wish}}})
    assert made.one("ServerGroup", "dev-general-spread-1").inputs["policies"] == policy
    assert made.one("ServerGroup", "dev-control-plane-spread-1").inputs["policies"] == "anti-affinity"
