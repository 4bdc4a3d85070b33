"""The one place that builds a name. A name is an identity: change a rule here and resources are replaced."""

from ipaddress import IPv4Network

CONTROL_PLANE = "control-plane"
"""The pool name of the control plane's servers."""

ETCD = "etcd"
"""The pool name of etcd's own servers."""

ETCD_EVENTS = "etcd-events"
"""The pool name of the servers of the etcd that keeps Events."""

POOL_LABEL = "cecf.local/pool"
"""The label that tells a node's pool."""

OWNER_TAG_PREFIX = "cecf-stack:"


def owner_tag(stack: str) -> str:
    """Return the mark by which the owner of every object of a stack is known."""
    return f"{OWNER_TAG_PREFIX}{stack}"


def node(cluster: str, pool: str, ordinal: int) -> str:
    """Return a node's name: its host name, its server's and its port's."""
    return f"{cluster}-{pool}-{ordinal}"


def server_group(cluster: str, pool: str, number: int) -> str:
    """Return the name of a pool's server group; a pool larger than one group's quota has several."""
    return f"{cluster}-{pool}-spread-{number}"


def part(cluster: str, what: str) -> str:
    """Return the name of something that a cluster has one of: `finance-router`."""
    return f"{cluster}-{what}"


def rule(group: str, purpose: str, source: IPv4Network | str) -> str:
    """Return the name of a security rule: its group, its purpose and who it lets in."""
    return f"{group}-{purpose}-from-{str(source).replace('/', '-')}"
