"""Removes all that is the lab's, so that the machine is as it was before."""

from __future__ import annotations

from . import gate, host, kernel, routers, routing
from .links import LinkError, exists, namespace, run


def down(offset: int) -> tuple[str, ...]:
    """Remove one lab's namespaces, interfaces and rules; return a line for whatever stays."""
    inside = namespace(offset)
    problems: list[str] = []
    if exists(inside):
        links = kernel.links(inside)
        own = [routing.namespace(router) for router in sorted(set(routers.of(links).values()))]
        for each in filter(exists, own):
            _try(problems, "ip", "netns", "delete", each)
        # By name, not with the namespace: whoever still listens in that would keep them alive.
        for name in links:
            if name != "lo":
                run("ip", "-n", inside, "link", "delete", name, may_fail=True)
        _try(problems, "ip", "netns", "delete", inside)
    if exists(gate.namespace(offset)):
        _try(problems, "ip", "netns", "delete", gate.namespace(offset))
    if host.link(offset) in kernel.links(""):
        _try(problems, "ip", "link", "delete", host.link(offset))
    try:
        host.shut(offset, None)
    except LinkError as reason:
        problems.append(str(reason))
    return tuple(problems)


def _try(problems: list[str], *command: str) -> None:
    try:
        run(*command)
    except LinkError as reason:
        problems.append(str(reason))
