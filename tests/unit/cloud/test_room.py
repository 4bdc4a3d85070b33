"""What is missing of a project's quotas, in words and with the command that raises it."""

import pytest
from openstack.block_storage.v3.volume import Volume
from openstack.compute.v2.server import Server
from openstack.network.v2.floating_ip import FloatingIP
from openstack.network.v2.security_group import SecurityGroup

from cecf.cloud.owned import OWNER_KEY
from cecf.cloud.quotas import UNLIMITED, Room, raising
from cecf.cloud.room import Need, holdings, shortage
from cecf.plan.demand import Item, server, volume
from tests.helpers.fake_cloud import PROJECT, FakeCloud

OWNER = "cecf-stack:dev"
MINE = {OWNER_KEY: OWNER}


@pytest.mark.parametrize(
    ("room", "amount", "lacks"),
    [
        (Room(limit=10, used=7), 3, 0),
        (Room(limit=10, used=7), 5, 2),
        (Room(limit=0, used=0), 1, 1),
        (Room(limit=10, used=12), 1, 3),
        (Room(limit=UNLIMITED, used=900), 100, 0),
    ],
)
def test_a_quota_lacks_what_is_used_and_needed_beyond_it(room: Room, amount: int, lacks: int) -> None:
    assert Need(quota="cores", amount=amount, room=room).lacks == lacks


def test_a_quota_of_each_object_does_not_add_them_up() -> None:
    assert Need(quota="server_group_members", amount=10, room=Room(limit=8, used=5), each=True).lacks == 2


def test_a_quota_that_cannot_be_seen_lacks_nothing_that_anybody_knows_of() -> None:
    assert Need(quota="cores", amount=10, room=None).lacks == 0


@pytest.mark.parametrize(
    ("quota", "command"),
    [
        ("ram", "openstack quota set --ram 9 p"),
        ("gigabytes_ssd", "openstack quota set --gigabytes 9 --volume-type ssd p"),
        ("per_volume_gigabytes", "openstack quota set --per-volume-gigabytes 9 p"),
        ("security_group_rule", "openstack quota set --secgroup-rules 9 p"),
        ("member", "openstack loadbalancer quota set --member 9 p"),
    ],
)
def test_each_quota_is_raised_by_the_command_of_its_service(quota: str, command: str) -> None:
    assert raising(quota, 9, "p") == command


def test_a_shortage_is_one_line_with_all_amounts() -> None:
    room = Room(limit=10240, used=4096)
    assert str(shortage(Need(quota="ram", amount=8192, room=room), room, "p")) == (
        "the project's quota of ram lacks 2048 MiB; 8192 MiB needed, 10240 allowed, 4096 used. "
        "Mend: have an administrator run: openstack quota set --ram 12288 p"
    )


def test_what_the_stack_has_is_known_by_its_names_and_nothing_of_others_is() -> None:
    flavor = {"original_name": "m1.small", "vcpus": 1, "ram": 2048}
    cloud = FakeCloud(
        servers=[
            Server(id="1", name="a", metadata=MINE, flavor=flavor),
            Server(id="2", name="b", metadata={OWNER_KEY: "cecf-stack:other"}, flavor=flavor),
        ],
        volumes=[Volume(id="3", name="v", metadata=MINE, size=10, volume_type="ssd")],
        floating_ips=[FloatingIP(id="4", floating_ip_address="192.0.2.9", description=OWNER, project_id=PROJECT)],
        security_groups=[
            SecurityGroup(id="5", name="g", description=OWNER, project_id=PROJECT, security_group_rules=[{}, {}])
        ],
    )
    assert list(holdings(cloud.connection, OWNER)) == [
        server("a", "m1.small", 1, 2048),
        volume("v", "ssd", 10),
        Item(noun="floating IP", name="", takes={"floatingip": 1}),
        Item(noun="security group", name="g", takes={"security_group": 1, "security_group_rule": 2}),
    ]
