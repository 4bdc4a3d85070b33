"""From the first cable to the last: plugging, mending, changing and removing, in the real kernel."""

import os
import threading
import time
from pathlib import Path

import pytest

from lab.fabric import gate, host, kernel, links, reconcile, routers, watch
from lab.fabric.desired import HOST_TAP, fabric
from lab.fabric.parse import parse
from tests.fabric.bench import Bench, Host, scene
from tests.fabric.objects import EVERYTHING_OUT, ingress

PORT = 443


def build(bench: Bench) -> tuple[Host, Host]:
    """Make one network with two hosts, behind a router."""
    _, cidr, outside = scene(1)
    objects = bench.objects
    objects.network("public", cidr, mtu=1500)
    objects.network("net", "10.0.0.0/24", segment=1)
    objects.group("web", EVERYTHING_OUT, ingress("tcp", (PORT, PORT)))
    objects.router("router", {"net": "10.0.0.1"}, ("public", outside(9)))
    objects.port("one", "net", "10.0.0.5", "web")
    objects.port("two", "net", "10.0.0.6", "web")
    objects.floating_ip(outside(20), "router", "10.0.0.5")
    return bench.plug("one", "10.0.0.1"), bench.plug("two", "10.0.0.1")


def surroundings() -> dict[str, object]:
    """Describe what of this machine a lab could leave something in, other tests' labs aside."""
    own = [each.name for each in links.NAMESPACES.iterdir()] if links.NAMESPACES.exists() else []
    others = ("cecf-test-", "cecf-fabric", "cecf-gate", "qrouter-", "cecf-pub")
    return {
        "namespaces": {name for name in own if not name.startswith(others)},
        "links": {name for name in kernel.links("") if not name.startswith(others)},
        "rules": links.run("nft", "list", "ruleset"),
        "forwarding": Path("/proc/sys/net/ipv4/ip_forward").read_text(),
        "bridging": Path("/proc/sys/net/bridge/bridge-nf-call-iptables").read_text(),
    }


def test_a_cable_is_plugged_as_often_as_asked_and_unplugged_too(bench: Bench) -> None:
    network, port = bench.objects.id("net"), bench.objects.id("port")
    inside = links.namespace(bench.offset)
    for _ in range(2):
        assert links.plug(bench.offset, port, network, 1450) == links.peer(port)
    made = kernel.links(inside)
    assert made[links.tap(port)].master == links.bridge(network)
    assert (made[links.tap(port)].mtu, made[links.peer(port)].mtu) == (1450, 1450)
    assert not made[links.tap(port)].up
    assert reconcile.plugged(bench.offset) == {port: links.bridge(network)}
    for _ in range(2):
        links.unplug(bench.offset, port)
    assert reconcile.plugged(bench.offset) == {}


def test_a_cable_whose_end_a_machine_has_is_replaced(bench: Bench) -> None:
    build(bench)
    before = kernel.links(links.namespace(bench.offset))[links.tap(bench.objects.id("one"))].index
    links.plug(bench.offset, bench.objects.id("one"), bench.objects.id("net"), 1450)
    after = kernel.links(links.namespace(bench.offset))
    assert after[links.tap(bench.objects.id("one"))].index != before
    assert links.peer(bench.objects.id("one")) in after


def test_plugging_at_once_from_many_threads_works(bench: Bench) -> None:
    ports = [bench.objects.id(f"port-{number}") for number in range(6)]
    plug = [threading.Thread(target=links.plug, args=(bench.offset, port, "net-work-id-1", 1450)) for port in ports]
    for each in plug:
        each.start()
    for each in plug:
        each.join()
    assert set(reconcile.plugged(bench.offset)) == set(ports)


def test_applied_again_nothing_changes(bench: Bench) -> None:
    one, two = build(bench)
    wanted = bench.apply()
    inside, router = links.namespace(bench.offset), f"qrouter-{bench.objects.id('router')}"
    before = (kernel.links(inside), kernel.links(router), kernel.addresses(router))
    assert not kernel.set_rules(inside, wanted.ruleset)
    bench.apply()
    assert (kernel.links(inside), kernel.links(router), kernel.addresses(router)) == before
    two.listen(PORT)
    assert one.reaches(two.address, PORT)


def test_whatever_is_broken_by_hand_is_mended(bench: Bench) -> None:
    one, two = build(bench)
    two.listen(PORT)
    bench.apply()
    inside, router = links.namespace(bench.offset), f"qrouter-{bench.objects.id('router')}"
    machine = bench.machine()
    one.listen(PORT)
    floating = scene(1)[2](20)
    assert machine.reaches(floating, PORT)
    with kernel.inside(inside):
        links.run("nft", "flush", "ruleset")
    with kernel.inside(router):
        links.run("nft", "flush", "ruleset")
        links.run("ip", "route", "flush", "proto", "static")
    kernel.ip(inside, "link", "set", links.tap(bench.objects.id("one")), "down")
    kernel.ip(inside, "link", "set", HOST_TAP, "nomaster")
    bench.apply()
    assert two.reaches(one.address, PORT)
    assert machine.reaches(floating, PORT)
    outside = next(link.name for link in kernel.links(router).values() if link.name.startswith("qg-"))
    kernel.ip(router, "link", "delete", outside)
    bench.apply()
    assert machine.reaches(floating, PORT)
    links.run("ip", "netns", "delete", router)
    time.sleep(0.2)
    bench.apply()
    assert machine.reaches(floating, PORT)


def test_what_a_killed_process_left_half_made_is_removed(bench: Bench) -> None:
    build(bench)
    inside = links.namespace(bench.offset)
    kernel.ip(inside, "link", "add", "tapffffffff-ff", "type", "veth", "peer", "nicffffffff-ff")
    bench.apply()
    assert not {"tapffffffff-ff", "nicffffffff-ff"} & set(kernel.links(inside))


def test_a_router_interface_that_is_taken_away_goes_and_so_does_the_router_with_its_last(bench: Bench) -> None:
    build(bench)
    bench.apply()
    inside, router = links.namespace(bench.offset), f"qrouter-{bench.objects.id('router')}"
    bench.objects.remove("ports", "router-public")
    bench.objects.remove("floatingips", scene(1)[2](20))
    bench.apply()
    assert [link.name[:3] for link in kernel.links(router).values() if link.name != "lo"] == ["qr-"]
    assert host.link(bench.offset) not in kernel.links("")
    bench.objects.remove("ports", "router-net")
    bench.apply()
    assert not links.exists(router)
    assert routers.of(kernel.links(inside)) == {}


def test_after_the_last_machine_only_an_empty_namespace_is_left(bench: Bench) -> None:
    build(bench)
    bench.apply()
    for name in ("one", "two"):
        bench.unplug(name)
    bench.apply()
    assert set(kernel.links(links.namespace(bench.offset))) == {"lo"}
    assert not links.exists(f"qrouter-{bench.objects.id('router')}")
    assert host.link(bench.offset) not in kernel.links("")


def test_an_object_that_the_kernel_refuses_is_named_and_the_rest_is_made(bench: Bench) -> None:
    one, two = build(bench)
    router = bench.objects.raw["routers"][0]
    # A next hop that is on none of its networks.
    router["routes"] = [{"destination": "10.9.0.0/16", "nexthop": "172.16.0.1"}]
    problems = reconcile.reconcile(bench.offset, bench.desired())
    assert len(problems) == 1
    assert "172.16.0.1" in problems[0]
    two.listen(PORT)
    assert one.reaches(two.address, PORT)


def test_addresses_that_answer_have_a_route_and_nothing_for_the_others_leaves_the_machine(bench: Bench) -> None:
    build(bench)
    bench.apply()
    outside = scene(1)[2]

    def routes() -> set[str]:
        return set(links.run("ip", "route", "show", "dev", host.link(bench.offset)).split()) & set(every)

    every = {outside(number) for number in range(1, 127)}
    assert routes() - {outside(126)} == {outside(9), outside(20)}
    bench.objects.remove("floatingips", outside(20))
    bench.apply()
    assert routes() - {outside(126)} == {outside(9)}
    for number in (20, 21):
        with pytest.raises(links.LinkError, match="No route to host"):
            links.run("ip", "route", "get", outside(number))
    for name in ("one", "two"):
        bench.unplug(name)
    bench.apply()
    with pytest.raises(links.LinkError, match="No route to host"):
        links.run("ip", "route", "get", outside(9))
    bench.close()
    assert str(bench.offset) not in links.run("ip", "route", "show", "type", "unreachable")


def test_an_address_that_the_machine_reaches_otherwise_is_left_to_it_and_named(bench: Bench) -> None:
    build(bench)
    bench.objects.floating_ip("127.1.2.3", "router", "10.0.0.6")
    problems = reconcile.reconcile(bench.offset, bench.desired())
    assert problems == ("127.1.2.3 cannot be reached from this machine: lo is in a network that has it too",)
    assert "127.1.2.3" not in links.run("ip", "route", "show", "dev", host.link(bench.offset))


def test_the_watch_hears_of_cables_and_of_neutron_and_lets_the_namespace_go(bench: Bench, tmp_path: Path) -> None:
    notice = tmp_path / "changed"
    watching = watch.Watch(bench.offset, notice)
    try:
        assert not watching.told()
        assert watching.wait(0) == watch.News()
        links.plug(bench.offset, bench.objects.id("one"), bench.objects.id("net"), 1450)
        assert watching.wait(0).links
        watching.wait(0)
        assert watching.wait(0) == watch.News()
        began = time.monotonic()
        plugging = threading.Timer(
            0.1, links.plug, (bench.offset, bench.objects.id("2"), bench.objects.id("net"), 1450)
        )
        plugging.start()
        assert watching.wait(5).links
        assert time.monotonic() - began < 2
        plugging.join()
        notice.touch()
        assert watching.wait(0).neutron
        assert watching.told()
        os.utime(notice, ns=(1, 1))
        assert watching.wait(0).neutron
        links.run("ip", "netns", "delete", links.namespace(bench.offset))
        assert watching.wait(0).links
        assert watching.wait(0) == watch.News()
    finally:
        watching.close()


def test_nothing_is_left_on_the_machine(bench: Bench) -> None:
    before = surroundings()
    build(bench)
    bench.apply()
    own = {links.namespace(bench.offset), gate.namespace(bench.offset), f"qrouter-{bench.objects.id('router')}"}
    assert all(links.exists(name) for name in own)
    assert host.link(bench.offset) in kernel.links("")
    # Nothing of it is in the machine's own rules even while it runs.
    assert surroundings() == before
    bench.close()
    bench.hosts.clear()
    assert not any(links.exists(name) for name in own)
    assert host.link(bench.offset) not in kernel.links("")
    assert surroundings() == before
    bench.close()


def test_a_port_that_neutron_shuts_or_forgets_is_cut_off(bench: Bench) -> None:
    build(bench)
    bench.apply()
    inside, objects = links.namespace(bench.offset), bench.objects
    assert kernel.links(inside)[links.tap(objects.id("one"))].up
    next(each for each in objects.raw["ports"] if each["name"] == "two")["admin_state_up"] = False
    objects.remove("ports", "one")
    cloud, _ = parse(objects.raw)
    wanted = fabric(cloud, reconcile.plugged(bench.offset))
    assert [objects.id("one") in problem for problem in wanted.problems] == [True]
    assert reconcile.reconcile(bench.offset, wanted) == ()
    assert [link.name for link in kernel.links(inside).values() if link.up and link.name.startswith("tap")] == []
