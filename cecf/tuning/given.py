"""What a person gives instead of the catalogue's values, read from a stack file and judged field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from cecf.problems import Problem, below, config_remove, config_set, join_path
from cecf.tuning import kinds
from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.entries import ENTRIES
from cecf.tuning.kinds import Kind, Value
from cecf.tuning.model import NODE_COMPONENTS, Component, Formula, Setting
from cecf.tuning.owned import owner
from cecf.tuning.tables import TABLED, known, minors_with, supported
from cecf.tuning.tuned import Origin, Tuned

_NESTED = frozenset({Component.KUBELET, Component.KUBE_PROXY, Component.SCHEDULER, Component.CONTAINERD})
"""The components whose documents have fields inside of fields; others have flat names with dots in them."""

_FLAGS = frozenset({Component.API_SERVER, Component.CONTROLLER_MANAGER, Component.ETCD})
"""The components that are told by flags."""


def path_of(setting: Setting) -> tuple[str, ...]:
    """Return the keys that lead to a setting in its component's document."""
    parts = tuple(setting.field.split(".")) if setting.component in _NESTED else (setting.field,)
    return (*parts, setting.key) if setting.key else parts


class Reading:
    """What is in one `values` of a stack file: `given`, and the `problems` with it."""

    def __init__(self, values: Mapping[str, Any], minor: str, location: str, root: str, origin: Origin) -> None:
        """Read `values`, which stand at `location` below the model whose own place is `root`."""
        self.given: list[Tuned] = []
        self.problems: list[Problem] = []
        self._minor, self._root, self._origin = minor, root, origin
        for name, tree in values.items():
            self._component(name, tree, below(location, join_path(name)))

    def _component(self, name: str, tree: Any, location: str) -> None:
        allowed = [each for each in Component if each in NODE_COMPONENTS or self._origin is not Origin.POOL]
        if name not in allowed:
            close = get_close_matches(name, allowed, n=1)
            why = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(allowed)}"
            what = (
                f"{name} is one for the whole cluster" if name in list(Component) else f"there is no '{name}' to tune"
            )
            self._refuse(location, what, why)
        elif not isinstance(tree, Mapping):
            self._refuse(location, f"should be {name}'s settings by name")
        else:
            self._walk(_Names(Component(name), self._minor), "", tree, location)

    def _walk(self, names: "_Names", before: str, tree: Mapping[str, Any], location: str) -> None:
        for key, value in tree.items():
            name, place = below(before, key), below(location, join_path(key))
            if found := names.find(name):
                self._take(found, value, place)
            elif not names.leads_on(name):
                self._unknown(names, name, place)
            elif isinstance(value, Mapping):
                self._walk(names, name, value, place)
            else:
                self._refuse(place, "should be its entries by name")

    def _take(self, found: "_Found", value: Value, location: str) -> None:
        identity, kind = f"{found.component}.{found.name}", found.kind
        twin = next((each for each in self.given if each.id == identity), None)
        if why := owner(found.component, found.name):
            self._refuse(location, f"{found.name} is not for tuning", why)
        elif twin:
            what = f"{identity} is set twice, here and at {below(self._root, twin.location)}"
            self._refuse(location, what, "one of them would be lost")
        elif fault := kind.fault(value):
            said = kind.allowed in fault and found.setting
            why = found.setting.reason if said and found.setting else f"{found.component} takes {kind.allowed}"
            self._refuse(location, fault, why, _good(found))
        else:
            self.given.append(
                Tuned(
                    id=identity,
                    component=found.component,
                    path=found.path,
                    value=kind.written(value),
                    origin=self._origin,
                    setting=found.setting,
                    location=location,
                    kind=kind,
                )
            )

    def _unknown(self, names: "_Names", name: str, location: str) -> None:
        component, minor = names.component, self._minor
        versioned = f"{component} {minor}" if component in TABLED else f"the catalogue's {component}"
        elsewhere = minors_with(component, name)
        why = f"{component} would ignore it, or refuse to start"
        if elsewhere:
            newer = supported().index(elsewhere[0]) > supported().index(minor)
            why = f"{component} has it from {elsewhere[0]} on" if newer else f"{component} had it until {elsewhere[-1]}"
            why += f"; this cluster is {minor}"
        elif close := get_close_matches(name, names.all(), n=1):
            why = f"did you mean '{close[0]}'?"
        self._refuse(location, f"{versioned} has no '{name}'", why)

    def _refuse(self, location: str, what: str, why: str = "", good: Value = None) -> None:
        """Keep a problem, which a `good` value mends; none: taking it away does."""
        path = below(self._root, location)
        mend = config_remove(path) if good is None else config_set(path, good)
        rests_on = ("kubernetes_version",)
        self.problems.append(Problem(path=location, what=what, why=why, mend=mend, rests_on=rests_on))


@dataclass(frozen=True)
class _Found:
    """A setting that a name means."""

    component: Component
    name: str
    path: tuple[str, ...]
    kind: Kind
    setting: Setting | None = None


class _Names:
    """The names that a component of a minor knows."""

    def __init__(self, component: Component, minor: str) -> None:
        self.component, self._minor = component, minor
        self._tabled = known(component, minor)

    def find(self, name: str) -> _Found | None:
        """Return what a name means: an entry of the catalogue, a field that is no map, or an entry of one that is."""
        setting = CATALOGUE.get(f"{self.component}.{name}")
        if setting and setting.known_to(self._minor):
            return _Found(self.component, name, path_of(setting), setting.kind, setting)
        if field := self._tabled.get(name):
            is_map = field.type.startswith("map<")
            return (
                None if is_map else _Found(self.component, name, self._path(name), kind_of(self.component, field.type))
            )
        return next((found for parent in self._maps(name) if (found := self._entry(parent, name))), None)

    def leads_on(self, name: str) -> bool:
        """Tell whether there are names inside of this one."""
        return name in self._tabled or any(each.startswith(f"{name}.") for each in self.all())

    def all(self) -> list[str]:
        """Return every name."""
        catalogued = (setting.name for setting in CATALOGUE.values() if setting.component is self.component)
        entries = (
            f"{field}.{key}" for (of, field), each in ENTRIES.items() if of is self.component for key in each.keys
        )
        return sorted({*self._tabled, *catalogued, *entries})

    def _maps(self, name: str) -> Iterator[str]:
        """Yield the fields that are maps and begin a name."""
        parts = name.split(".")
        for length in range(len(parts) - 1, 0, -1):
            parent = ".".join(parts[:length])
            if parent in self._tabled and self._tabled[parent].type.startswith("map<"):
                yield parent

    def _entry(self, parent: str, name: str) -> _Found | None:
        key, path = name.removeprefix(f"{parent}."), self._path(parent)
        if closed := ENTRIES.get((self.component, parent)):
            return _Found(self.component, name, (*path, key), closed.kind) if key in closed.keys else None
        type_name = self._tabled[parent].type.removeprefix("map<").removesuffix(">")
        return _Found(self.component, name, (*path, key), kind_of(self.component, type_name))

    def _path(self, name: str) -> tuple[str, ...]:
        return tuple(name.split(".")) if self.component in _NESTED else (name,)


def kind_of(component: Component, type_name: str) -> Kind:
    """Return what a field of a type accepts where the catalogue says no more of it."""
    # A flag's list is one word with commas.
    return kinds.of_type("string" if component in _FLAGS and type_name.startswith("list<") else type_name)


def _good(found: _Found) -> Value:
    """Return a value that would do: the base's, where it is one that holds for every machine and one word says it."""
    base = found.setting.base if found.setting else None
    return None if isinstance(base, Formula | list) else base
