"""A stack's objects are found by the mark that each carries, and removed for good."""

from typing import Literal

import pytest
from openstack.block_storage.v3.volume import Volume
from openstack.compute.v2.server import Server
from openstack.compute.v2.server_group import ServerGroup
from openstack.identity.v3.application_credential import ApplicationCredential
from openstack.load_balancer.v2.load_balancer import LoadBalancer
from openstack.network.v2.floating_ip import FloatingIP
from openstack.network.v2.network import Network
from openstack.network.v2.port import Port
from openstack.network.v2.router import Router
from openstack.network.v2.security_group import SecurityGroup
from openstack.network.v2.subnet import Subnet

from cecf.cloud.owned import KINDS, OWNER_KEY, owned, remove, server_group_name
from tests.helpers.fake_cloud import FakeCloud

MINE = "cecf-stack:dev"


def cloud_of(*owners: str) -> FakeCloud:
    """Return a cloud in which each owner has one object of each kind."""
    return FakeCloud(
        servers=[Server(id=f"{o}/1", name="a", metadata={OWNER_KEY: o}) for o in owners],
        volumes=[Volume(id=f"{o}/2", name="b", metadata={OWNER_KEY: o}, attachments=[]) for o in owners],
        floating_ips=[FloatingIP(id=f"{o}/3", name="c", description=o) for o in owners],
        routers=[Router(id=f"{o}/4", name="d", description=o) for o in owners],
        ports=[Port(id=f"{o}/5", name="e", description=o) for o in owners],
        subnets=[Subnet(id=f"{o}/6", name="f", description=o) for o in owners],
        networks=[Network(id=f"{o}/7", name="g", description=o) for o in owners],
        security_groups=[SecurityGroup(id=f"{o}/8", name="h", description=o) for o in owners],
        load_balancers=[LoadBalancer(id=f"{o}/10", name="j", description=o) for o in owners],
        server_groups=[ServerGroup(id=f"{o}/9", name=server_group_name(o, "i")) for o in owners],
        credentials=[ApplicationCredential(id=f"{o}/11", name="k", description=o) for o in owners],
    )


def test_every_kind_is_found_in_an_order_in_which_it_can_be_removed() -> None:
    found = [item.kind.noun for item in owned(cloud_of(MINE).connection, MINE)]
    assert found == [
        "server",
        "volume",
        "floating IP",
        "load balancer",
        "router",
        "port",
        "subnet",
        "network",
        "security group",
        "server group",
        "application credential",
    ]
    assert len(found) == len(KINDS)


def test_a_stack_whose_name_begins_with_another_s_owns_nothing_of_it() -> None:
    cloud = cloud_of("cecf-stack:dev2", "cecf-stack:de", "somebody")
    assert list(owned(cloud.connection, MINE)) == []


def test_servers_and_volumes_of_people_without_metadata_are_nobody_s() -> None:
    cloud = FakeCloud(servers=[Server(id="s", name="mine", metadata={})], volumes=[Volume(id="v", metadata={})])
    assert list(owned(cloud.connection, MINE)) == []


def test_what_an_administrator_sees_of_other_projects_is_not_this_stack_s() -> None:
    cloud = FakeCloud(
        ports=[Port(id="p", description=MINE, project_id="another")],
        networks=[Network(id="n", description=MINE, project_id="another")],
        security_groups=[SecurityGroup(id="g", description=MINE, project_id="another")],
    )
    assert list(owned(cloud.connection, MINE)) == []


def test_removing_everything_leaves_the_other_stack_whole() -> None:
    cloud = cloud_of(MINE, "cecf-stack:finance")
    for item in owned(cloud.connection, MINE):
        remove(cloud.connection, item)
    assert list(owned(cloud.connection, MINE)) == []
    assert len(list(owned(cloud.connection, "cecf-stack:finance"))) == len(KINDS)


def test_a_person_s_own_credentials_are_nobody_s() -> None:
    mine = [ApplicationCredential(id=f"c{n}", name="dev-etcd-backup", description=d) for n, d in enumerate(["", None])]
    assert list(owned(FakeCloud(credentials=mine).connection, MINE)) == []


def test_a_credential_goes_last_since_servers_use_it_to_their_end() -> None:
    cloud = cloud_of(MINE)
    for item in owned(cloud.connection, MINE):
        remove(cloud.connection, item)
    assert cloud.log[-1] == f"delete application credential {MINE}/11"


def test_an_object_is_named_with_kind_name_and_id() -> None:
    (first, *_) = owned(cloud_of(MINE).connection, MINE)
    assert str(first) == f"server a ({MINE}/1)"


def test_a_router_gives_up_its_interfaces_before_it_goes() -> None:
    cloud = FakeCloud(
        routers=[Router(id="r", name="r", description=MINE)],
        ports=[
            Port(id="inside", device_id="r", device_owner="network:router_interface"),
            Port(id="outside", device_id="r", device_owner="network:router_gateway"),
        ],
    )
    (router,) = owned(cloud.connection, MINE)
    remove(cloud.connection, router)
    assert cloud.log == ["put routers/r/remove_router_interface port_id=inside", "delete router r"]


@pytest.mark.parametrize(
    ("servers", "log"),
    [
        pytest.param([Server(id="s", name="s", metadata={})], ["detach v from s"], id="the server is there"),
        pytest.param([], [], id="the server is gone"),
    ],
)
def test_an_attached_volume_is_detached_before_it_goes(servers: list[Server], log: list[str]) -> None:
    volume = Volume(id="v", name="v", metadata={OWNER_KEY: MINE}, attachments=[{"server_id": "s"}])
    cloud = FakeCloud(servers=servers, volumes=[volume])
    (item,) = owned(cloud.connection, MINE)
    remove(cloud.connection, item)
    waits = ["wait until volume v is available", "delete volume v", "wait until volume v is gone"]
    assert cloud.log == [*log, *waits]


def test_a_load_balancer_goes_with_its_parts_as_soon_as_octavia_has_done_with_it() -> None:
    cloud = FakeCloud(load_balancers=[LoadBalancer(id="b", name="b", description=MINE)], pending=1)
    (item,) = owned(cloud.connection, MINE)
    remove(cloud.connection, item)
    assert cloud.log == [
        "load balancer b is PENDING_UPDATE",
        "load balancer b is ACTIVE",
        "delete load balancer b",
        "wait until load balancer b is gone",
    ]


def test_a_load_balancer_that_is_gone_in_the_meantime_is_no_error() -> None:
    cloud = FakeCloud(load_balancers=[LoadBalancer(id="b", name="b", description=MINE)])
    (item,) = owned(cloud.connection, MINE)
    cloud.load_balancers.clear()
    remove(cloud.connection, item)
    assert cloud.log == []


@pytest.mark.parametrize("octavia", ["absent", "forbidden"])
def test_where_octavia_cannot_be_used_nobody_has_load_balancers(octavia: Literal["absent", "forbidden"]) -> None:
    cloud = FakeCloud(octavia=octavia, ports=[Port(id="p", name="p", description=MINE)])
    assert [item.kind.noun for item in owned(cloud.connection, MINE)] == ["port"]
