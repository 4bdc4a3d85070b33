"""The tree of a cluster: what is made, under which name, below which parent."""

from collections import Counter
from collections.abc import Sequence

from cecf.plan import Role
from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import STACK_TYPE, Recording, Registration

PROVIDERS = {"pulumi:providers:openstack", "pulumi:providers:pulumi-python"}

NODE = "cecf:index:Node"
PORT = "openstack:networking/port:Port"
SERVER = "openstack:compute/instance:Instance"
SERVER_GROUP = "openstack:compute/serverGroup:ServerGroup"
RULE = "openstack:networking/secGroupRule:SecGroupRule"
SECURITY_GROUP = "openstack:networking/secGroup:SecGroup"
VOLUME = "openstack:blockstorage/volume:Volume"
ATTACHMENT = "openstack:compute/volumeAttach:VolumeAttach"
CERTIFICATE = "pulumi-python:dynamic/cecf:Certificate"
MEMBER_READY = "pulumi-python:dynamic/cecf:MemberReady"
TURN = "pulumi-python:dynamic/cecf:Turn"


def tree(recording: Recording, root: Registration) -> set[tuple[str, str, str]]:
    """Return (parent's name, type, name) of everything below `root`."""
    children = [r for r in recording.registrations if r.parent == root.urn]
    found = {(root.name, child.type, child.name) for child in children}
    return found.union(*(tree(recording, child) for child in children))


def node_tree(pool: str, node: str) -> set[tuple[str, str, str]]:
    """Return what a node of a pool consists of."""
    return {(pool, NODE, node), (node, PORT, f"{node}-port"), (node, SERVER, f"{node}-server")}


def etcd_tree(node: str, *uses: str, volumes: Sequence[str] = ("etcd",)) -> set[tuple[str, str, str]]:
    """Return what a node has to do with etcd: volumes that outlive it, what ties them to it, and certificates."""
    made = {("dev-etcd", CERTIFICATE, f"{node}-etcd-{use}-certificate") for use in uses}
    for volume in volumes:
        made |= {("dev-etcd", VOLUME, f"{node}-{volume}"), (node, ATTACHMENT, f"{node}-{volume}-attachment")}
    return made


def test_the_dev_cluster_is_exactly_this_tree(dev: Recording) -> None:
    control_planes = [f"dev-control-plane-{ordinal}" for ordinal in (1, 2, 3)]
    expected = {
        ("dev", "cecf:index:ClusterNetwork", "dev-network"),
        ("dev", "cecf:index:SecurityGroups", "dev-security"),
        ("dev", "cecf:index:ApiEndpoint", "dev-endpoint"),
        ("dev", "cecf:index:ControlPlane", "dev-control-plane"),
        ("dev", "cecf:index:EtcdCluster", "dev-etcd"),
        ("dev", "cecf:index:WorkerPool", "dev-general"),
        ("dev", "pulumi-python:dynamic/cecf:ClusterPki", "dev-pki"),
        ("dev", "pulumi-python:dynamic/cecf:Certificate", "dev-admin-certificate"),
        ("dev", "pulumi-python:dynamic/cecf:Certificate", "dev-viewer-certificate"),
        ("dev", "pulumi-python:dynamic/cecf:SpreadCheck", "dev-spread"),
        ("dev-network", "openstack:networking/network:Network", "dev-network"),
        ("dev-network", "openstack:networking/subnet:Subnet", "dev-subnet"),
        ("dev-network", "openstack:networking/router:Router", "dev-router"),
        ("dev-network", "openstack:networking/routerInterface:RouterInterface", "dev-router-interface"),
        ("dev-endpoint", PORT, "dev-api"),
        ("dev-security", SECURITY_GROUP, "dev-control-plane"),
        ("dev-security", SECURITY_GROUP, "dev-worker"),
        ("dev-control-plane", SERVER_GROUP, "dev-control-plane-spread-1"),
        ("dev-general", SERVER_GROUP, "dev-general-spread-1"),
    }
    expected |= {
        ("dev-security", RULE, rule.name) for group in clusters.plan("dev").security_groups for rule in group.rules
    }
    expected |= set[tuple[str, str, str]]().union(
        *(node_tree("dev-control-plane", n) | etcd_tree(n, "server", "peer", "client") for n in control_planes),
        *(node_tree("dev-general", f"dev-general-{ordinal}") for ordinal in (1, 2)),
    )
    (root,) = dev.of("ElasticCluster")
    assert tree(dev, root) == expected


def test_what_etcds_on_servers_of_their_own_add_is_exactly_this(build: Build) -> None:
    etcd = {"topology": "external", "wal_volume": {}, "events": {"members": 1}}
    made = build("dev", {"etcd": etcd})
    servers, events = [f"dev-etcd-{ordinal}" for ordinal in (1, 2, 3)], "dev-etcd-events-1"
    expected = {
        ("dev", "cecf:index:EtcdServers", "dev-etcd"),
        ("dev", "cecf:index:EtcdServers", "dev-etcd-events"),
        ("dev-etcd", SERVER_GROUP, "dev-etcd-spread-1"),
        ("dev-etcd-events", SERVER_GROUP, "dev-etcd-events-spread-1"),
        ("dev-security", SECURITY_GROUP, "dev-etcd"),
        *(("dev", TURN, f"{node}-turn") for node in (*servers, events)),
        *(("dev", MEMBER_READY, f"{node}-ready") for node in (*servers, events)),
        *(("dev-security", RULE, f"dev-etcd-{rule}") for rule in ("etcd-from-control-plane", "members-from-etcd")),
        ("dev-security", RULE, "dev-etcd-to-anywhere"),
    }
    for node in servers:
        expected |= node_tree("dev-etcd", node) | etcd_tree(node, "server", "peer", volumes=("etcd", "wal"))
    expected |= node_tree("dev-etcd-events", events) | etcd_tree(events, "server", "peer")
    (root,) = made.of("ElasticCluster")
    (stacked,) = build("dev").of("ElasticCluster")
    assert tree(made, root) - tree(build("dev"), stacked) == expected
    # Control planes are clients now, and no members.
    gone = {name for _, _, name in tree(build("dev"), stacked) - tree(made, root)}
    of_members = ("-etcd", "-etcd-attachment", "-etcd-server-certificate", "-etcd-peer-certificate")
    assert gone == {
        *(f"dev-control-plane-{ordinal}{part}" for ordinal in (1, 2, 3) for part in of_members),
        "dev-control-plane-etcd-from-control-plane",
    }


def test_only_the_cluster_and_its_providers_stand_at_the_stack_root(dev: Recording) -> None:
    roots = {r.type for r in dev.registrations if r.parent == dev.stack.urn}
    assert roots == {"cecf:index:ElasticCluster", *PROVIDERS}


def test_nothing_is_without_a_parent_but_the_stack(dev: Recording) -> None:
    assert {r.type for r in dev.registrations if not r.parent} == {STACK_TYPE}


def test_no_two_resources_share_a_urn(dev: Recording) -> None:
    assert [urn for urn, times in Counter(r.urn for r in dev.registrations).items() if times > 1] == []


def test_every_component_registers_its_outputs(dev: Recording) -> None:
    components = {r.urn for r in dev.registrations if r.type.startswith("cecf:")}
    assert components <= dev.outputs.keys()


def test_a_pool_larger_than_a_server_group_gets_a_second_group(build: Build) -> None:
    grown = build("dev", {"worker_pools": {"general": {"count": 11}}})
    groups = {r.inputs["name"]: grown.parent(r).name for r in grown.of("ServerGroup")}
    assert groups == {
        "cecf-stack:dev:dev-control-plane-spread-1": "dev-control-plane",
        "cecf-stack:dev:dev-general-spread-1": "dev-general",
        "cecf-stack:dev:dev-general-spread-2": "dev-general",
    }


def test_an_existing_network_is_used_and_nothing_of_it_is_created(build: Build) -> None:
    shared = build("smartcity")
    assert [r.type for r in shared.objects if r.type.split("/")[-1].split(":")[0] in {"network", "subnet"}] == []
    assert shared.of("Router") == shared.of("RouterInterface") == []
    used = {(r.inputs["networkId"], r.inputs["fixedIps"][0]["subnetId"]) for r in shared.of("Port")}
    assert used == {(clusters.CATALOG.network_id, clusters.CATALOG.subnet_id)}


EXTERNAL = {"etcd": {"topology": "external"}}


def test_every_role_in_the_plan_has_its_security_group_on_its_ports(build: Build) -> None:
    ports = {r.name: tuple(r.inputs["securityGroupIds"]) for r in build("dev", EXTERNAL).of("Port")}
    expected = {f"{node.name}-port": (f"dev-{node.role}-id",) for node in clusters.plan("dev", EXTERNAL).nodes}
    assert {str(node.role) for node in clusters.plan("dev", EXTERNAL).nodes} == {str(role) for role in Role}
    assert ports == {**expected, "dev-api": ("dev-control-plane-id",)}
