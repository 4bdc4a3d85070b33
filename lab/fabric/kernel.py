"""The kernel's side: namespaces entered, rules replaced as a whole, settings written, neighbours told."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import socket
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path
from typing import Any

from .links import NAMESPACES, LinkError, run

_NETWORK = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

_BROADCAST = b"\xff" * 6
_ARP = 0x0806


@dataclass(frozen=True)
class Link:
    """One interface as the kernel has it."""

    name: str
    index: int
    mac: str
    mtu: int
    up: bool
    kind: str
    master: str
    alias: str


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """Do what follows, in this thread, within a network namespace."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        there = os.open(NAMESPACES / namespace, os.O_RDONLY)
        try:
            _enter(there)
        finally:
            os.close(there)
        try:
            yield
        finally:
            _enter(home)
    finally:
        os.close(home)


def ip(namespace: str, *words: str) -> str:
    """Run `ip` within a namespace."""
    return run("ip", "-n", namespace, *words) if namespace else run("ip", *words)


def links(namespace: str) -> dict[str, Link]:
    """List the interfaces of a namespace, or of the machine itself."""
    return {link.name: link for link in map(_link, json.loads(ip(namespace, "-j", "-d", "link", "show")))}


def addresses(namespace: str) -> dict[str, set[IPv4Interface]]:
    """List the IPv4 addresses of all interfaces of a namespace, or of the machine itself."""
    return {
        link["ifname"]: {
            IPv4Interface(f"{each['local']}/{each['prefixlen']}")
            for each in link["addr_info"]
            if each["family"] == "inet"
        }
        # Without addresses, `ip -4` writes something that is no list of links.
        for link in json.loads(ip(namespace, "-j", "addr", "show"))
    }


def shape(namespace: str, name: str, mtu: int, master: str) -> None:
    """Make an interface be up, of this size, and at this bridge if any."""
    now = links(namespace)[name]
    if (now.master, now.mtu, now.up) != (master, mtu, True):
        ip(namespace, "link", "set", name, *(("master", master) if master else ()), "mtu", str(mtu), "up")


def set_rules(namespace: str, rules: str) -> bool:
    """Make all rules of ours in a namespace these, at once and together; tell whether they were others.

    An empty table bears the fingerprint of the rules that stand beside it.
    """
    fingerprint = "cecf-" + hashlib.sha256(rules.encode()).hexdigest()[:16]
    tables = [line.split()[1:] for line in _nft(namespace, "list", "tables").splitlines()]
    if ["ip", fingerprint] in tables:
        return False
    old = [f"delete table {family} {name}" for family, name in tables if name.startswith("cecf")]
    _nft(namespace, "-f", "-", text="\n".join([*old, rules, f"table ip {fingerprint} {{\n}}\n"]))
    return True


def set_sysctls(namespace: str, values: Mapping[str, int]) -> None:
    """Write settings of a namespace."""
    with inside(namespace):
        for name, value in values.items():
            try:
                Path("/proc/sys", *name.split(".")).write_text(str(value))
            except OSError as reason:
                raise LinkError(f"the kernel does not take {name}={value}: {reason.strerror}") from None


def announce(namespace: str, interface: str, addresses: Iterable[IPv4Address]) -> None:
    """Tell all neighbours who has these addresses from now on (gratuitous ARP)."""
    mac = bytes.fromhex(links(namespace)[interface].mac.replace(":", ""))
    with inside(namespace), socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((interface, _ARP))
        for address in addresses:
            head = _BROADCAST + mac + struct.pack("!HHHBBH", _ARP, 1, 0x0800, 6, 4, 1)
            raw.send(head + mac + address.packed + bytes(6) + address.packed)


def _enter(handle: int) -> None:
    if _libc.setns(handle, _NETWORK):
        raise LinkError(f"a network namespace cannot be entered: {os.strerror(ctypes.get_errno())}")


def _nft(namespace: str, *words: str, text: str = "") -> str:
    with inside(namespace):
        return run("nft", *words, text=text)


def _link(raw: Mapping[str, Any]) -> Link:
    return Link(
        name=raw["ifname"],
        index=raw["ifindex"],
        mac=raw.get("address", ""),
        mtu=raw["mtu"],
        up="UP" in raw["flags"],
        kind=raw.get("linkinfo", {}).get("info_kind", ""),
        master=raw.get("master", ""),
        alias=raw.get("ifalias", ""),
    )
