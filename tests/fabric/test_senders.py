"""Nobody speaks for anybody else, proved with packets."""

import socket

import pytest

from tests.fabric.bench import Host, arp, frame, heard, ipv4
from tests.fabric.conftest import VIP, WEB, Town
from tests.fabric.objects import mac

ARP = 0x0806
IP = 0x0800
IPV6 = 0x86DD
BROADCAST = "ff:ff:ff:ff:ff:ff"
UDP = b"\x04\xd2\x1b\x58\x00\x0c\x00\x00data"
"""From port 1234 to 7000."""


def arrives(sender: Host, receiver: Host, sent: bytes) -> bool:
    """Tell whether a frame gets from one host's wire to another's."""
    listener = receiver.wire()
    sender.wire().send(sent)
    return heard(listener, lambda got: got == sent)


def test_a_host_speaks_with_its_own_addresses(town: Town) -> None:
    node, peer = town["node1"], town["peer"]
    assert arrives(node, peer, frame(node.mac, BROADCAST, ARP, arp(node.mac, node.address)))
    assert arrives(node, peer, frame(node.mac, peer.mac, IP, ipv4(node.address, peer.address, socket.IPPROTO_UDP, UDP)))


@pytest.mark.parametrize(
    ("what", "sent_by", "claimed_mac", "claimed_address"),
    [
        ("another's address", "node1", "node1", "10.0.1.22"),
        ("another's MAC", "node1", "node2", "10.0.1.21"),
        ("the router's address", "node1", "node1", "10.0.1.1"),
        ("an allowed address of others", "web", "web", VIP),
    ],
)
def test_a_false_sender_is_heard_neither_in_arp_nor_in_ip(
    town: Town, what: str, sent_by: str, claimed_mac: str, claimed_address: str
) -> None:
    sender, peer = town[sent_by], town["peer"]
    listener = peer.wire()
    claimed = town[claimed_mac].mac
    false = [
        frame(claimed, BROADCAST, ARP, arp(claimed, claimed_address)),
        frame(claimed, peer.mac, IP, ipv4(claimed_address, peer.address, socket.IPPROTO_UDP, UDP)),
        # An honest frame around a false claim.
        frame(sender.mac, BROADCAST, ARP, arp(claimed, claimed_address)),
    ]
    wire = sender.wire()
    for each in false:
        wire.send(each)
    assert not heard(listener, lambda got: got in false), what


def test_another_kind_of_frame_than_ipv4_is_not_carried(town: Town) -> None:
    node, peer = town["node1"], town["peer"]
    assert not arrives(node, peer, frame(node.mac, peer.mac, IPV6, bytes(60)))


def test_nobody_plays_the_dhcp_server(town: Town) -> None:
    node = town["node1"]
    offer = ipv4(node.address, "255.255.255.255", socket.IPPROTO_UDP, b"\x00\x43\x00\x44\x00\x0c\x00\x00data")
    assert not arrives(node, town["node2"], frame(node.mac, BROADCAST, IP, offer))


def test_an_allowed_address_may_be_spoken_for(town: Town) -> None:
    node, peer = town["node1"], town["peer"]
    assert arrives(node, peer, frame(node.mac, BROADCAST, ARP, arp(node.mac, VIP)))
    assert arrives(node, peer, frame(node.mac, peer.mac, IP, ipv4(VIP, peer.address, socket.IPPROTO_UDP, UDP)))


def test_a_port_that_is_not_ruled_yet_neither_speaks_nor_hears(town: Town) -> None:
    bench = town.bench
    try:
        bench.objects.port("late", "a1", "10.0.1.40", "web")
        late = bench.plug("late")
        peer = town["peer"]
        listener = peer.wire()
        late.wire().send(frame(late.mac, BROADCAST, ARP, arp(late.mac, late.address)))
        assert not heard(listener, lambda got: got[6:12].hex(":") == mac(bench.objects.id("late")))
        bench.apply()
        late.listen(WEB)
        assert peer.reaches(late.address, WEB)
    finally:
        bench.objects.remove("ports", "late")
        bench.unplug("late")
