"""Drift in OpenStack: what the engine's refresh finds, and what it does not look at."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cecf.automation.audit import Audit, audit, told
from cecf.automation.drift.model import ELASTIC, Finding, Report
from cecf.automation.events import name_of
from cecf.automation.known import Resource
from cecf.automation.stack import SERVER, Change, Stack
from cecf.cloud import connect
from cecf.cloud.inside import security_groups
from cecf.cloud.spread import check_spread

_ATTACHMENT = "openstack:compute/volumeAttach:VolumeAttach"
_GROUP = "openstack:networking/secGroup:SecGroup"
_SPREAD = "pulumi-python:dynamic/cecf:SpreadCheck"

_SHOWN = frozenset({"name", "description", "tags", "metadata"})
"""Properties that only tell people something."""

_POWER = "powerState"


@told()
def of_cloud(stack: Stack) -> Report:
    """Compare what the state has with what the cloud has. Raises `OperationFailedError` while another run goes on."""
    cloud, found = connect(stack.cloud), audit(stack)
    rules = list(cloud.network.security_group_rules(project_id=cloud.current_project_id))
    # A cloud controller opens the nodes to its own load balancers, and closes them again.
    controllers = {group.id for group in security_groups(cloud, stack.settings().cluster.name)}
    foreign = [rule for rule in rules if rule.remote_group_id not in controllers]
    changes, resources = stack.changes(), stack.resources()
    if changes or any(_openings(foreign, resources)):
        # Nobody is at work on it, or this says so: what a run has just made or deleted is no drift.
        stack.hold()
        changes, resources = stack.changes(), stack.resources()
    gone = {change.id for change in changes if change.gone}
    findings = [
        *(finding for change in changes if (finding := of_change(stack.name, change, gone))),
        *of_audit(stack.name, found),
        *_openings(foreign, resources),
        *_spread(stack, resources, gone),
    ]
    return Report(findings=tuple(findings), unread=found.remarks)


def of_change(stack: str, change: Change, gone: Iterable[str] = ()) -> Finding | None:
    """Return what a change of one object means; none where another finding says it already. `gone` are ids."""
    up = f"cecf up --stack {stack} --refresh"
    noun = change.type.rsplit(":", 1)[-1]
    where = f"{noun} {change.name}"
    if change.gone:
        with_its_server = change.type == _ATTACHMENT and change.id.partition("/")[0] in gone
        return None if with_its_server else Finding(where=where, what="is gone", drift="harmful", mend=up)
    properties = sorted(change.properties)
    what = f"{', '.join(properties) or 'it'} {'is' if len(properties) < 2 else 'are'} not as declared"  # noqa: PLR2004
    if change.type == SERVER and properties == [_POWER]:
        server = change.name.removesuffix("-server")
        mend = f"openstack server start {server}"
        return Finding(where=where, what="does not run", drift="harmful", mend=mend)
    cosmetic = bool(properties) and change.properties <= _SHOWN
    return Finding(where=where, what=what, drift="cosmetic" if cosmetic else "harmful", mend=up)


def of_audit(stack: str, found: Audit) -> Iterator[Finding]:
    """Yield what the cloud has beside the state."""
    for item in found.elastic:
        yield Finding(
            where=item.name, what=f"a server ({item.id}) that the program has not made", drift="elastic", mend=ELASTIC
        )
    for item in found.left:
        what = "is left over from a failed run"
        yield Finding(where=str(item), what=what, drift="leak", mend=f"cecf audit --stack {stack} --clean")


def _openings(rules: Iterable[Any], resources: Sequence[Resource]) -> Iterator[Finding]:
    """Yield rules of the stack's security groups that are not the program's: a refresh reads only those that are."""
    groups = {each["id"]: name_of(each["urn"]) for each in resources if each["type"] == _GROUP}
    known = {each["id"] for each in resources if each.get("id")}
    for rule in rules:
        if rule.security_group_id not in groups or rule.id in known:
            continue
        yield Finding(
            where=f"SecGroup {groups[rule.security_group_id]}",
            what=f"lets through what is not declared: {_told(rule)}",
            drift="harmful",
            mend=f"openstack security group rule delete {rule.id}",
        )


def _told(rule: Any) -> str:
    ports = "-".join(
        dict.fromkeys(str(port) for port in (rule.port_range_min, rule.port_range_max) if port is not None)
    )
    remote = rule.remote_ip_prefix or rule.remote_group_id or "anywhere"
    return f"{rule.direction} {rule.protocol or 'anything'} {ports} {remote}".replace("  ", " ")


def _spread(stack: Stack, resources: Sequence[Resource], gone: set[str]) -> Iterator[Finding]:
    """Yield what is wrong with the servers' spread that was not when the program asked: servers move."""
    for check in (each for each in resources if each["type"] == _SPREAD):
        groups: Mapping[str, Mapping[str, Any]] = check["inputs"]["groups"]
        there = {
            group: {name: server for name, server in servers.items() if server["id"] not in gone}
            for group, servers in groups.items()
        }
        for fault in check_spread(stack.cloud, there)["faults"]:
            if fault not in (check["outputs"].get("faults") or ()):
                yield Finding(
                    where="spread",
                    what=fault,
                    drift="harmful",
                    mend="openstack server migrate, as the cloud's operator",
                )
