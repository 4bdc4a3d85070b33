"""etcd: members that can decide, on volumes that are fast, encrypted and not deleted by mistake."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policy.rules import tokens
from policy.rules.model import Finding, Hidden, Level, Option, Options, Resource, Rule, Severity, is_named, of

_SNAPSHOTS = "-backup"
"""Ends the name of a volume that holds snapshots only: they are encrypted by themselves, and need not be fast."""


def _members(resources: Sequence[Resource], _options: Options) -> Iterator[Finding]:
    for stack in of(resources, tokens.STACK):
        match stack.props.get("etcd"):
            case {"members": Mapping() as members, **others}:
                yield from _even(stack, "members", members)
                yield from _even(stack, "events_members", others.get("events_members") or None)


def _even(stack: Resource, name: str, members: Any) -> Iterator[Finding]:
    if isinstance(members, Mapping) and len(members) % 2 == 0:
        yield stack, f"the output etcd.{name} has {len(members)} members"


def _volumes(resources: Sequence[Resource]) -> list[Resource]:
    found = (each for each in of(resources, tokens.VOLUME) if tokens.ETCD_CLUSTER in each.within)
    return [volume for volume in found if not volume.name.endswith(_SNAPSHOTS)]


def _slow(resources: Sequence[Resource], options: Options) -> Iterator[Finding]:
    yield from _not_of(resources, options["ssd_types"], "SSD")


def _readable(resources: Sequence[Resource], options: Options) -> Iterator[Finding]:
    yield from _not_of(resources, options["encrypted_types"], "encrypted")


def _not_of(resources: Sequence[Resource], listed: Sequence[str], as_what: str) -> Iterator[Finding]:
    for volume in _volumes(resources):
        kind = volume.props.get("volumeType")
        if not isinstance(kind, Hidden) and kind not in listed:
            name = f"volume type {kind!r}" if kind else "the cloud's default volume type"
            yield volume, f"{name} is not listed as {as_what} ({', '.join(listed) or 'none is'})"


def _unprotected(resources: Sequence[Resource], options: Options) -> Iterator[Finding]:
    for resource in [*_volumes(resources), *of(resources, tokens.CLUSTER_PKI)]:
        if is_named(resource.stack, options["production"]) and not resource.protect:
            yield resource, "is not protected"


_TYPES = "pulumi config set --path 'cecf:cluster.etcd.volume.type' '<type>' (likewise wal_volume, events.volume)"

RULES = (
    Rule(
        name="odd-etcd",
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        description="An etcd has an odd number of members.",
        why="an even one survives no more losses than the odd one below it, and may split in half",
        mend="pulumi config set --path 'cecf:cluster.etcd.members' 3",
        check=_members,
        whole=True,
    ),
    Rule(
        name="etcd-on-ssd",
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        description="etcd's volumes are of a type that is on SSDs.",
        why="a slow disk costs it the leader",
        mend=f"{_TYPES}; or add the type to this rule's option `ssd_types`",
        check=_slow,
        options=(Option(name="ssd_types", default=("ssd",), description="Volume types that are on SSDs."),),
    ),
    Rule(
        name="etcd-encrypted",
        severity=Severity.HIGH,
        level=Level.ADVISORY,
        description="etcd's volumes are of a type that the cloud encrypts.",
        why="whoever gets hold of the disk reads all but the Secrets",
        mend=f"{_TYPES}; or add the type to this rule's option `encrypted_types`",
        check=_readable,
        options=(
            Option(
                name="encrypted_types",
                default=(),
                description="Volume types that the cloud encrypts. Only its administrator knows: no name tells.",
            ),
        ),
    ),
    Rule(
        name="protected-in-production",
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        description="In production, etcd's volumes and the cluster's keys are protected from being deleted.",
        why="a mistaken destroy or rename would delete them for good",
        mend="pulumi config set --path 'cecf:cluster.protect' true",
        check=_unprotected,
        options=(
            Option(
                name="production",
                default=("finance",),
                description="Stacks in production; `*` stands for any text.",
            ),
        ),
    ),
)
