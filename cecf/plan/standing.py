"""What a stack has in the cloud before a run changes anything: data, filled in by `cecf.cloud`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a stack has; servers and volumes by their names."""

    running: frozenset[str] = frozenset()
    """Servers that are ACTIVE."""
    holding: frozenset[str] = frozenset()
    """Servers that a volume is attached to."""
    used: frozenset[str] = frozenset()
    """Volumes that are or were attached, and so may hold data."""
    releases: frozenset[str] = frozenset()
    """The Kubernetes releases of the control plane's servers."""


NOTHING = Standing()
"""Of a stack that is not made yet."""
