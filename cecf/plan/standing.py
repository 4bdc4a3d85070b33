"""What a stack has in the cloud before a run changes anything: data, filled in by `cecf.cloud`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The names of what a stack has."""

    running: frozenset[str] = frozenset()
    """Servers that are ACTIVE."""
    holding: frozenset[str] = frozenset()
    """Servers that a volume is attached to."""
    used: frozenset[str] = frozenset()
    """Volumes that are or were attached, and so may hold data."""


NOTHING = Standing()
"""Of a stack that is not made yet."""
