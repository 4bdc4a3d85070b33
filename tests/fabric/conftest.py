"""Two businesses with the same addresses, on one external network, in the real kernel."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.fabric.bench import Bench, Host, missing, scene
from tests.fabric.objects import EVERYTHING_OUT, Objects, ingress

VIP = "10.0.1.100"
TWIN = "10.0.1.10"
"""An address that a host of either business has."""

WEB = 80


@dataclass(frozen=True)
class Town:
    """All hosts by name, and addresses of the external network by their last number."""

    bench: Bench
    outside: Callable[[int], str]

    def __getitem__(self, name: str) -> Host:
        """Return one host."""
        return self.bench.hosts[name]


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Give an empty fabric."""
    if reason := missing():
        pytest.skip(reason)
    made = Bench(50000 + os.getpid() % 10000, Objects(scene(1)[0]))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def town(standing: Town) -> Iterator[Town]:
    """Give the two businesses, with nobody speaking."""
    yield standing
    for each in standing.bench.hosts.values():
        each.close()


@pytest.fixture(scope="session")
def standing() -> Iterator[Town]:
    """Build the two businesses once, all plugged in."""
    if reason := missing():
        pytest.skip(reason)
    world, cidr, outside = scene()
    made = Bench(40000 + os.getpid() % 10000, Objects(world))
    try:
        _build(made.objects, cidr, outside)
        for name in ("web", "peer", "node1", "node2", "open"):
            made.plug(name, "10.0.1.1")
        made.plug("far", "10.0.2.1")
        for name in ("twin", "other"):
            made.plug(name, "10.0.1.1")
        made.apply()
        made.machine()
        yield Town(made, outside)
    finally:
        made.close()


def _build(objects: Objects, cidr: str, outside: Callable[[int], str]) -> None:
    objects.network("public", cidr, mtu=1500)
    for business in ("a", "b"):
        group = {"remote_group_id": objects.id(f"default-{business}")}
        objects.group(f"default-{business}", EVERYTHING_OUT, {"direction": "ingress", **group})
    objects.group("web", EVERYTHING_OUT, ingress("tcp", (WEB, WEB)), ingress("icmp"))
    objects.group("from-web", EVERYTHING_OUT, ingress("tcp", (5000, 5010), remote_group_id=objects.id("web")))
    objects.group("mute", ingress("icmp"))

    objects.network("a1", "10.0.1.0/24", segment=101)
    objects.network("a2", "10.0.2.0/24", segment=102)
    objects.router("ra", {"a1": "10.0.1.1", "a2": "10.0.2.1"}, ("public", outside(11)))
    pair = [{"ip_address": VIP}]
    objects.port("web", "a1", TWIN, "web")
    objects.port("peer", "a1", "10.0.1.11", "default-a", "from-web")
    objects.port("node1", "a1", "10.0.1.21", "default-a", "web", allowed_address_pairs=pair)
    objects.port("node2", "a1", "10.0.1.22", "default-a", "web", allowed_address_pairs=pair)
    objects.port("vip", "a1", VIP)
    objects.port("open", "a1", "10.0.1.30", port_security_enabled=False)
    objects.port("far", "a2", "10.0.2.10", "default-a", "mute")
    objects.floating_ip(outside(101), "ra", TWIN)
    objects.floating_ip(outside(102), "ra", VIP)

    objects.network("b1", "10.0.1.0/24", segment=201)
    objects.router("rb", {"b1": "10.0.1.1"}, ("public", outside(12)))
    objects.port("twin", "b1", TWIN, "default-b", "web")
    objects.port("other", "b1", "10.0.1.11", "default-b")
    objects.floating_ip(outside(103), "rb", TWIN)
