"""The endpoint: one address that moves to a server whose API is well, and leads on to any that is."""

import json
import re
from typing import Any

import pytest
from hypothesis import assume, given, settings

from cecf.plan import ClusterPlan, NodePlan
from cecf.render.endpoint import PENALTY, endpoint_files
from tests.helpers import clusters
from tests.helpers.strategies import CLUSTERS, Cluster, plan_of
from tests.helpers.user_data import documents, files

HAPROXY = "/etc/haproxy/haproxy.cfg"
KEEPALIVED = "/etc/cecf/keepalived.conf"
CHECK = "/usr/local/lib/cecf/check-endpoint"


def written(plan: ClusterPlan, node: NodePlan) -> dict[str, str]:
    """Return the endpoint's files on a node."""
    return {file.path: file.content for file in endpoint_files(plan, node)}


def priority(plan: ClusterPlan, node: NodePlan) -> int:
    """Return with which priority a node wants the address."""
    (found,) = re.findall(r"priority (\d+)", written(plan, node)[KEEPALIVED])
    return int(found)


def block(text: str, name: str) -> list[str]:
    """Return the lines of a block of keepalived's."""
    (found,) = re.findall(rf"{name} {{\n(.*?)}}", text, re.DOTALL)
    return [line.strip() for line in found.strip().splitlines()]


@pytest.fixture(scope="module")
def plan() -> ClusterPlan:
    """Return the plan of dev: three control planes, two workers."""
    return clusters.plan("dev")


def test_control_planes_alone_answer_for_the_endpoint(plan: ClusterPlan) -> None:
    assert [node.name for node in plan.nodes if HAPROXY in files(plan, node)] == [
        node.name for node in plan.control_plane.nodes
    ]


def test_haproxy_listens_at_the_endpoint_s_port_and_leads_on_to_every_api_server() -> None:
    plan = clusters.plan("dev", {"control_plane": {"endpoint": {"port": 9443}}})
    text = written(plan, plan.nodes[0])[HAPROXY]
    assert "bind *:9443" in text
    assert re.findall(r"^  server (\S+) (\S+)", text, re.MULTILINE) == [
        ("dev-control-plane-1", "10.10.0.6:6443"),
        ("dev-control-plane-2", "10.10.0.7:6443"),
        ("dev-control-plane-3", "10.10.0.8:6443"),
    ]


def test_haproxy_is_the_same_on_every_server(plan: ClusterPlan) -> None:
    assert len({written(plan, node)[HAPROXY] for node in plan.control_plane.nodes}) == 1


def test_an_api_server_that_is_not_ready_or_not_ours_gets_no_connection(plan: ClusterPlan) -> None:
    text = written(plan, plan.nodes[0])[HAPROXY]
    assert "option httpchk GET /readyz" in text
    assert "verify required ca-file /etc/cecf/pki/ca.crt" in text
    assert "/etc/cecf/pki/ca.crt" in files(plan, plan.nodes[0])


def test_keepalived_holds_the_endpoint_s_address_and_nothing_else(plan: ClusterPlan) -> None:
    assert block(written(plan, plan.nodes[0])[KEEPALIVED], "virtual_ipaddress") == ["10.10.0.5/32"]


def test_servers_talk_of_the_address_among_themselves_only(plan: ClusterPlan) -> None:
    text = written(plan, plan.control_plane.nodes[1])[KEEPALIVED]
    assert "unicast_src_ip 10.10.0.7" in text
    assert block(text, "unicast_peer") == ["10.10.0.6", "10.10.0.8"]


def test_a_single_server_has_the_address_and_speaks_of_it_with_nobody() -> None:
    alone = clusters.plan("bigdata")
    text = written(alone, alone.nodes[0])[KEEPALIVED]
    assert block(text, "static_ipaddress") == ["10.30.0.5/32 dev @INTERFACE@"]
    # By multicast it would meet other clusters in a shared network.
    assert "vrrp_instance" not in text


@settings(max_examples=20)
@given(CLUSTERS)
def test_all_servers_want_the_address_equally_so_that_none_takes_it_from_another_and_a_sick_one_less(
    cluster: Cluster,
) -> None:
    plan = plan_of(cluster)
    assume(len(plan.control_plane.nodes) > 1)  # a single server agrees with nobody
    (wish,) = {priority(plan, node) for node in plan.control_plane.nodes}
    assert 0 < wish - PENALTY < wish < 255  # 255 is for who owns the address


def test_the_check_that_keepalived_makes_is_written_and_may_be_run(plan: ClusterPlan) -> None:
    (check,) = [file for file in endpoint_files(plan, plan.nodes[0]) if file.path == CHECK]
    assert check.permissions == "0755"
    assert check.content.startswith("#!/bin/sh\n")
    assert f"script {CHECK}" in written(plan, plan.nodes[0])[KEEPALIVED]


def test_the_interface_s_name_is_left_to_the_node(plan: ClusterPlan) -> None:
    assert "interface @INTERFACE@" in written(plan, plan.nodes[0])[KEEPALIVED]


ELSEWHERE = [
    pytest.param({"kind": "load_balancer", "port": 6443}, "10.10.0.5:6443", id="Octavia"),
    pytest.param({"kind": "external", "address": "api.example.org", "port": 443}, "api.example.org:443", id="external"),
]


@pytest.mark.parametrize(("endpoint", "host_port"), ELSEWHERE)
def test_nodes_have_nothing_of_an_endpoint_that_is_elsewhere(endpoint: dict[str, Any], host_port: str) -> None:
    plan = clusters.plan("dev", {"control_plane": {"endpoint": endpoint}})
    for node in plan.nodes:
        found = files(plan, node)
        assert found.keys().isdisjoint({HAPROXY, KEEPALIVED, CHECK})
        facts = json.loads(found["/etc/cecf/node.json"])
        assert (facts["endpoint"], facts["endpoint_kind"]) == (host_port, endpoint["kind"])


@pytest.mark.parametrize(("endpoint", "host_port"), ELSEWHERE)
def test_everybody_is_told_where_it_is(endpoint: dict[str, Any], host_port: str) -> None:
    plan = clusters.plan("dev", {"control_plane": {"endpoint": endpoint}})
    cluster = documents(files(plan, plan.nodes[0])["/etc/cecf/kubeadm-init.yaml"])["ClusterConfiguration"]
    assert cluster["controlPlaneEndpoint"] == host_port
    assert cluster["apiServer"]["certSANs"] == [host_port.rsplit(":", 1)[0]]
    (joins,) = json.loads(files(plan, plan.nodes[-1])["/etc/cecf/join.conf"])["clusters"]
    assert joins["cluster"]["server"] == f"https://{host_port}"
