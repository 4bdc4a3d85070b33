"""What the settings name is found in the cloud, or everything that is missing is said at once."""

from collections.abc import Mapping
from typing import Any, Literal

import pytest
from keystoneauth1.exceptions import ConnectFailure
from openstack.block_storage.v3.type import Type
from openstack.compute.v2.availability_zone import AvailabilityZone
from openstack.compute.v2.flavor import Flavor
from openstack.image.v2.image import Image
from openstack.load_balancer.v2.availability_zone import AvailabilityZone as BalancerZone
from openstack.load_balancer.v2.flavor import Flavor as BalancerFlavor
from openstack.load_balancer.v2.provider import Provider
from openstack.network.v2.network import Network
from openstack.network.v2.security_group import SecurityGroup
from openstack.network.v2.subnet import Subnet

from cecf import plan
from cecf.cloud import CloudUnavailableError, look_up, look_up_flavors
from cecf.problems import InvalidInputError, Problem
from tests.helpers import clusters
from tests.helpers.fake_cloud import FakeCloud

IMAGE = "cecf-node-1.34"
OWNER = "cecf-stack:test"


@pytest.fixture
def cloud() -> FakeCloud:
    """Return a cloud that has what dev and smartcity name."""
    return FakeCloud(
        zones=[AvailabilityZone(name=name, state={"available": True}) for name in ("az1", "az2", "az3")],
        flavors=[Flavor(id="f1", name="m1.medium", vcpus=2, ram=4096, disk=40)],
        images=[Image(id="i1", name=IMAGE, status="active")],
        volume_types=[Type(id="t1", name="ssd"), Type(id="t2", name="hdd")],
        networks=[
            Network(id="n1", name="public", is_router_external=True),
            Network(id="n2", name="shared", is_router_external=False),
        ],
        balancer_providers=[Provider(name="amphora"), Provider(name="ovn")],
        balancer_flavors=[
            BalancerFlavor(id="b1", name="standby", is_enabled=True),
            BalancerFlavor(id="b2", name="old", is_enabled=False),
        ],
        balancer_zones=[BalancerZone(name="room1", is_enabled=True), BalancerZone(name="room2", is_enabled=False)],
        subnets=[Subnet(id="s1", name="shared-v4", network_id="n2", cidr="10.60.0.0/16")],
    )


def refused(cloud: FakeCloud, business: str = "dev", cluster: Mapping[str, Any] | None = None) -> dict[str, Problem]:
    """Return the problems with a business's settings, by path."""
    with pytest.raises(InvalidInputError) as caught:
        look_up(cloud.connection, clusters.settings(business, cluster), OWNER)
    return {problem.path: problem for problem in caught.value.problems}


def test_a_created_network_needs_image_flavors_and_the_external_network(cloud: FakeCloud) -> None:
    assert look_up(cloud.connection, clusters.settings("dev"), OWNER) == plan.Catalog(
        image_id="i1",
        flavors={"m1.medium": plan.Flavor(id="f1", name="m1.medium", vcpus=2, ram_mib=4096, disk_gib=40)},
        external_network_id="n1",
    )


def test_an_existing_network_is_found_with_its_subnet(cloud: FakeCloud) -> None:
    found = look_up(cloud.connection, clusters.settings("smartcity"), OWNER)
    assert (found.network_id, found.subnet_id, found.external_network_id) == ("n2", "s1", None)


def test_the_catalog_has_flavors_that_nobody_named_since_a_better_one_may_be_among_them(cloud: FakeCloud) -> None:
    cloud.flavors.append(Flavor(id="f9", name="m1.huge", vcpus=64, ram=1, disk=1))
    assert look_up(cloud.connection, clusters.settings("dev"), OWNER).flavors.keys() == {"m1.medium", "m1.huge"}


def test_every_missing_name_is_reported_at_once() -> None:
    pool = {"worker_pools": {"general": {"flavor": "c1.large", "zones": ["az9"]}}}
    assert refused(FakeCloud(), "dev", pool).keys() == {
        "cluster.zones[0]",
        "cluster.zones[1]",
        "cluster.zones[2]",
        "cluster.worker_pools.general.zones[0]",
        "cluster.etcd.volume.type",
        "cluster.image",
        "cluster.control_plane.flavor",
        "cluster.worker_pools.general.flavor",
        "cluster.network.nodes.external_network",
    }


def test_a_near_miss_is_offered_as_a_command(cloud: FakeCloud) -> None:
    problem = refused(cloud, "dev", {"control_plane": {"flavor": "m1.meduim"}})["cluster.control_plane.flavor"]
    assert "'m1.meduim'" in problem.what
    assert problem.mend == "pulumi config set --path 'cecf:cluster.control_plane.flavor' m1.medium"


def test_a_name_like_no_other_is_answered_with_what_there_is(cloud: FakeCloud) -> None:
    problem = refused(cloud, "dev", {"etcd": {"volume": {"type": "platinum"}}})["cluster.etcd.volume.type"]
    assert problem.why == "there is hdd, ssd"


def test_what_etcd_names_besides_is_looked_for_too(cloud: FakeCloud) -> None:
    etcd = {
        "topology": "external",
        "flavor": "e1.large",
        "wal_volume": {"type": "nvme"},
        "events": {"flavor": "e1.small", "volume": {"type": "tape"}},
    }
    assert refused(cloud, "dev", {"etcd": etcd}).keys() == {
        f"cluster.etcd.{path}" for path in ("flavor", "wal_volume.type", "events.flavor", "events.volume.type")
    }


def test_the_flavor_of_etcd_s_own_servers_is_looked_for_though_nobody_has_named_it(cloud: FakeCloud) -> None:
    large = {"control_plane": {"flavor": "m1.large"}, "worker_pools": {"general": {"flavor": "m1.large"}}}
    cloud.flavors[:] = [Flavor(id="f2", name="m1.large", vcpus=4, ram=8192, disk=80)]
    look_up(cloud.connection, clusters.settings("dev", large), OWNER)
    assert refused(cloud, "dev", {"etcd": {"topology": "external"}, **large}).keys() == {"cluster.etcd.flavor"}


def test_a_cloud_without_any_flavor_says_so() -> None:
    assert "no flavor at all" in refused(FakeCloud())["cluster.control_plane.flavor"].why


def test_a_zone_that_is_down_is_as_good_as_none(cloud: FakeCloud) -> None:
    cloud.zones[1] = AvailabilityZone(name="az2", state={"available": False})
    assert refused(cloud).keys() == {"cluster.zones[1]"}


def test_two_images_of_one_name_are_refused(cloud: FakeCloud) -> None:
    cloud.images.append(Image(id="i2", name=IMAGE, status="active"))
    assert refused(cloud)["cluster.image"].what == f"2 images are called '{IMAGE}'"


def test_an_image_that_is_not_active_does_not_count(cloud: FakeCloud) -> None:
    cloud.images.append(Image(id="i2", name=IMAGE, status="queued"))
    assert look_up(cloud.connection, clusters.settings("dev"), OWNER).image_id == "i1"


def test_another_minor_of_kubernetes_is_another_image(cloud: FakeCloud) -> None:
    cloud.images.append(Image(id="i5", name="cecf-node-1.35", status="active", cecf_kubernetes_version="1.35"))
    wanted = clusters.settings("dev", {"kubernetes_version": "1.35.4"})
    assert look_up(cloud.connection, wanted, OWNER).image_id == "i5"
    patched = clusters.settings("dev", {"kubernetes_version": "1.34.2"})
    assert look_up(cloud.connection, patched, OWNER).image_id == "i1"


def test_no_image_of_another_minor_is_offered_for_one_that_is_missing(cloud: FakeCloud) -> None:
    problem = refused(cloud, "dev", {"kubernetes_version": "1.35.4"})["cluster.image"]
    assert problem.what == "the project sees no image 'cecf-node-1.35'"
    assert problem.mend == "pulumi config set --path 'cecf:cluster.image' '<an-image-with-kubernetes-1.35>'"


def test_an_image_that_says_that_it_is_for_another_minor_is_refused(cloud: FakeCloud) -> None:
    cloud.images.append(Image(id="i6", name="mine", status="active", cecf_kubernetes_version="1.34.4"))
    problem = refused(cloud, "dev", {"kubernetes_version": "1.35.4", "image": "mine"})["cluster.image"]
    assert problem.what == "'mine' has Kubernetes 1.34.4, the cluster is to have 1.35"
    assert problem.mend == "pulumi config set --path 'cecf:cluster.image' cecf-node-1.35"
    assert look_up(cloud.connection, clusters.settings("dev", {"image": "mine"}), OWNER).image_id == "i6"


def test_two_networks_of_one_name_are_refused(cloud: FakeCloud) -> None:
    cloud.networks.append(Network(id="n3", name="shared", is_router_external=False))
    assert "2 networks" in refused(cloud, "smartcity")["cluster.network.nodes.network"].what


def test_a_router_leads_to_an_external_network_only(cloud: FakeCloud) -> None:
    cloud.networks[0].is_router_external = False
    assert "external network" in refused(cloud)["cluster.network.nodes.external_network"].what


def test_a_subnet_of_another_network_is_not_found(cloud: FakeCloud) -> None:
    cloud.subnets[0].network_id = "n1"
    assert refused(cloud, "smartcity").keys() == {"cluster.network.nodes.subnet"}


def test_a_range_that_differs_from_the_subnet_s_is_refused_with_the_right_one(cloud: FakeCloud) -> None:
    cloud.subnets[0].cidr = "10.60.0.0/20"
    problem = refused(cloud, "smartcity")["cluster.network.nodes.cidr"]
    assert problem.mend == "pulumi config set --path 'cecf:cluster.network.nodes.cidr' 10.60.0.0/20"


def test_a_subnet_of_ipv6_is_refused_like_any_other_range(cloud: FakeCloud) -> None:
    cloud.subnets[0].cidr = "2001:db8::/64"
    assert refused(cloud, "smartcity").keys() == {"cluster.network.nodes.cidr"}


def test_two_subnets_of_one_name_are_refused(cloud: FakeCloud) -> None:
    cloud.subnets.append(Subnet(id="s2", name="shared-v4", network_id="n2", cidr="10.60.0.0/16"))
    assert "2 subnets" in refused(cloud, "smartcity")["cluster.network.nodes.subnet"].what


def own_subnet(cidr: str, owner: str = OWNER) -> Subnet:
    """Return the subnet that an earlier run made for the dev cluster."""
    return Subnet(id="s9", name="dev-subnet", network_id="n9", cidr=cidr, description=owner)


def test_a_cluster_s_network_keeps_its_range(cloud: FakeCloud) -> None:
    cloud.subnets.append(own_subnet("10.11.0.0/24"))
    problem = refused(cloud)["cluster.network.nodes.cidr"]
    assert problem.what == "the stack's cluster has the range 10.11.0.0/24 and cannot get 10.10.0.0/24"
    assert problem.mend == "pulumi config set --path 'cecf:cluster.network.nodes.cidr' 10.11.0.0/24"


@pytest.mark.parametrize("subnet", [own_subnet("10.10.0.0/24"), own_subnet("10.11.0.0/24", "cecf-stack:other")])
def test_the_same_range_or_another_stack_s_network_is_no_problem(cloud: FakeCloud, subnet: Subnet) -> None:
    cloud.subnets.append(subnet)
    assert look_up(cloud.connection, clusters.settings("dev"), OWNER).image_id == "i1"


def test_a_service_that_does_not_answer_is_told_in_one_line(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(_cloud: FakeCloud) -> Any:
        raise ConnectFailure("Unable to establish connection to http://127.0.0.1:8774\nand more")

    monkeypatch.setattr(FakeCloud, "compute", property(silent))
    with pytest.raises(CloudUnavailableError) as caught:
        look_up(cloud.connection, clusters.settings("dev"), OWNER)
    assert str(caught.value).startswith("the cloud 'dev' does not answer: Unable to establish connection to http")
    assert "\n" not in str(caught.value)


def test_a_cluster_keeps_its_name(cloud: FakeCloud) -> None:
    cloud.security_groups.append(SecurityGroup(id="g1", name="old-control-plane", description=OWNER))
    problem = refused(cloud)["cluster.name"]
    assert problem.what == "the stack's cluster has the name old and cannot get dev"
    assert problem.mend == "pulumi config set --path 'cecf:cluster.name' old"


@pytest.mark.parametrize(
    ("pool", "refuses"), [(("10.60.0.10", "10.60.1.0"), True), (("10.60.1.16", "10.60.9.0"), False)]
)
def test_a_reserved_range_that_neutron_hands_out_is_refused(
    cloud: FakeCloud,
    pool: tuple[str, str],
    refuses: bool,  # noqa: FBT001 (a parameter of a test)
) -> None:
    cloud.subnets[0].allocation_pools = [{"start": pool[0], "end": pool[1]}]
    if refuses:
        assert "is not kept free" in refused(cloud, "smartcity")["cluster.network.nodes.reserved"].what
    else:
        assert look_up(cloud.connection, clusters.settings("smartcity"), OWNER).network_id == "n2"


FLOATING = {"access": "floating_ip", "allowed_cidrs": ["192.0.2.0/24"]}


def test_the_network_of_the_floating_ip_must_be_there_and_external(cloud: FakeCloud) -> None:
    for name in ("internet", "shared"):
        change = {"control_plane": {"endpoint": {**FLOATING, "external_network": name}}}
        assert refused(cloud, "smartcity", change).keys() == {"cluster.control_plane.endpoint.external_network"}
    found = {"control_plane": {"endpoint": {**FLOATING, "external_network": "public"}}}
    assert look_up(cloud.connection, clusters.settings("smartcity", found), OWNER).network_id == "n2"


def test_without_a_floating_ip_its_network_is_not_looked_for(cloud: FakeCloud) -> None:
    change = {"control_plane": {"endpoint": {"external_network": "internet"}}}
    assert look_up(cloud.connection, clusters.settings("dev", change), OWNER).external_network_id == "n1"


def test_a_misspelt_network_of_the_floating_ip_brings_the_one_that_was_meant(cloud: FakeCloud) -> None:
    change = {"control_plane": {"endpoint": {**FLOATING, "external_network": "pubic"}}}
    (found,) = refused(cloud, "dev", change).values()
    assert "public" in f"{found.why} {found.mend}"


BALANCED = "cluster.control_plane.endpoint"


def balanced(**values: str) -> dict[str, Any]:
    """Return a change by which Octavia leads to the API."""
    return {"control_plane": {"endpoint": {"kind": "load_balancer", "load_balancer": values}}}


def test_a_load_balancer_s_flavor_is_found_by_its_name(cloud: FakeCloud) -> None:
    change = balanced(flavor="standby", availability_zone="room1")
    assert look_up(cloud.connection, clusters.settings("dev", change), OWNER).load_balancer_flavor_id == "b1"
    assert look_up(cloud.connection, clusters.settings("dev", balanced()), OWNER).load_balancer_flavor_id is None


def test_what_octavia_does_not_have_is_said_all_at_once(cloud: FakeCloud) -> None:
    found = refused(cloud, "dev", balanced(provider="amfora", flavor="standbye", availability_zone="room9"))
    assert {path.rsplit(".", 1)[1]: problem.what for path, problem in found.items()} == {
        "provider": "the project sees no load balancer provider 'amfora'",
        "flavor": "the project sees no load balancer flavor 'standbye'",
        "availability_zone": "the project sees no availability zone of load balancers 'room9'",
    }
    assert found[f"{BALANCED}.load_balancer.provider"].mend.endswith(" amphora")


def test_what_octavia_s_operator_has_disabled_is_not_there(cloud: FakeCloud) -> None:
    found = refused(cloud, "dev", balanced(flavor="old", availability_zone="room2"))
    assert found.keys() == {f"{BALANCED}.load_balancer.flavor", f"{BALANCED}.load_balancer.availability_zone"}


def test_a_cloud_without_octavia_and_a_credential_that_may_not_use_it_are_told_apart(cloud: FakeCloud) -> None:
    cloud.octavia = "absent"
    (found,) = refused(cloud, "dev", balanced(flavor="standby")).values()
    assert (found.path, found.what) == (f"{BALANCED}.kind", "the cloud has no load balancers")
    assert found.mend == f"pulumi config set --path 'cecf:{BALANCED}.kind' virtual_address"
    cloud.octavia = "forbidden"
    (found,) = refused(cloud, "dev", balanced()).values()
    assert (found.path, found.what) == (f"{BALANCED}.kind", "this credential may not use load balancers")
    assert "load-balancer_member" in found.mend


@pytest.mark.parametrize("octavia", ["absent", "forbidden"])
def test_octavia_is_not_asked_for_where_it_is_not_used(
    cloud: FakeCloud, octavia: Literal["absent", "forbidden"]
) -> None:
    cloud.octavia = octavia
    assert look_up(cloud.connection, clusters.settings("dev"), OWNER).image_id == "i1"


def test_flavors_alone_need_nothing_else_of_the_cloud(cloud: FakeCloud) -> None:
    cloud.images, cloud.networks = [], []
    found = look_up_flavors(cloud.connection, clusters.settings("dev"))
    assert found == {"m1.medium": plan.Flavor(id="f1", name="m1.medium", vcpus=2, ram_mib=4096, disk_gib=40)}


def test_a_flavor_that_is_not_there_is_refused_alone_too(cloud: FakeCloud) -> None:
    with pytest.raises(InvalidInputError, match=r"sees no flavor 'm1\.large'"):
        look_up_flavors(cloud.connection, clusters.settings("finance"))
