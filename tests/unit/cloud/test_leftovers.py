"""What an interrupted run left is removed; what is in use is evidence of a lost state and refused."""

import pytest
from openstack.block_storage.v3.volume import Volume
from openstack.compute.v2.server import Server
from openstack.compute.v2.server_group import ServerGroup
from openstack.load_balancer.v2.listener import Listener
from openstack.load_balancer.v2.load_balancer import LoadBalancer
from openstack.load_balancer.v2.pool import Pool
from openstack.network.v2.floating_ip import FloatingIP
from openstack.network.v2.network import Network
from openstack.network.v2.port import Port
from openstack.network.v2.router import Router
from openstack.network.v2.security_group import SecurityGroup
from openstack.network.v2.security_group_rule import SecurityGroupRule
from openstack.network.v2.subnet import Subnet

from cecf.cloud.leftovers import StateLostError, remove_leftovers
from cecf.cloud.owned import OWNER_KEY
from tests.helpers.fake_cloud import FakeCloud

MINE, OTHER = "cecf-stack:dev", "cecf-stack:dev2"

PORT = "openstack:networking/port:Port"
NETWORK = "openstack:networking/network:Network"
SUBNET = "openstack:networking/subnet:Subnet"
ROUTER = "openstack:networking/router:Router"
SECURITY_GROUP = "openstack:networking/secGroup:SecGroup"
SERVER = "openstack:compute/instance:Instance"
SERVER_GROUP = "openstack:compute/serverGroup:ServerGroup"
VOLUME = "openstack:blockstorage/volume:Volume"
RULE = "openstack:networking/secGroupRule:SecGroupRule"
INTERFACE = "openstack:networking/routerInterface:RouterInterface"
FLOATING_IP = "openstack:networking/floatingIp:FloatingIp"
BALANCER = "openstack:loadbalancer/loadBalancer:LoadBalancer"
LISTENER = "openstack:loadbalancer/listener:Listener"
POOL = "openstack:loadbalancer/pool:Pool"
MEMBERS = "openstack:loadbalancer/members:Members"
MONITOR = "openstack:loadbalancer/monitor:Monitor"
ATTACHMENT = "openstack:compute/volumeAttach:VolumeAttach"


def cloud_of(owner: str = MINE, name: str = "x") -> FakeCloud:
    """Return a cloud with one object of each kind that carries an owner; none is in use."""
    return FakeCloud(
        servers=[Server(id="server-id", name=name, metadata={OWNER_KEY: owner})],
        server_groups=[ServerGroup(id="group-id", name=f"{owner}:{name}", member_ids=[])],
        volumes=[Volume(id="volume-id", name=name, metadata={OWNER_KEY: owner}, attachments=[])],
        networks=[Network(id="network-id", name=name, description=owner)],
        subnets=[Subnet(id="subnet-id", name=name, description=owner)],
        routers=[Router(id="router-id", name=name, description=owner)],
        ports=[Port(id="port-id", name=name, description=owner, device_id="")],
        security_groups=[SecurityGroup(id="secgroup-id", name=name, description=owner)],
        load_balancers=[LoadBalancer(id="balancer-id", name=name, description=owner)],
        listeners=[Listener(id="listener-id", name=name, description=owner)],
        pools=[Pool(id="pool-id", name=name, description=owner)],
    )


WHOLES = [
    pytest.param(SERVER, "x", "server x (server-id)", id="server"),
    pytest.param(SERVER_GROUP, f"{MINE}:x", f"server group {MINE}:x (group-id)", id="server group"),
    pytest.param(VOLUME, "x", "volume x (volume-id)", id="volume"),
    pytest.param(NETWORK, "x", "network x (network-id)", id="network"),
    pytest.param(SUBNET, "x", "subnet x (subnet-id)", id="subnet"),
    pytest.param(ROUTER, "x", "router x (router-id)", id="router"),
    pytest.param(PORT, "x", "port x (port-id)", id="port"),
    pytest.param(SECURITY_GROUP, "x", "security group x (secgroup-id)", id="security group"),
    pytest.param(BALANCER, "x", "load balancer x (balancer-id)", id="load balancer"),
    pytest.param(LISTENER, "x", "listener x (listener-id)", id="listener"),
    pytest.param(POOL, "x", "pool x (pool-id)", id="pool"),
]


@pytest.mark.parametrize(("token", "name", "removed"), WHOLES)
def test_a_leftover_is_removed_and_named(token: str, name: str, removed: str) -> None:
    cloud = cloud_of()
    assert remove_leftovers(cloud.connection, MINE, token, {"name": name}) == [removed]
    (deleted,) = [entry for entry in cloud.log if entry.startswith("delete ")]
    assert deleted.split()[-1] == removed.rsplit("(", 1)[1].rstrip(")")


@pytest.mark.parametrize(("token", "name", "removed"), WHOLES)
def test_an_object_of_another_owner_is_left_alone(token: str, name: str, removed: str) -> None:
    cloud = cloud_of(OTHER)
    assert remove_leftovers(cloud.connection, MINE, token, {"name": name}) == [], removed
    assert cloud.log == []


@pytest.mark.parametrize(("token", "name", "removed"), WHOLES)
def test_an_object_of_another_name_is_left_alone(token: str, name: str, removed: str) -> None:
    cloud = cloud_of(name="y")
    assert remove_leftovers(cloud.connection, MINE, token, {"name": name}) == [], removed
    assert cloud.log == []


def test_a_server_whose_name_begins_with_the_leftover_s_is_left_alone() -> None:
    cloud = cloud_of(name="dev-general-11")
    assert remove_leftovers(cloud.connection, MINE, SERVER, {"name": "dev-general-1"}) == []
    assert cloud.log == []


def test_a_server_and_a_volume_are_waited_for_until_they_are_gone() -> None:
    cloud = cloud_of()
    remove_leftovers(cloud.connection, MINE, SERVER, {"name": "x"})
    remove_leftovers(cloud.connection, MINE, VOLUME, {"name": "x"})
    assert "wait until server server-id is gone" in cloud.log
    assert "wait until volume volume-id is gone" in cloud.log


def busy_port(cloud: FakeCloud) -> None:
    """Have a server own the port."""
    cloud.ports[0].device_id = "server-id"


def busy_volume(cloud: FakeCloud) -> None:
    """Attach the volume."""
    cloud.volumes[0].attachments = [{"server_id": "server-id"}]


def used_volume(cloud: FakeCloud) -> None:
    """Have the volume been attached once, long after it was made."""
    cloud.volumes[0].created_at = "2026-11-21T08:00:00.000000"
    cloud.volumes[0].updated_at = "2026-11-22T09:00:00.000000"


def server_with_a_volume(cloud: FakeCloud) -> None:
    """Attach a volume to the server."""
    cloud.servers[0].attached_volumes = [{"id": "volume-id"}]


def group_with_a_rule(cloud: FakeCloud) -> None:
    """Let somebody in."""
    cloud.security_groups[0].security_group_rules = [{"direction": "egress"}, {"direction": "ingress"}]


def busy_server_group(cloud: FakeCloud) -> None:
    """Put a server into the group."""
    cloud.server_groups[0].member_ids = ["server-id"]


def port_of_a_node(cloud: FakeCloud) -> None:
    """Have a port of a server in the network, the subnet, the group."""
    cloud.ports[0] = Port(
        id="other-port-id",
        name="other",
        device_owner="compute:az1",
        network_id="network-id",
        fixed_ips=[{"subnet_id": "subnet-id"}],
        security_group_ids=["secgroup-id"],
    )


def interface_of_the_router(cloud: FakeCloud) -> None:
    """Have the router lead into a subnet."""
    cloud.ports[0] = Port(id="p", name="", device_owner="network:router_interface", device_id="router-id")


def balancer_with_a_listener(cloud: FakeCloud) -> None:
    """Have the load balancer listen."""
    cloud.load_balancers[0].listeners = [{"id": "listener-id"}]


def listener_with_a_pool(cloud: FakeCloud) -> None:
    """Have the listener lead on."""
    cloud.listeners[0].default_pool_id = "pool-id"


def pool_with_a_member(cloud: FakeCloud) -> None:
    """Put a server behind the load balancer."""
    cloud.pools[0].members = [{"id": "member-id"}]


BUSY = [
    pytest.param(PORT, "x", busy_port, id="port"),
    pytest.param(VOLUME, "x", busy_volume, id="volume"),
    pytest.param(VOLUME, "x", used_volume, id="volume that was used"),
    pytest.param(SERVER, "x", server_with_a_volume, id="server"),
    pytest.param(SECURITY_GROUP, "x", group_with_a_rule, id="security group with a rule"),
    pytest.param(SERVER_GROUP, f"{MINE}:x", busy_server_group, id="server group"),
    pytest.param(NETWORK, "x", port_of_a_node, id="network"),
    pytest.param(SUBNET, "x", port_of_a_node, id="subnet"),
    pytest.param(SECURITY_GROUP, "x", port_of_a_node, id="security group"),
    pytest.param(ROUTER, "x", interface_of_the_router, id="router"),
    pytest.param(BALANCER, "x", balancer_with_a_listener, id="load balancer"),
    pytest.param(LISTENER, "x", listener_with_a_pool, id="listener"),
    pytest.param(POOL, "x", pool_with_a_member, id="pool"),
]


@pytest.mark.parametrize(("token", "name", "make_busy"), BUSY)
def test_what_is_in_use_is_refused_and_nothing_is_changed(token: str, name: str, make_busy: object) -> None:
    cloud = cloud_of()
    assert callable(make_busy)
    make_busy(cloud)
    with pytest.raises(StateLostError, match="the state does not know it; nothing was changed"):
        remove_leftovers(cloud.connection, MINE, token, {"name": name})
    assert cloud.log == []


@pytest.mark.parametrize("device_owner", ["network:dhcp", "network:distributed"])
def test_ports_that_the_cloud_makes_for_itself_do_not_keep_a_network(device_owner: str) -> None:
    cloud = cloud_of()
    cloud.ports[0] = Port(id="dhcp", name="", device_owner=device_owner, network_id="network-id")
    assert remove_leftovers(cloud.connection, MINE, NETWORK, {"name": "x"}) == ["network x (network-id)"]


def test_a_router_s_own_gateway_does_not_keep_it() -> None:
    cloud = cloud_of()
    cloud.ports[0] = Port(id="gateway", name="", device_owner="network:router_gateway", device_id="router-id")
    assert remove_leftovers(cloud.connection, MINE, ROUTER, {"name": "x"}) == ["router x (router-id)"]


def test_a_rule_is_known_by_its_group_and_description() -> None:
    cloud = FakeCloud(
        rules=[
            SecurityGroupRule(id="mine", security_group_id="g", description="etcd"),
            SecurityGroupRule(id="other", security_group_id="g", description="kubelet"),
            SecurityGroupRule(id="elsewhere", security_group_id="h", description="etcd"),
        ]
    )
    inputs = {"securityGroupId": "g", "description": "etcd"}
    assert remove_leftovers(cloud.connection, MINE, RULE, inputs) == ["security rule etcd (mine)"]
    assert [rule.id for rule in cloud.rules] == ["other", "elsewhere"]


def test_a_rule_without_a_description_matches_nothing() -> None:
    cloud = FakeCloud(rules=[SecurityGroupRule(id="default", security_group_id="g", description=None)])
    assert remove_leftovers(cloud.connection, MINE, RULE, {"securityGroupId": "g"}) == []


def test_a_router_s_interface_is_taken_from_the_named_subnet_only() -> None:
    def interface(identifier: str, subnet: str) -> Port:
        return Port(
            id=identifier,
            device_id="router-id",
            device_owner="network:router_interface",
            fixed_ips=[{"subnet_id": subnet}],
        )

    cloud = FakeCloud(routers=[Router(id="router-id", name="x")], ports=[interface("one", "a"), interface("two", "b")])
    inputs = {"routerId": "router-id", "subnetId": "b"}
    assert remove_leftovers(cloud.connection, MINE, INTERFACE, inputs) == ["interface two of router x"]
    assert cloud.log == ["put routers/router-id/remove_router_interface subnet_id=b"]


def test_an_interface_of_a_router_that_is_gone_is_no_leftover() -> None:
    inputs = {"routerId": "gone", "subnetId": "b"}
    assert remove_leftovers(FakeCloud().connection, MINE, INTERFACE, inputs) == []


def test_a_volume_is_detached_from_the_named_server_and_waited_for() -> None:
    cloud = FakeCloud(volumes=[Volume(id="v", name="data", attachments=[{"server_id": "s"}])])
    inputs = {"instanceId": "s", "volumeId": "v"}
    assert remove_leftovers(cloud.connection, MINE, ATTACHMENT, inputs) == ["attachment of volume data (v)"]
    assert cloud.log == ["detach v from s", "wait until volume v is available"]


@pytest.mark.parametrize("attachments", [[], [{"server_id": "another"}]])
def test_a_volume_that_is_not_on_the_named_server_stays_where_it_is(attachments: list[dict[str, str]]) -> None:
    cloud = FakeCloud(volumes=[Volume(id="v", name="data", attachments=attachments)])
    assert remove_leftovers(cloud.connection, MINE, ATTACHMENT, {"instanceId": "s", "volumeId": "v"}) == []
    assert cloud.log == []


def floating_ip(identifier: str, port: str, owner: str) -> FloatingIP:
    """Return a floating IP."""
    return FloatingIP(id=identifier, floating_ip_address="203.0.112.9", port_id=port, description=owner)


def test_a_floating_ip_is_known_by_its_port_and_its_owner() -> None:
    cloud = FakeCloud(
        floating_ips=[
            floating_ip("mine", "port", MINE),
            floating_ip("somebody's", "port", OTHER),
            floating_ip("elsewhere", "another", MINE),
        ]
    )
    inputs = {"portId": "port", "description": MINE}
    assert remove_leftovers(cloud.connection, MINE, FLOATING_IP, inputs) == ["floating IP 203.0.112.9 (mine)"]
    assert cloud.log == ["delete floating IP mine"]


def test_a_free_port_has_no_floating_ip_to_remove() -> None:
    cloud = FakeCloud()
    assert remove_leftovers(cloud.connection, MINE, FLOATING_IP, {"portId": "port", "description": MINE}) == []
    assert cloud.log == []


def test_a_type_that_is_no_object_of_openstack_leaves_nothing() -> None:
    cloud = cloud_of()
    assert remove_leftovers(cloud.connection, MINE, "pulumi:providers:openstack", {"name": "x"}) == []
    assert cloud.log == []


def test_a_volume_that_was_made_just_now_is_a_leftover() -> None:
    cloud = cloud_of()
    cloud.volumes[0].created_at, cloud.volumes[0].updated_at = "2026-11-21T08:00:00.0", "2026-11-21T08:00:03.0"
    assert remove_leftovers(cloud.connection, MINE, VOLUME, {"name": "x"}) == ["volume x (volume-id)"]


@pytest.mark.parametrize(("token", "removed"), [(LISTENER, "listener listener-id"), (POOL, "pool pool-id")])
def test_a_part_of_a_load_balancer_goes_between_two_works_of_octavia_s(token: str, removed: str) -> None:
    cloud = cloud_of()
    cloud.listeners[0].load_balancers = cloud.pools[0].loadbalancers = [{"id": "balancer-id"}]
    cloud.pending = 1
    remove_leftovers(cloud.connection, MINE, token, {"name": "x"})
    idle = "load balancer balancer-id is ACTIVE"
    assert cloud.log == ["load balancer balancer-id is PENDING_UPDATE", idle, f"delete {removed}", idle]


def test_a_health_monitor_is_known_by_its_pool() -> None:
    cloud = cloud_of()
    cloud.pools[0].loadbalancers, cloud.pools[0].health_monitor_id = [{"id": "balancer-id"}], "monitor-id"
    assert remove_leftovers(cloud.connection, MINE, MONITOR, {"poolId": "pool-id"}) == [
        "health monitor monitor-id of pool x"
    ]
    assert "delete health monitor monitor-id" in cloud.log


@pytest.mark.parametrize("pool", ["pool-id", "gone"])
def test_a_pool_without_a_health_monitor_has_none_to_remove(pool: str) -> None:
    cloud = cloud_of()
    assert remove_leftovers(cloud.connection, MINE, MONITOR, {"poolId": pool}) == []
    assert cloud.log == []


def test_a_pool_s_members_are_set_as_one_list_so_those_that_are_there_do_not_stand_in_the_way() -> None:
    cloud = cloud_of()
    pool_with_a_member(cloud)
    assert remove_leftovers(cloud.connection, MINE, MEMBERS, {"poolId": "pool-id"}) == []
    assert cloud.log == []
