"""What may pass the bridges, as one nftables ruleset: who may speak, and to whom.

A frame meets, in this order:

1. its sender's chain in the bridge's prerouting: MAC, ARP and source address must be the port's own or an allowed
   pair; the packet's mark then says which port it came from,
2. its network's conntrack zone: tenants with the same addresses do not mix,
3. the sender's security groups (egress) in ip's prerouting,
4. its receiver's chain in the bridge's forwarding: the mark then says which port it goes to,
5. the receiver's security groups (ingress) in ip's forwarding.

Steps 2, 3 and 5 see bridged packets as br_netfilter shows them to conntrack: this kernel's bridge has none of its
own. Mark 0 stands for a port that is not to be filtered. Packets of a connection's first direction are judged each
time, and only its replies for its sake: a rule that is gone ends what it had let in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, collapse_addresses

from .model import Cloud, Pair, Rule

_WITH_PORTS = {6, 17, 33, 132, 136}
_ICMP = 1
_ANYWHERE = IPv4Network("0.0.0.0/0")


@dataclass(frozen=True)
class Guarded:
    """One filtered port of a bridge."""

    tap: str
    mark: int
    senders: tuple[Pair, ...]
    groups: tuple[str, ...] = ()
    anything_out: bool = False
    """Whether it may speak to everybody, which the machine's own port may."""


def ruleset(cloud: Cloud, guarded: Sequence[Guarded], unguarded: Iterable[str], zones: Mapping[str, int]) -> str:
    """Write the rules of all bridges; what is not named in them is dropped."""
    unguarded = sorted(unguarded)
    groups = sorted({group for port in guarded for group in port.groups})
    rules = [rule for rule in cloud.rules.values() if rule.group in groups]
    return "\n".join(
        [
            "table bridge cecf {",
            *_senders(guarded, unguarded),
            *_receivers(guarded, unguarded),
            # Nothing speaks to the fabric itself.
            *_chain("stay", "type filter hook input priority -200; policy drop;"),
            "}",
            "table ip cecf {",
            *_sets(cloud, rules),
            *(line for group in groups for line in _group(group, rules)),
            # Before packets are put together from fragments, which must not mix either.
            *_chain(
                "zone",
                "type filter hook prerouting priority -450; policy accept;",
                *(f'iifname "{bridge}" ct zone set {zone}' for bridge, zone in sorted(zones.items())),
            ),
            *_judged("egress", "prerouting", guarded),
            *_judged("ingress", "forward", guarded),
            "}",
            "",
        ]
    )


def _senders(guarded: Sequence[Guarded], unguarded: Iterable[str]) -> Iterable[str]:
    for port in guarded:
        yield from _chain(f"from-{port.tap}", *_sender(port))
    yield from _chain("from-any", "meta mark set 0 accept")
    targets = {port.tap: f"from-{port.tap}" for port in guarded} | dict.fromkeys(unguarded, "from-any")
    # Before the bridge learns who is where.
    hook = "type filter hook prerouting priority -300; policy drop;"
    yield from _chain("from", hook, *_dispatch("iifname", {f'"{tap}"': chain for tap, chain in targets.items()}))


def _sender(port: Guarded) -> Iterable[str]:
    for mac in sorted({pair.mac for pair in port.senders}):
        own = _joined(pair.network for pair in port.senders if pair.mac == mac)
        if not own:
            continue
        arp, ip = (f" arp saddr ip {own}", f" ip saddr {own}") if own != str(_ANYWHERE) else ("", "")
        yield f"ether saddr {mac} ether type arp arp saddr ether {mac}{arp} accept"
        # Nobody plays the network's DHCP server.
        yield f"ether saddr {mac} ether type ip{ip} udp sport 67 udp dport 68 drop"
        yield f"ether saddr {mac} ether type ip{ip} meta mark set {port.mark:#010x} accept"


def _receivers(guarded: Sequence[Guarded], unguarded: Iterable[str]) -> Iterable[str]:
    for port in guarded:
        ip = f"ether type ip meta mark set {port.mark:#010x} accept"
        yield from _chain(f"to-{port.tap}", "ether type arp accept", ip)
    yield from _chain("to-any", "meta mark set 0 accept")
    targets = {port.tap: f"to-{port.tap}" for port in guarded} | dict.fromkeys(unguarded, "to-any")
    hook = "type filter hook forward priority -200; policy drop;"
    yield from _chain("to", hook, *_dispatch("oifname", {f'"{tap}"': chain for tap, chain in targets.items()}))


def _judged(direction: str, hook: str, guarded: Sequence[Guarded]) -> Iterable[str]:
    for port in guarded:
        everything = ["accept"] if port.anything_out and direction == "egress" else []
        yield from _chain(
            f"{direction}-{port.tap}", *(f"jump {direction}-{group}" for group in port.groups), *everything, "drop"
        )
    yield from _chain(
        direction,
        f"type filter hook {hook} priority 0; policy drop;",
        "meta mark 0 accept",
        "ct direction reply ct state established accept",
        "ct state related accept",
        "ct state invalid drop",
        *_dispatch("meta mark", {f"{port.mark:#010x}": f"{direction}-{port.tap}" for port in guarded}),
    )


def _group(group: str, rules: Iterable[Rule]) -> Iterable[str]:
    own = [rule for rule in rules if rule.group == group]
    yield from _chain(f"egress-{group}", *sorted({_rule(rule) for rule in own if not rule.ingress}))
    yield from _chain(f"ingress-{group}", *sorted({_rule(rule) for rule in own if rule.ingress}))


def _rule(rule: Rule) -> str:
    far = "saddr" if rule.ingress else "daddr"
    words = []
    if rule.protocol:
        words.append(f"meta l4proto {rule.protocol}")
    if rule.protocol in _WITH_PORTS and (rule.low, rule.high) != (None, None):
        words.append(f"th dport {_range(rule)}")
    if rule.protocol == _ICMP and rule.low is not None:
        words.append(f"icmp type {rule.low}" + (f" icmp code {rule.high}" if rule.high is not None else ""))
    if rule.prefix is not None and rule.prefix != _ANYWHERE:
        words.append(f"ip {far} {rule.prefix}")
    if rule.remote_group:
        words.append(f"ip {far} @members-{rule.remote_group}")
    if rule.remote_addresses:
        words.append(f"ip {far} @addresses-{rule.remote_addresses}")
    return " ".join([*words, "accept"])


def _range(rule: Rule) -> str:
    low = rule.low if rule.low is not None else 0
    high = rule.high if rule.high is not None else low
    return str(low) if low >= high else f"{low}-{high}"


def _sets(cloud: Cloud, rules: Iterable[Rule]) -> Iterable[str]:
    rules = list(rules)
    for group in sorted({rule.remote_group for rule in rules} - {""}):
        members = (port for port in cloud.ports.values() if group in port.groups)
        yield from _set(f"members-{group}", (pair.network for port in members for pair in port.senders))
    for group in sorted({rule.remote_addresses for rule in rules} - {""}):
        yield from _set(f"addresses-{group}", cloud.address_groups.get(group, ()))


def _set(name: str, networks: Iterable[IPv4Network]) -> Iterable[str]:
    merged = [str(network) for network in collapse_addresses(networks)]
    yield f"  set {name} {{ type ipv4_addr; flags interval;"
    if merged:
        yield f"    elements = {{ {', '.join(merged)} }}"
    yield "  }"


def _joined(networks: Iterable[IPv4Network]) -> str:
    # nftables refuses a set whose elements overlap.
    merged = [str(network) for network in collapse_addresses(networks)]
    return merged[0] if len(merged) == 1 else f"{{ {', '.join(merged)} }}" if merged else ""


def _chain(name: str, *lines: str) -> Iterable[str]:
    yield f"  chain {name} {{"
    yield from (f"    {line}" for line in lines)
    yield "  }"


def _dispatch(key: str, targets: Mapping[str, str]) -> Iterable[str]:
    if targets:
        yield f"{key} vmap {{ {', '.join(f'{value} : goto {chain}' for value, chain in sorted(targets.items()))} }}"
