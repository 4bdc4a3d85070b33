"""What there is to say of a setting, as data: `cecf explain` and the pages in docs/tuning say the same."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.cluster import MASK
from cecf.tuning.given import kind_of
from cecf.tuning.kinds import Anything, Value
from cecf.tuning.model import NODE_COMPONENTS, Component, DriftClass, Formula, Setting
from cecf.tuning.owned import owner
from cecf.tuning.sources import ROWS, Row, rows_of
from cecf.tuning.tables import KnownField, known, minors_with, supported

ACCEPTED_BY: Mapping[Component, str] = {
    Component.KUBELET: "kubelet --config-dir",
    Component.KUBE_PROXY: "kube-proxy --config",
    Component.SCHEDULER: "kube-scheduler --config",
    Component.API_SERVER: "kube-apiserver's flags",
    Component.CONTROLLER_MANAGER: "kube-controller-manager's flags",
    Component.ETCD: "etcd's flags",
    Component.ETCD_UNIT: "systemd-analyze verify",
    Component.CONTAINERD: "containerd config dump",
    Component.SYSTEMD: "systemd-analyze verify",
    Component.SYSCTL: "sysctl --load",
    Component.MODULES: "systemd-modules-load",
    Component.HAPROXY: "haproxy -c",
}
"""Which program reads a component's values, and refuses wrong ones."""

_IN_TURNS = "the control planes are replaced, each when the last is Ready again"
_CHANGES: Mapping[Component, str] = {
    **dict.fromkeys(Component, f"{_IN_TURNS}; workers stay"),
    **dict.fromkeys(
        NODE_COMPONENTS,
        "set for a pool, its nodes are replaced, `at_once` of each ten at a time; set for the cluster, all are: "
        f"{_IN_TURNS}, then the workers",
    ),
    **dict.fromkeys(
        (Component.ETCD, Component.ETCD_UNIT),
        f"where members are on the control planes, {_IN_TURNS}; where they have servers of their own, these are, each "
        "when the last is a member again; workers stay",
    ),
    Component.KUBE_PROXY: "the pods of its DaemonSet are replaced, on a tenth of the nodes at a time; no node is",
}
_FOR_LIFE: Mapping[str, str] = {MASK: "refused in a running cluster: nodes keep the range that they got"}
_FOLLOWS = "a pool's own profile leaves it as the cluster's has it"

DRIFTS: Mapping[DriftClass, str] = {
    "harmful": "the cluster is less safe or less stable than declared",
    "cosmetic": "only what is shown or logged differs",
    "elastic": "it is meant to move by itself",
}
"""What it means when a running component has another value."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A setting, with what follows from it."""

    setting: Setting
    says: tuple[str, ...]
    """The sources' names of it."""
    defaults: Mapping[str, Value]
    """The component's own default by Kubernetes minor, where it is known."""

    @property
    def change(self) -> str:
        """What a new value replaces in a running cluster."""
        return change_of(self.setting.component, self.setting.id)

    @property
    def accepted_by(self) -> str:
        """The program that reads it, and refuses what is wrong."""
        return ACCEPTED_BY[self.setting.component]

    @property
    def note(self) -> str:
        """What a person who changes it should know."""
        notes = (self.setting.note, _FOLLOWS if self.setting.follows_cluster else "")
        return "; ".join(note for note in notes if note)

    def data(self) -> dict[str, Any]:
        """Return everything under names that stay, for programs."""
        setting = self.setting
        return {
            "id": setting.id,
            "component": str(setting.component),
            "name": setting.name,
            "allowed": setting.kind.allowed,
            "base": {**value_data(setting.base), "reason": setting.reason},
            "profiles": {
                str(profile): {**value_data(difference.value), "reason": difference.reason}
                for profile, difference in setting.profiles.items()
            },
            "says": list(self.says),
            "source": setting.source,
            "defaults": dict(self.defaults),
            "since": setting.since,
            "until": setting.until,
            "rests_on": list(setting.rests_on),
            "drift": setting.drift,
            "change": self.change,
            "accepted_by": self.accepted_by,
            "note": self.note,
        }


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a person may mean: settings, and the row of the sources' table by which they were found, if by one."""

    settings: tuple[Setting, ...]
    row: Row | None = None


def explanation(setting: Setting) -> Explanation:
    """Return what there is to say of a setting."""
    says = tuple(row.says for row in rows_of(setting))
    return Explanation(setting=setting, says=says, defaults=_defaults(setting))


def change_of(component: Component, name: str = "") -> str:
    """Return what a new value replaces in a running cluster."""
    return _FOR_LIFE.get(name) or _CHANGES[component]


def value_data(value: Value | Formula | None) -> dict[str, Any]:
    """Return a value for programs: one of the two is null."""
    return {"value": None, "formula": value.text} if isinstance(value, Formula) else {"value": value, "formula": None}


def shown(value: Value | Formula | None) -> str:
    """Return a value as a person writes it; empty where nothing is set."""
    if value is None:
        return ""
    return str(value) if isinstance(value, str | Formula) else json.dumps(value)


def default_shown(each: Explanation) -> str:
    """Return the component's own default, and of which minor where they differ."""
    minors: dict[str, list[str]] = {}
    for minor, value in each.defaults.items():
        is_long = isinstance(value, list | dict) and any(isinstance(item, dict) for item in value)
        minors.setdefault(Anything().allowed if is_long else shown(value), []).append(minor)
    if len(minors) == 1:
        return next(iter(minors))
    return ", ".join(f"{text} ({' and '.join(of)})" for text, of in minors.items())


def window(setting: Setting) -> str:
    """Return the Kubernetes minors that know a setting; empty where all do."""
    parts = [("from", setting.since), ("until", setting.until)]
    return " ".join(f"{word} {minor}" for word, minor in parts if minor)


def find(term: str, components: Collection[Component] = tuple(Component)) -> Found:
    """Return what a person may mean: an id, a name or a part of it, a component, a name of the sources; or nothing."""
    catalogued = [setting for setting in CATALOGUE.values() if setting.component in components]
    if exact := [setting for setting in catalogued if setting.id.casefold() == term.casefold()]:
        return Found(settings=tuple(exact))
    if named := [setting for setting in catalogued if _plain(term) in map(_plain, _names(setting))]:
        return Found(settings=tuple(named))
    if row := next((row for row in ROWS if term.casefold() in row.flags), None):
        return Found(settings=row.catalogued, row=row)
    return Found(settings=tuple(_unlisted(term, components)))


def missing(term: str) -> str:
    """Say of a name that nothing was found by why that is, and what a person may have meant to write."""
    for component, fields in _fields():
        for name in fields:
            if (why := owner(component, name)) and _plain(term) in {_plain(name), _plain(f"{component}.{name}")}:
                return f"{component}.{name} is not for tuning: {why}"
    names = [name for setting in CATALOGUE.values() for name in (setting.id, *_names(setting))]
    names += [flag for row in ROWS for flag in row.flags]
    by_plain = {_plain(name): name for name in reversed(names)}
    close = [by_plain[plain] for plain in get_close_matches(_plain(term), by_plain, n=3)]
    hint = f"; did you mean {' or '.join(close)}?" if close else ": `cecf explain` lists what there is"
    return f"there is no '{term}'{hint}"


def _names(setting: Setting) -> list[str]:
    """Return the names by which a setting is found: its component, and every beginning and end of its own name."""
    parts = setting.name.split(".")
    ends = [".".join(parts[number:]) for number in range(len(parts))]
    beginnings = [".".join(parts[:number]) for number in range(1, len(parts))]
    return [str(setting.component), *ends, *beginnings, *(f"{setting.component}.{name}" for name in beginnings)]


def _plain(name: str) -> str:
    """Return a name as it is however words are joined: `max-pods` is `maxPods`."""
    return re.sub(r"[-_]", "", name).casefold()


def _fields() -> Iterator[tuple[Component, Mapping[str, KnownField]]]:
    """Yield the fields that each component knows, of all minors: the newest that has one describes it."""
    for component in Component:
        yield component, {name: field for minor in supported() for name, field in known(component, minor).items()}


def _unlisted(term: str, components: Collection[Component]) -> Iterator[Setting]:
    """Yield the fields of that name that are for tuning, though the catalogue says nothing of them."""
    for component, fields in _fields():
        for name, field in fields.items() if component in components else ():
            if _plain(term) in {_plain(name), _plain(f"{component}.{name}")} and not owner(component, name):
                minors = minors_with(component, name)
                yield Setting(
                    component=component,
                    field=name,
                    kind=kind_of(component, field.type),
                    reason="not in the catalogue: only a stack file sets it",
                    source=f"the fields that {component} knows",
                    since="" if minors[0] == supported()[0] else minors[0],
                    until="" if minors[-1] == supported()[-1] else minors[-1],
                )


def _defaults(setting: Setting) -> dict[str, Value]:
    found = {minor: known(setting.component, minor).get(setting.name) for minor in supported()}
    return {minor: field.default for minor, field in found.items() if field and field.default is not None}
