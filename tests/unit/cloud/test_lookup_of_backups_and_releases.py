"""Where snapshots go is found in the cloud; a release that the cluster cannot be taken to is refused there."""

from dataclasses import replace
from typing import Any

import pytest
from openstack.block_storage.v3.type import Type
from openstack.compute.v2.availability_zone import AvailabilityZone
from openstack.compute.v2.flavor import Flavor
from openstack.compute.v2.server import Server
from openstack.image.v2.image import Image
from openstack.network.v2.network import Network

from cecf.cloud import look_up
from cecf.cloud.owned import OWNER_KEY, RELEASE_KEY
from cecf.plan.catalog import ObjectStorage
from cecf.problems import InvalidInputError, Problem
from tests.helpers import clusters
from tests.helpers.fake_cloud import IDENTITY, FakeCloud

OWNER = "cecf-stack:test"
STORE = "cluster.etcd.backup.store"


@pytest.fixture
def cloud() -> FakeCloud:
    """Return a cloud that has what dev names, in two releases."""
    return FakeCloud(
        zones=[AvailabilityZone(name=name, state={"available": True}) for name in ("az1", "az2", "az3")],
        flavors=[Flavor(id="f1", name="m1.medium", vcpus=2, ram=4096, disk=40)],
        images=[Image(id=f"i{minor}", name=f"cecf-node-1.{minor}", status="active") for minor in (34, 35, 36)],
        volume_types=[Type(id="t1", name="ssd")],
        networks=[Network(id="n1", name="public", is_router_external=True)],
    )


def found(cloud: FakeCloud, **backup: Any) -> ObjectStorage | None:
    """Return the object storage of dev with snapshots."""
    change = {"etcd": {"backup": {"store": "swift", **backup}}}
    return look_up(cloud.connection, clusters.settings("dev", change), OWNER).object_storage


def refused(cloud: FakeCloud, change: dict[str, Any]) -> Problem:
    """Return the one problem with dev's settings."""
    with pytest.raises(InvalidInputError) as caught:
        look_up(cloud.connection, clusters.settings("dev", change), OWNER)
    (problem,) = caught.value.problems
    return problem


def test_the_object_storage_is_found_as_nodes_reach_it(cloud: FakeCloud) -> None:
    assert found(cloud) == ObjectStorage(auth_url=IDENTITY, region="RegionOne", path="/v1/AUTH_0123456789abcdef")


def test_what_is_written_of_the_way_there_goes_before_the_catalogue(cloud: FakeCloud) -> None:
    mine = found(cloud, auth_url="https://10.0.0.1/v3", region="Two")
    assert mine == ObjectStorage(auth_url="https://10.0.0.1/v3", region="Two", path="/v1/AUTH_0123456789abcdef")


def test_a_cloud_without_regions_has_none(cloud: FakeCloud) -> None:
    cloud.region = None
    seen = found(cloud)
    assert seen
    assert seen == replace(seen, region="")


def test_a_cloud_without_object_storage_offers_a_volume(cloud: FakeCloud) -> None:
    del cloud.services["object-store"]
    assert str(refused(cloud, {"etcd": {"backup": {"store": "swift"}}})) == (
        "cecf:cluster.etcd.backup.store: the cloud has no object storage; its catalogue lists no service object-store. "
        "Mend: pulumi config set --path 'cecf:cluster.etcd.backup.store' volume"
    )


@pytest.mark.parametrize("etcd", [{}, {"backup": {"store": "volume"}}])
def test_where_no_snapshots_go_there_nobody_looks_for_it(cloud: FakeCloud, etcd: dict[str, Any]) -> None:
    cloud.services.clear()
    catalog = look_up(cloud.connection, clusters.settings("dev", {"etcd": etcd}), OWNER)
    assert catalog.object_storage is None


VOLUMES = [
    ({"wal_volume": {"type": "nvme"}}, "wal_volume"),
    ({"backup": {"store": "volume", "volume": {"type": "nvme"}}}, "backup.volume"),
    ({"events": {"volume": {"type": "nvme"}}}, "events.volume"),
]


@pytest.mark.parametrize(("etcd", "path"), VOLUMES)
def test_the_type_of_every_volume_must_be_there(cloud: FakeCloud, etcd: dict[str, Any], path: str) -> None:
    assert refused(cloud, {"etcd": etcd}).path == f"cluster.etcd.{path}.type"


FLAVORS = [
    ({"topology": "external", "flavor": "m1.huge"}, "flavor"),
    ({"events": {"flavor": "m1.huge"}}, "events.flavor"),
]


@pytest.mark.parametrize(("etcd", "path"), FLAVORS)
def test_the_flavor_of_etcd_s_own_servers_must_be_there(cloud: FakeCloud, etcd: dict[str, Any], path: str) -> None:
    assert refused(cloud, {"etcd": etcd}).path == f"cluster.etcd.{path}"


def control_plane(release: str | None, *, owner: str = OWNER, pool: str = "control-plane") -> Server:
    """Return a server of a release; one from before there were upgrades does not say it."""
    said = {RELEASE_KEY: release} if release else {}
    return Server(id=f"s{release}", name="s", metadata={OWNER_KEY: owner, "cecf-pool": pool, **said})


def test_a_release_that_leaps_over_one_is_refused(cloud: FakeCloud) -> None:
    cloud.servers = [control_plane("1.34.4")]
    assert refused(cloud, {"kubernetes_version": "1.36.3"}).what == "from 1.34 to 1.36.3 is more than one minor"


def test_the_way_back_is_refused_while_servers_of_the_newer_release_are_there(cloud: FakeCloud) -> None:
    cloud.servers = [control_plane("1.34.4"), control_plane("1.35.4")]
    assert "cecf rollback" in refused(cloud, {}).mend
    # A rollback takes them away first.
    cloud.servers = []
    assert look_up(cloud.connection, clusters.settings("dev"), OWNER).image_id == "i34"


OTHERS = [
    pytest.param(control_plane("1.36.3", owner="cecf-stack:other"), id="another stack's"),
    pytest.param(control_plane("1.36.3", pool="general"), id="a worker"),
    pytest.param(control_plane(None), id="from before there were upgrades"),
    pytest.param(Server(id="x", name="x", metadata={}), id="a person's"),
]


@pytest.mark.parametrize("server", OTHERS)
def test_other_servers_have_no_say_in_the_release(cloud: FakeCloud, server: Server) -> None:
    cloud.servers = [server, control_plane("1.34.4")]
    wanted = clusters.settings("dev", {"kubernetes_version": "1.35.4"})
    assert look_up(cloud.connection, wanted, OWNER).image_id == "i35"


@pytest.mark.parametrize(("held", "taken"), [("1.34.9", True), ("1.34", True), (None, True), ("1.35.4", False)])
def test_an_image_s_word_on_its_release_counts(cloud: FakeCloud, held: str | None, *, taken: bool) -> None:
    properties: dict[str, Any] = {"cecf_kubernetes_version": held} if held else {}
    cloud.images.append(Image(id="mine", name="mine", status="active", **properties))
    if taken:
        assert look_up(cloud.connection, clusters.settings("dev", {"image": "mine"}), OWNER).image_id == "mine"
    else:
        assert refused(cloud, {"image": "mine"}).path == "cluster.image"
