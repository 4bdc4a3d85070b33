"""Routers, floating IPs and the borders between businesses, proved with packets."""

import socket

import pytest

from lab.fabric import kernel
from tests.fabric.bench import frame, heard, ipv4
from tests.fabric.conftest import TWIN, WEB, Town


def peer_of(server: socket.socket) -> str:
    """Take a connection up, and tell where it comes from."""
    taken, (address, _) = server.accept()
    taken.close()
    return str(address)


def test_networks_of_one_router_reach_each_other_as_their_groups_say(town: Town) -> None:
    town["far"].listen(7100)
    server = town["web"].listen(WEB)
    assert town["far"].reaches(TWIN, WEB)
    assert peer_of(server) == town["far"].address
    # By the group that both are in, over two networks; who is not in it does not get through.
    assert town["node1"].reaches(town["far"].address, 7100)
    assert not town["web"].reaches(town["far"].address, 7100)


def test_networks_with_the_same_addresses_do_not_see_each_other(town: Town) -> None:
    mine, theirs = town["web"].listen(WEB), town["twin"].listen(WEB)
    assert town["peer"].connect(TWIN, WEB)
    assert peer_of(mine) == town["peer"].address
    with pytest.raises(TimeoutError):
        theirs.accept()
    assert town["other"].connect(TWIN, WEB)
    assert peer_of(theirs) == town["other"].address
    with pytest.raises(TimeoutError):
        mine.accept()


def test_the_same_connection_in_two_businesses_is_two_connections(town: Town) -> None:
    # The same addresses and ports at both ends; only the networks differ.
    for client, server in (("peer", "web"), ("other", "twin")):
        town[server].listen(WEB)
        asking = town[client].opened(socket.AF_INET, socket.SOCK_STREAM)
        asking.settimeout(1)
        asking.bind((town[client].address, 33333))
        asking.connect((TWIN, WEB))
    text = kernel_table(town)
    assert text.count("sport=33333") == 4, text


def kernel_table(town: Town) -> str:
    """Return the fabric's connections from port 33333."""
    with kernel.inside(f"cecf-fabric-{town.bench.offset}"), open("/proc/net/nf_conntrack") as table:  # noqa: PTH123
        return "".join(line for line in table if "port=33333" in line).replace("dport=33333", "sport=33333")


def test_the_machine_reaches_a_floating_ip_and_the_server_sees_it(town: Town) -> None:
    server = town["web"].listen(WEB)
    machine = town.bench.machine()
    assert machine.reaches(town.outside(101), WEB)
    assert peer_of(server) == machine.address
    assert not machine.reaches(town.outside(101), WEB + 1)


def test_a_server_without_a_floating_ip_goes_out_as_its_router(town: Town) -> None:
    server = town["twin"].listen(WEB)
    assert town["peer"].reaches(town.outside(103), WEB)
    assert peer_of(server) == town.outside(11)


def test_a_server_with_a_floating_ip_goes_out_as_that(town: Town) -> None:
    server = town["twin"].listen(WEB)
    assert town["web"].reaches(town.outside(103), WEB)
    assert peer_of(server) == town.outside(101)


def test_a_floating_ip_is_reached_from_its_own_network(town: Town) -> None:
    server = town["web"].listen(WEB)
    assert town["peer"].reaches(town.outside(101), WEB)
    assert peer_of(server) == town.outside(11)
    assert town["web"].reaches(town.outside(101), WEB)


def test_inside_addresses_are_not_reached_from_outside_by_a_route_of_ones_own(town: Town) -> None:
    objects, bench = town.bench.objects, town.bench
    town["far"].listen(WEB)
    group = next(each for each in objects.raw["security_groups"] if each["name"] == "mute")
    rules = list(group["security_group_rules"])
    anything = {"id": objects.id("any"), "security_group_id": group["id"], "direction": "ingress"}
    router = next(each for each in objects.raw["routers"] if each["name"] == "rb")
    try:
        group["security_group_rules"] = [*rules, anything]
        router["routes"] = [{"destination": "10.0.2.0/24", "nexthop": town.outside(11)}]
        bench.apply()
        assert town["web"].reaches(town["far"].address, WEB)
        assert not town["twin"].reaches(town["far"].address, WEB)
    finally:
        group["security_group_rules"] = rules
        router["routes"] = []
        bench.apply()


def test_a_route_of_a_router_leads_to_its_next_hop(town: Town) -> None:
    bench = town.bench
    router = next(each for each in bench.objects.raw["routers"] if each["name"] == "ra")
    listener = town["open"].wire()
    asking = town["far"].opened(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        router["routes"] = [{"destination": "10.99.0.0/16", "nexthop": town["open"].address}]
        bench.apply()
        asking.sendto(b"over there", ("10.99.1.1", 9))
        assert heard(listener, lambda got: got.endswith(b"over there"))
        router["routes"] = []
        bench.apply()
        asking.sendto(b"still there", ("10.99.1.1", 9))
        assert not heard(listener, lambda got: got.endswith(b"still there"))
    finally:
        router["routes"] = []
        bench.apply()


def test_without_snat_packets_leave_with_their_own_address(town: Town) -> None:
    bench = town.bench
    router = next(each for each in bench.objects.raw["routers"] if each["name"] == "ra")
    outside, machine = router["external_gateway_info"], bench.machine()
    listener = machine.wire()
    asking = town["peer"].opened(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        router["external_gateway_info"] = outside | {"enable_snat": False}
        bench.apply()
        source = bytes(int(part) for part in town["peer"].address.split("."))
        asking.sendto(b"as I am", (machine.address, 9))
        # The machine takes new connections from nobody, so this is seen at the router only.
        assert not heard(listener, lambda got: got[26:30] == source)
        rules = kernel_rules(router["id"])
        assert "goto floating" in rules
        assert f"snat to {town.outside(11)}" in rules
    finally:
        router["external_gateway_info"] = outside
        bench.apply()


def kernel_rules(router: str) -> str:
    """Return a router's rules as the kernel has them."""
    return kernel._nft(f"qrouter-{router}", "list", "ruleset")


def test_the_machines_own_services_are_closed_to_the_lab(town: Town) -> None:
    machine = town.bench.machine()
    server = machine.listen(18080)
    assert machine.reaches(machine.address, 18080)
    taken, _ = server.accept()
    taken.close()
    for name in ("peer", "web", "open", "twin"):
        assert not town[name].reaches(machine.address, 18080), name
    assert not town["web"].pings(machine.address)


def test_nothing_of_the_lab_gets_past_the_machine(town: Town) -> None:
    machine = town.bench.machine()
    listener = machine.wire()
    router = kernel.links(f"qrouter-{town.bench.objects.id('rb')}")
    outside = next(link for link in router.values() if link.name.startswith("qg-"))
    with kernel.inside(f"qrouter-{town.bench.objects.id('rb')}"):
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        wire.bind((outside.name, 0))
    with wire:
        # Even one who could write frames on the external network gets no farther than the machine's cable.
        stray = frame(outside.mac, machine.mac, 0x0800, ipv4(town.outside(12), "192.0.2.1", 17, bytes(8)))
        wire.send(stray)
        assert not heard(listener, lambda got: got == stray)


def test_a_changed_floating_ip_takes_effect_and_its_old_place_forgets_it(town: Town) -> None:
    bench, machine = town.bench, town.bench.machine()
    mine, theirs = town["web"].listen(WEB), town["twin"].listen(WEB)
    address = town.outside(110)
    try:
        bench.objects.floating_ip(address, "ra", TWIN)
        bench.apply()
        assert machine.reaches(address, WEB)
        assert peer_of(mine) == machine.address
        bench.objects.floating_ip(address, "rb", TWIN)
        bench.apply()
        assert machine.reaches(address, WEB)
        assert peer_of(theirs) == machine.address
    finally:
        bench.objects.remove("floatingips", address)
        bench.apply()
    assert not machine.reaches(address, WEB)
