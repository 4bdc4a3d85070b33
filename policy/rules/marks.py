"""Everything tells whose it is, so that nothing is left behind and nothing is billed to nobody."""

from collections.abc import Iterator, Mapping, Sequence

from policy.rules import tokens
from policy.rules.model import Finding, Hidden, Level, Options, Resource, Rule, Severity, of

OWNER = "cecf-owner"
"""The metadata key of the owner's mark."""

TAGS = {
    tokens.SERVER: (OWNER, "cecf-role", "cecf-pool", "cecf-kubernetes"),
    tokens.VOLUME: (OWNER,),
}
"""The metadata that objects have, by type."""

DESCRIBED = (
    tokens.CREDENTIAL,
    tokens.FLOATING_IP,
    tokens.LISTENER,
    tokens.LOAD_BALANCER,
    tokens.NETWORK,
    tokens.POOL,
    tokens.PORT,
    tokens.ROUTER,
    tokens.SECURITY_GROUP,
    tokens.SUBNET,
)
"""Types whose objects have no metadata; their description is the mark."""


def mark(stack: str) -> str:
    """Return the mark of a stack's objects."""
    return f"cecf-stack:{stack}"


def _marks(resources: Sequence[Resource], _options: Options) -> Iterator[Finding]:
    for resource in of(resources, *TAGS):
        metadata = resource.props.get("metadata")
        if not isinstance(metadata, Hidden):
            yield from ((resource, what) for what in _missing(resource, metadata or {}))
    for resource in of(resources, *DESCRIBED):
        if _differs(resource.props.get("description"), mark(resource.stack)):
            yield resource, f"its description is not {mark(resource.stack)!r}"
    for group in of(resources, tokens.SERVER_GROUP):
        name = group.props.get("name")
        if not isinstance(name, Hidden) and not str(name).startswith(f"{mark(group.stack)}:"):
            yield group, f"its name does not begin with {mark(group.stack)!r}"


def _missing(resource: Resource, metadata: Mapping[str, object]) -> Iterator[str]:
    for key in TAGS[resource.type]:
        if not metadata.get(key):
            yield f"its metadata has no {key}"
    if metadata.get(OWNER) and _differs(metadata[OWNER], mark(resource.stack)):
        yield f"its {OWNER} is not {mark(resource.stack)!r}"


def _differs(value: object, wanted: str) -> bool:
    return not isinstance(value, Hidden) and value != wanted


RULES = (
    Rule(
        name="owner-marks",
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        description="Every object in the cloud bears its stack's mark; servers tell role, pool and release besides.",
        why="without it nobody finds what a lost or interrupted run left behind",
        mend="in the program, give it the guard's owner, as the components in cecf_components do",
        check=_marks,
    ),
)
