"""The loss of one host costs no more than one of a group."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policy.rules import tokens
from policy.rules.model import Finding, Hidden, Level, Options, Resource, Rule, Severity, of

_HARD, _SOFT = "anti-affinity", "soft-anti-affinity"

_WORKER = "worker"


def _groups(resources: Sequence[Resource], _options: Options) -> Iterator[Finding]:
    policies = {group.urn: _policy(group.props) for group in of(resources, tokens.SERVER_GROUP)}
    for (role, pool), servers in _pools(resources).items():
        wanted = {_HARD, _SOFT} if role == _WORKER else {_HARD}
        for server in servers if len(servers) > 1 else ():
            has = {policies.get(urn) for urn in server.references.get("schedulerHints", ())} - {None}
            if not has:
                yield server, f"one of {len(servers)} servers of {pool}, and in no server group of this stack"
            for policy in has - wanted - {Hidden.UNKNOWN}:
                yield server, f"one of {len(servers)} servers of {pool}, and its server group's policy is {policy!r}"


def _pools(resources: Sequence[Resource]) -> Mapping[tuple[Any, Any], list[Resource]]:
    """Return the servers by role and pool."""
    pools: dict[tuple[Any, Any], list[Resource]] = defaultdict(list)
    for server in of(resources, tokens.SERVER):
        metadata = server.props.get("metadata") or {}
        if not isinstance(metadata, Hidden):
            pools[metadata.get("cecf-role"), metadata.get("cecf-pool")].append(server)
    return pools


def _policy(props: Mapping[str, Any]) -> Any:
    policies = props.get("policies")
    return policies[0] if isinstance(policies, list) and policies else policies


RULES = (
    Rule(
        name="spread-groups",
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        description="Servers that stand in for each other are in a server group with anti-affinity; "
        "workers may have the soft one.",
        why="one host could take several of them with it",
        mend="in the program, give them a server group; "
        "of a worker pool: pulumi config set --path 'cecf:cluster.worker_pools.<pool>.anti_affinity' required",
        check=_groups,
        whole=True,
    ),
)
