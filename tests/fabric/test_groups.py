"""Security groups, proved with packets."""

import socket

from tests.fabric.bench import heard, ipv4
from tests.fabric.conftest import WEB, Town

VRRP = 112
VXLAN = 4789


def test_a_port_that_a_group_opens_is_open_and_any_other_is_closed(town: Town) -> None:
    for port in (WEB, WEB + 1):
        town["web"].listen(port)
    assert town["peer"].reaches(town["web"].address, WEB)
    assert not town["peer"].reaches(town["web"].address, WEB + 1)


def test_icmp_is_let_in_by_its_rule_only(town: Town) -> None:
    assert town["peer"].pings(town["web"].address)
    assert not town["web"].pings(town["peer"].address)


def test_members_of_a_group_that_trusts_itself_reach_each_other_and_nobody_else_reaches_them(town: Town) -> None:
    town["peer"].listen(7000)
    assert town["node1"].reaches(town["peer"].address, 7000)
    assert not town["web"].reaches(town["peer"].address, 7000)


def test_a_rule_for_another_group_opens_its_ports_to_that_group_only(town: Town) -> None:
    town["peer"].listen(5005)
    town["peer"].listen(5011)
    assert town["web"].reaches(town["peer"].address, 5005)
    assert not town["web"].reaches(town["peer"].address, 5011)
    assert not town["open"].reaches(town["peer"].address, 5005)


def test_both_directions_of_a_connection_pass_for_the_sake_of_its_first_packet(town: Town) -> None:
    server = town["web"].listen(WEB)
    client = town["peer"].connect(town["web"].address, WEB)
    assert client
    taken, _ = server.accept()
    with taken:
        client.sendall(b"question")
        assert taken.recv(100) == b"question"
        taken.sendall(b"answer")
    assert client.recv(100) == b"answer"


def test_a_reply_to_a_datagram_comes_back(town: Town) -> None:
    server = town["peer"].listen(9000, socket.SOCK_DGRAM)
    client = town["node1"].listen(9001, socket.SOCK_DGRAM)
    client.sendto(b"question", (town["peer"].address, 9000))
    _, sender = server.recvfrom(100)
    server.sendto(b"answer", sender)
    assert client.recv(100) == b"answer"


def test_large_datagrams_arrive_in_one_piece(town: Town) -> None:
    server = town["peer"].listen(9002, socket.SOCK_DGRAM)
    town["node1"].listen(9003, socket.SOCK_DGRAM).sendto(bytes(20000), (town["peer"].address, 9002))
    assert len(server.recv(65535)) == 20000


def test_overlay_packets_pass_between_nodes(town: Town) -> None:
    server = town["node2"].listen(VXLAN, socket.SOCK_DGRAM)
    town["node1"].listen(50000, socket.SOCK_DGRAM).sendto(b"inner", (town["node2"].address, VXLAN))
    assert server.recv(100) == b"inner"


def test_vrrp_passes_between_nodes_to_one_and_to_all(town: Town) -> None:
    listener = town["node2"].wire()
    sender = town["node1"].opened(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    with town["node1"].inside():
        for target in (town["node2"].address, "224.0.0.18"):
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(town["node1"].address))
            sent = ipv4(town["node1"].address, target, VRRP, b"advertisement")
            sender.sendto(sent, (target, 0))
            assert heard(listener, lambda got, sent=sent: got[14:] == sent), target  # type: ignore[misc]


def test_a_group_without_egress_rules_keeps_everything_in(town: Town) -> None:
    bench = town.bench
    port = next(each for each in bench.objects.raw["ports"] if each["name"] == "far")
    groups = port["security_groups"]
    town["far"].listen(7001)
    town["node1"].listen(7001)
    try:
        port["security_groups"] = [bench.objects.id("mute")]
        bench.apply()
        assert not town["far"].reaches(town["node1"].address, 7001)
        # What it is asked it may answer.
        assert town["node1"].pings(town["far"].address)
    finally:
        port["security_groups"] = groups
        bench.apply()


def test_a_port_without_port_security_is_open_and_may_be_anybody(town: Town) -> None:
    town["open"].listen(1234)
    assert town["peer"].reaches(town["open"].address, 1234)
    # An address that no port and no pair has.
    town["open"].add_address("10.0.1.77")
    town["open"].listen(1235, address="10.0.1.77")
    assert town["peer"].reaches("10.0.1.77", 1235)


def test_a_rule_that_is_taken_away_ends_the_connections_that_it_let_in(town: Town) -> None:
    bench, objects = town.bench, town.bench.objects
    group = next(each for each in objects.raw["security_groups"] if each["name"] == "web")
    rules = group["security_group_rules"]
    server = town["web"].listen(WEB)
    client = town["peer"].connect(town["web"].address, WEB)
    assert client
    taken, _ = server.accept()
    try:
        group["security_group_rules"] = [rule for rule in rules if rule.get("protocol") != "tcp"]
        bench.apply()
        client.sendall(b"late")
        assert not heard(taken, bool)
    finally:
        taken.close()
        group["security_group_rules"] = rules
        bench.apply()
    assert town["peer"].reaches(town["web"].address, WEB)
