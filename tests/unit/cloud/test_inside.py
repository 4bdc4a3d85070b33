"""What a cluster's own controllers make is found by the cluster's name, and nobody else's by it."""

from typing import Any

import pytest
from openstack.block_storage.v3.snapshot import Snapshot
from openstack.block_storage.v3.volume import Volume
from openstack.compute.v2.server import Server
from openstack.load_balancer.v2.load_balancer import LoadBalancer
from openstack.network.v2.floating_ip import FloatingIP
from openstack.network.v2.security_group import SecurityGroup

from cecf.cloud.inside import CLUSTER_KEY, made_inside, others_of_that_name
from cecf.cloud.owned import OWNER_KEY, remove
from tests.helpers.fake_cloud import FakeCloud

MINE = "cecf-stack:dev"


def cloud_of(*clusters: str) -> FakeCloud:
    """Return a cloud in which controllers of each cluster have made one object of each kind."""
    return FakeCloud(
        floating_ips=[
            FloatingIP(
                id=f"{c}/1", description=f"Floating IP for Kubernetes external service default/web from cluster {c}"
            )
            for c in clusters
        ],
        load_balancers=[LoadBalancer(id=f"{c}/2", name=f"kube_service_{c}_default_web") for c in clusters],
        security_groups=[
            SecurityGroup(
                id=f"{c}/3",
                name="lb-sg-0123-default-web",
                description=f"Security Group for default/web Service LoadBalancer in cluster {c}",
            )
            for c in clusters
        ],
        snapshots=[Snapshot(id=f"{c}/4", name="snapshot-1", metadata={CLUSTER_KEY: c}) for c in clusters],
        volumes=[Volume(id=f"{c}/5", name="pvc-1", metadata={CLUSTER_KEY: c}, attachments=[]) for c in clusters],
    )


def test_every_kind_is_found_in_an_order_in_which_it_can_be_removed() -> None:
    found = [(item.kind.noun, item.id) for item in made_inside(cloud_of("dev").connection, "dev")]
    assert found == [
        ("floating IP", "dev/1"),
        ("load balancer", "dev/2"),
        ("security group", "dev/3"),
        ("volume snapshot", "dev/4"),
        ("volume", "dev/5"),
    ]


def test_a_cluster_whose_name_begins_or_ends_as_another_s_has_nothing_of_it() -> None:
    assert list(made_inside(cloud_of("dev2", "de", "my-dev", "kubernetes").connection, "dev")) == []


def test_what_people_have_made_themselves_is_no_controller_s() -> None:
    cloud = FakeCloud(
        floating_ips=[FloatingIP(id="f", description=None), FloatingIP(id="g", description="from cluster dev")],
        security_groups=[SecurityGroup(id="s", name="lb-sg-1", description="mine")],
        volumes=[Volume(id="v", name="pvc-1", metadata={})],
    )
    assert list(made_inside(cloud.connection, "dev")) == []


def test_what_an_administrator_sees_of_other_projects_is_not_this_cluster_s() -> None:
    cloud = cloud_of("dev")
    found: list[Any] = [*cloud.floating_ips, *cloud.load_balancers, *cloud.security_groups]
    for each in found:
        each.project_id = "another"
    assert [item.kind.noun for item in made_inside(cloud.connection, "dev")] == ["volume snapshot", "volume"]


def test_removing_everything_leaves_the_other_cluster_whole() -> None:
    cloud = cloud_of("dev", "finance")
    for item in made_inside(cloud.connection, "dev"):
        remove(cloud.connection, item)
    assert list(made_inside(cloud.connection, "dev")) == []
    assert len(list(made_inside(cloud.connection, "finance"))) == 5
    assert "wait until snapshot dev/4 is gone" in cloud.log


@pytest.mark.parametrize(
    ("name", "owner", "expected"),
    [
        pytest.param("dev-control-plane-1", "cecf-stack:other", True, id="another stack's cluster of that name"),
        pytest.param("dev-control-plane-1", MINE, False, id="this stack's own"),
        pytest.param("dev2-control-plane-1", "cecf-stack:other", False, id="a cluster of another name"),
        pytest.param("dev-control-plane-1", None, False, id="a server that no stack has made"),
    ],
)
def test_two_clusters_of_one_name_are_noticed(name: str, owner: str | None, expected: bool) -> None:  # noqa: FBT001
    metadata = {OWNER_KEY: owner} if owner else {}
    cloud = FakeCloud(servers=[Server(id="s", name=name, metadata=metadata)])
    assert others_of_that_name(cloud.connection, MINE, "dev") is expected
