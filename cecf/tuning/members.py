"""etcd's members as they see themselves, and what they have to agree on."""

from collections.abc import Sequence
from dataclasses import dataclass

from cecf.tuning.drift import Drift
from cecf.tuning.model import DriftClass

LAG = 1000
"""Writes that a member may be behind: members are asked one after the other while the cluster goes on."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """What `etcdctl endpoint status` says of a member."""

    node: str
    version: str
    leader: int
    """The id of the member that it follows; 0: none."""
    revision: int
    size: int
    """Of its database, in bytes."""


def disagreements(members: Sequence[Member]) -> list[Drift]:
    """Return what members do not agree on."""
    found = []
    if len({member.version for member in members}) > 1:
        found.append(_drift("etcd.version", "the same in all", _told(members, "version"), "harmful"))
    if len({member.leader for member in members}) > 1 or any(not member.leader for member in members):
        found.append(_drift("etcd.leader", "one, the same for all", _told(members, "leader"), "harmful"))
    revisions = [member.revision for member in members]
    if members and max(revisions) - min(revisions) > LAG:
        found.append(_drift("etcd.revision", f"at most {LAG} apart", _told(members, "revision"), "elastic"))
    return found


def _told(members: Sequence[Member], field: str) -> dict[str, object]:
    return {member.node: getattr(member, field) for member in members}


def _drift(name: str, declared: str, running: dict[str, object], drift: DriftClass) -> Drift:
    return Drift(
        id=name,
        scope="cluster",
        node="",
        source="etcdctl endpoint status",
        declared=declared,
        running=running,
        drift=drift,
    )
