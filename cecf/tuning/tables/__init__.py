"""Every field and flag that the components know, by Kubernetes minor.

The files beside this one are made by `python -m lab.tables` from the components' own code; see lab/tables/README.md.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cecf.problems import Problem, config_set
from cecf.tuning.model import Component
from cecf.versions import minor_of

_FOLDER = Path(__file__).parent

TABLED = frozenset(
    {
        Component.KUBELET,
        Component.KUBE_PROXY,
        Component.SCHEDULER,
        Component.API_SERVER,
        Component.CONTROLLER_MANAGER,
        Component.ETCD,
    }
)
"""The components of which all fields are known; of the others, those in the catalogue."""


@dataclass(frozen=True)
class KnownField:
    """A field that a component knows."""

    type: str
    default: Any = None
    """Its own default; none where it has none, or one that depends on the machine."""
    deprecated: bool = False


@cache
def supported() -> tuple[str, ...]:
    """Return the minors that there are tables of, the oldest first."""
    return tuple(sorted((file.stem for file in _FOLDER.glob("*.json")), key=lambda minor: int(minor.split(".")[1])))


def unsupported(release: str) -> Iterator[Problem]:
    """Refuse a Kubernetes release that there is no table of."""
    if (minor := minor_of(release)) not in supported():
        first, *_, last = supported()
        yield Problem(
            path="kubernetes_version",
            what=f"Kubernetes {minor} is not supported",
            why=f"the fields of its components are not known; {first} to {last} are",
            mend=config_set("cluster.kubernetes_version", "<a-supported-release>"),
        )


@cache
def table(minor: str) -> Mapping[str, Any]:
    """Return a minor's table as it stands in its file."""
    loaded: Mapping[str, Any] = json.loads((_FOLDER / f"{minor}.json").read_text())
    return loaded


@cache
def known(component: Component, minor: str) -> Mapping[str, KnownField]:
    """Return the fields that a component of a minor knows, by name."""
    return {name: KnownField(**field) for name, field in table(minor).get(str(component), {}).items()}


def minors_with(component: Component, name: str) -> tuple[str, ...]:
    """Return the minors whose component knows a field."""
    return tuple(minor for minor in supported() if name in known(component, minor))
