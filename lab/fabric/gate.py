"""The cloud's own address on the external network, for its servers: what `relay` listens at.

It is a namespace of its own at the address that Neutron names as the external network's gateway, so servers find it by
the way they have to everywhere. It leads nowhere else: the machine's own services and networks stay out of reach.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from . import kernel
from .desired import GATE_TAP, GatePort
from .links import LinkError, exists, run
from .links import namespace as fabric

_LINK = "public"
"""The cable's end in the namespace."""

_PATIENCE = 5.0
"""Seconds that another process has to finish making the namespace, and that an API has to answer."""

_SETTINGS = {
    # Whoever wants to go further is told at once that there is no way, and need not wait for an answer.
    "net.ipv4.ip_forward": 1,
    "net.ipv6.conf.all.disable_ipv6": 1,
    "net.ipv6.conf.default.disable_ipv6": 1,
}

_RULES = """\
table ip cecf {
  chain pass {
    type filter hook forward priority 0; policy drop;
  }
}
"""


def namespace(offset: int) -> str:
    """Name the gate of the lab whose ports are shifted by `offset`."""
    return f"cecf-gate-{offset}" if offset else "cecf-gate"


def ensure(offset: int) -> str:
    """Make the namespace if it is missing, and return its name."""
    name = namespace(offset)
    if not exists(name):
        # Two may be at it at once; what follows needs either's.
        run("ip", "netns", "add", name, may_fail=True)
        until = time.monotonic() + _PATIENCE
        while not exists(name):
            if time.monotonic() > until:
                raise LinkError(f"network namespace {name} does not come up")
            time.sleep(0.01)
    kernel.set_sysctls(name, _SETTINGS)
    kernel.set_rules(name, _RULES)
    kernel.ip(name, "link", "set", "lo", "up")
    return name


def make(offset: int, wanted: GatePort | None, attempt: Callable[..., bool]) -> None:
    """Cable the gate to the external network, or remove the cable."""
    inside = fabric(offset)
    near = kernel.links(inside)
    if wanted is None:
        if GATE_TAP in near:
            kernel.ip(inside, "link", "delete", GATE_TAP)
        return
    own = ensure(offset)
    if _LINK not in kernel.links(own):
        if GATE_TAP in near:
            # Half a cable.
            kernel.ip(inside, "link", "delete", GATE_TAP)
        far = ("peer", "name", _LINK, "address", wanted.mac, "netns", own)
        kernel.ip(inside, "link", "add", GATE_TAP, "type", "veth", *far)
    kernel.shape(inside, GATE_TAP, wanted.mtu, wanted.bridge)
    kernel.shape(own, _LINK, wanted.mtu, "")
    attempt(_address, own, wanted)


def answers(offset: int, port: int) -> bool:
    """Tell whether an API can be reached through the gate."""
    with kernel.inside(namespace(offset)):
        connection = socket.socket()
    with connection:
        connection.settimeout(_PATIENCE)
        connection.connect(("127.0.0.1", port))
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.recv(5) == b"HTTP/"


def _address(own: str, wanted: GatePort) -> None:
    present = kernel.addresses(own)[_LINK]
    for address in sorted(present - {wanted.address}):
        kernel.ip(own, "addr", "delete", str(address), "dev", _LINK)
    if wanted.address not in present:
        kernel.ip(own, "addr", "add", str(wanted.address), "dev", _LINK)
        kernel.announce(own, _LINK, [wanted.address.ip])
