"""The generated part of the page on ports: the security matrix, with each place where etcd may run."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network

from cecf.plan import Role, RulePlan, SecurityGroupPlan
from cecf.plan.rules import plan_security_groups
from cecf.settings import ClusterSettings
from cecf.settings.etcd import EtcdSettings, EventsSettings
from docs.generator.markdown import code, table

CLUSTER = ClusterSettings(name="cluster", zones=("az1",), etcd=EtcdSettings(events=EventsSettings()))
"""Default settings, the two that have none, and servers of etcd's own beside members on the control plane."""


def parts() -> Mapping[str, list[str]]:
    """Return the generated parts of the page."""
    return {"matrix": list(table(("into", "purpose", "protocol", "ports", "from"), _rows()))}


def purposes() -> set[str]:
    """Return the purpose of every opening, as it stands in the names of rules."""
    return {_purpose(group, rule) for group in _groups() for rule in group.rules if rule.direction == "ingress"}


def _groups() -> tuple[SecurityGroupPlan, ...]:
    return plan_security_groups(CLUSTER)


def _rows() -> Iterator[tuple[str, ...]]:
    for group in _groups():
        rows: dict[tuple[str, ...], list[str]] = {}
        for rule in group.rules:
            if rule.direction == "ingress":
                key = (group.role, code(_purpose(group, rule)), rule.protocol, _ports(rule))
                rows.setdefault(key, []).append(_remote(rule.remote))
        yield from ((*key, ", ".join(remotes)) for key, remotes in rows.items())


def _purpose(group: SecurityGroupPlan, rule: RulePlan) -> str:
    return rule.name.removeprefix(f"{group.name}-").rsplit("-from-", maxsplit=1)[0]


def _ports(rule: RulePlan) -> str:
    if rule.port_min is None:
        return "-"
    return str(rule.port_min) if rule.port_min == rule.port_max else f"{rule.port_min}-{rule.port_max}"


def _remote(remote: IPv4Network | Role) -> str:
    return f"{remote} nodes" if isinstance(remote, Role) else str(remote)
