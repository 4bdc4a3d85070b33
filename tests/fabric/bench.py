"""A fabric of its own in the real kernel, with hosts that really speak."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from lab.fabric import host, kernel, links
from lab.fabric.desired import Fabric, fabric
from lab.fabric.parse import parse
from lab.fabric.reconcile import plugged, reconcile
from lab.fabric.teardown import down
from tests.fabric.objects import Objects, mac

SOON = 0.35
"""Seconds after which nothing more is expected to come."""

_ETH_ALL = 3


def missing() -> str:
    """Name what keeps a fabric from being made here, if anything does."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    programs = [program for program in ("ip", "nft", "sysctl", "nsenter") if not shutil.which(program)]
    return f"not installed: {', '.join(programs)}" if programs else ""


@dataclass
class Host:
    """One machine: a namespace with one interface."""

    namespace: str
    address: str
    mac: str
    interface: str = "ens3"
    _open: list[socket.socket] = field(default_factory=list)

    def opened(self, family: int, kind: int, protocol: int = 0) -> socket.socket:
        """Make a socket that lives on this host."""
        with self.inside():
            made = socket.socket(family, kind, protocol)
        self._open.append(made)
        return made

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Do what follows on this host."""
        if not self.namespace:
            yield
            return
        with kernel.inside(self.namespace):
            yield

    def listen(self, port: int, kind: int = socket.SOCK_STREAM, address: str = "") -> socket.socket:
        """Serve a port; the kernel itself takes up connections."""
        server = self.opened(socket.AF_INET, kind)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((address or self.address, port))
        if kind == socket.SOCK_STREAM:
            server.listen(16)
        server.settimeout(SOON)
        return server

    def connect(self, address: str, port: int, timeout: float = SOON) -> socket.socket | None:
        """Connect, or return nothing where nothing is heard in time."""
        client = self.opened(socket.AF_INET, socket.SOCK_STREAM)
        client.settimeout(timeout)
        if not self.namespace and address != self.address:
            # Without a route of the fabric's, a packet would leave this machine for wherever.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.interface.encode())
        try:
            client.connect((address, port))
        except OSError:
            return None
        return client

    def reaches(self, address: str, port: int, timeout: float = SOON) -> bool:
        """Tell whether a TCP port answers."""
        return self.connect(address, port, timeout) is not None

    def pings(self, address: str) -> bool:
        """Tell whether an ICMP echo is answered."""
        raw = self.opened(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        body = struct.pack("!BBHHH", 8, 0, 0, os.getpid() & 0xFFFF, 1)
        total = sum(struct.unpack("!4H", body))
        total = (total & 0xFFFF) + (total >> 16)
        body = struct.pack("!BBHHH", 8, 0, ~total & 0xFFFF, os.getpid() & 0xFFFF, 1)
        try:
            raw.sendto(body, (address, 0))
        except OSError:
            return False
        return heard(raw, lambda packet: packet[20] == 0 and packet[12:16] == IPv4Address(address).packed)

    def wire(self) -> socket.socket:
        """Listen to all frames at the interface, or send one."""
        raw = self.opened(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_ALL))
        raw.bind((self.interface, _ETH_ALL))
        return raw

    def add_address(self, address: str) -> None:
        """Take an address, and tell everybody, as keepalived does."""
        kernel.ip(self.namespace, "addr", "replace", f"{address}/32", "dev", self.interface)
        kernel.announce(self.namespace, self.interface, [IPv4Address(address)])

    def drop_address(self, address: str, *, may_fail: bool = False) -> None:
        """Give an address up."""
        words = ("addr", "delete", f"{address}/32", "dev", self.interface)
        links.run("ip", "-n", self.namespace, *words, may_fail=may_fail)

    def close(self) -> None:
        """Hang up everything."""
        for each in self._open:
            each.close()
        self._open.clear()


@dataclass
class Bench:
    """One fabric, what it is made from, and its hosts."""

    offset: int
    objects: Objects
    hosts: dict[str, Host] = field(default_factory=dict)

    def plug(self, port: str, gateway: str = "") -> Host:
        """Start a host that has this port."""
        fields = next(each for each in self.objects.raw["ports"] if each["name"] == port)
        identity, address = fields["id"], fields["fixed_ips"][0]["ip_address"]
        end = links.plug(self.offset, identity, fields["network_id"], 1450)
        namespace = f"cecf-test-{self.offset}-{port}"
        links.run("ip", "netns", "add", namespace)
        kernel.ip(links.namespace(self.offset), "link", "set", end, "netns", namespace, "name", "ens3")
        kernel.ip(namespace, "link", "set", "lo", "up")
        kernel.ip(namespace, "link", "set", "ens3", "address", mac(identity), "up")
        kernel.ip(namespace, "addr", "add", f"{address}/24", "dev", "ens3")
        if gateway:
            kernel.ip(namespace, "route", "add", "default", "via", gateway)
        self.hosts[port] = Host(namespace, address, mac(identity))
        return self.hosts[port]

    def unplug(self, port: str) -> None:
        """End a host."""
        gone = self.hosts.pop(port)
        gone.close()
        links.unplug(self.offset, self.objects.id(port))
        links.run("ip", "netns", "delete", gone.namespace)

    def desired(self) -> Fabric:
        """Decide what the kernel should hold for the hosts that are plugged in."""
        cloud, strange = parse(self.objects.raw)
        wanted = fabric(cloud, plugged(self.offset))
        assert (strange, wanted.problems) == ((), ())
        return wanted

    def apply(self) -> Fabric:
        """Make the kernel so."""
        wanted = self.desired()
        assert reconcile(self.offset, wanted) == ()
        return wanted

    def machine(self) -> Host:
        """Speak as this machine itself does."""
        if known := self.hosts.get("machine"):
            return known
        name = host.link(self.offset)
        shown = kernel.ip("", "-4", "-o", "addr", "show", "dev", name).split()
        link = kernel.links("")[name]
        self.hosts["machine"] = Host("", shown[3].partition("/")[0], link.mac, name)
        return self.hosts["machine"]

    def close(self) -> None:
        """Remove everything."""
        for each in self.hosts.values():
            each.close()
            if each.namespace:
                links.run("ip", "netns", "delete", each.namespace, may_fail=True)
        assert down(self.offset) == ()


def heard(listener: socket.socket, wanted: Callable[[bytes], bool], seconds: float = SOON) -> bool:
    """Tell whether a packet arrives that is wanted."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if select.select([listener], [], [], left)[0] and wanted(listener.recv(65535)):
            return True
    return False


def ipv4(source: str, destination: str, protocol: int, payload: bytes) -> bytes:
    """Write an IPv4 packet."""
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 7, 0, 64, protocol, 0)
    head += IPv4Address(source).packed + IPv4Address(destination).packed
    total = sum(struct.unpack("!10H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + struct.pack("!H", ~total & 0xFFFF) + head[12:] + payload


def frame(source: str, destination: str, kind: int, payload: bytes) -> bytes:
    """Write an Ethernet frame."""
    return bytes.fromhex((destination + source).replace(":", "")) + struct.pack("!H", kind) + payload


def arp(sender: str, address: str) -> bytes:
    """Write a gratuitous ARP: this MAC has this address."""
    mac_bytes, packed = bytes.fromhex(sender.replace(":", "")), IPv4Address(address).packed
    return struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac_bytes + packed + bytes(6) + packed


def scene(half: int = 0) -> tuple[str, str, Callable[[int], str]]:
    """Give a world of this process's own: its name, its external network, and addresses in that; a process has two."""
    third = os.getpid() % 256
    start = half * 128
    # Of the range for benchmarks, the half that the lab itself does not use.
    net = f"198.19.{third}"
    return f"test-{half}-{os.getpid()}", f"{net}.{start}/25", lambda number: f"{net}.{start + number}"
