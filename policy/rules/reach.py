"""Nothing is open to the world: neither the API nor SSH nor anything else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from policy.rules import tokens
from policy.rules.model import Finding, Hidden, Level, Options, Resource, Rule, Severity, of

_WIDEST = {4: 8, 6: 16}
"""The shortest prefix that is somebody's, by version of IP: two halves of the world are the world, too."""

_KNOWN = {22: "SSH", 6443: "the Kubernetes API", 2379: "etcd", 10250: "the kubelet"}

_OVN = "ovn"
"""The provider of load balancers whose listeners know no ranges: there the security groups decide."""


def _is_world(cidr: str) -> bool:
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return True  # nobody knows what it lets in
    return network.prefixlen < _WIDEST[network.version]


def _openings(resources: Sequence[Resource], _options: Options) -> Iterator[Finding]:
    for rule in of(resources, tokens.SECURITY_GROUP_RULE):
        source = _source(rule.props)
        if rule.props.get("direction") == "ingress" and isinstance(source, str) and _is_world(source):
            yield rule, f"{_opened(rule.props)} is open to {source}"


def _source(props: Mapping[str, Any]) -> Any:
    """Return the range that a rule lets in; none where it lets in members of a group."""
    if props.get("remoteGroupId") or props.get("remoteAddressGroupId"):
        return None
    return props.get("remoteIpPrefix") or ("::/0" if props.get("ethertype") == "IPv6" else "0.0.0.0/0")


def _opened(props: Mapping[str, Any]) -> str:
    protocol = props.get("protocol") or "every protocol"
    low, high = props.get("portRangeMin"), props.get("portRangeMax")
    if not (isinstance(low, int | float) and isinstance(high, int | float)):
        return f"{protocol}, all ports,"
    first, last = int(low), int(high)
    ports = str(first) if first == last else f"{first}-{last}"
    known = [purpose for port, purpose in _KNOWN.items() if first <= port <= last]
    return f"{protocol} {ports}" + (f" ({', '.join(known)})" if known else "")


def _listeners(resources: Sequence[Resource], _options: Options) -> Iterator[Finding]:
    balancers = of(resources, tokens.LOAD_BALANCER)
    by_groups = balancers and all(each.props.get("loadbalancerProvider") == _OVN for each in balancers)
    for listener in of(resources, tokens.LISTENER):
        cidrs = listener.props.get("allowedCidrs")
        if not cidrs and not by_groups:
            yield listener, f"port {_port(listener)} has no allowed ranges, so is open to the world"
        elif not isinstance(cidrs, Hidden):
            yield from ((listener, f"port {_port(listener)} is open to {cidr}") for cidr in _worlds(cidrs or ()))


def _worlds(cidrs: Iterable[Any]) -> Iterator[str]:
    return (cidr for cidr in cidrs if isinstance(cidr, str) and _is_world(cidr))


def _port(listener: Resource) -> str:
    port = listener.props.get("protocolPort")
    return str(int(port)) if isinstance(port, int | float) else "?"


_MEND = "pulumi config set --path 'cecf:cluster.control_plane.endpoint.allowed_cidrs[0]' '<range>', for each range"

RULES = (
    Rule(
        name="no-world-open-port",
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        description="No security group lets the world in: not to the API, not to SSH, nor to any other port.",
        why="whoever finds it may try",
        mend=_MEND,
        check=_openings,
    ),
    Rule(
        name="no-world-open-load-balancer",
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        description="No load balancer's listener lets the world in.",
        why="whoever finds it may try",
        mend=_MEND,
        check=_listeners,
        whole=True,
    ),
)
