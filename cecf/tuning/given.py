"""What a person gives instead of the catalogue's values, read from a stack file and judged field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from cecf.problems import Problem, below, config_remove, config_set, join_path
from cecf.tuning import kinds
from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.kinds import Kind, Value
from cecf.tuning.model import NODE_COMPONENTS, Component, Setting
from cecf.tuning.owned import owner
from cecf.tuning.tables import TABLED, known, minors_with

_NESTED = frozenset({Component.KUBELET, Component.KUBE_PROXY, Component.SCHEDULER, Component.CONTAINERD})
"""The components whose documents have fields inside of fields; others have flat names with dots in them."""

_FLAGS = frozenset({Component.API_SERVER, Component.CONTROLLER_MANAGER, Component.ETCD})
"""The components that are told by flags."""


@dataclass(frozen=True)
class Given:
    """A value, the setting that it is of, and where it stands in the stack file."""

    id: str
    component: Component
    path: tuple[str, ...]
    """The keys that lead to it in the component's document."""
    value: Value
    location: str
    setting: Setting | None
    """The catalogue's entry; none for a field that only the component's table knows."""


def path_of(setting: Setting) -> tuple[str, ...]:
    """Return the keys that lead to a setting in its component's document."""
    parts = tuple(setting.field.split(".")) if setting.component in _NESTED else (setting.field,)
    return (*parts, setting.key) if setting.key else parts


class Reading:
    """What is in one `values` of a stack file: `given`, and the `problems` with it."""

    def __init__(self, values: Mapping[str, Any], minor: str, location: str, root: str, *, node_only: bool) -> None:
        """Read `values`, which stand at `location` below the model whose own place is `root`."""
        self.given: list[Given] = []
        self.problems: list[Problem] = []
        self._minor, self._root = minor, root
        for name, tree in values.items():
            self._component(name, tree, below(location, join_path(name)), node_only=node_only)

    def _component(self, name: str, tree: Any, location: str, *, node_only: bool) -> None:
        allowed = [each for each in Component if each in NODE_COMPONENTS or not node_only]
        if name not in allowed:
            close = get_close_matches(name, allowed, n=1)
            why = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(allowed)}"
            what = (
                f"{name} is one for the whole cluster" if name in list(Component) else f"there is no '{name}' to tune"
            )
            self._refuse(location, what, why, config_remove(below(self._root, location)))
        elif not isinstance(tree, Mapping):
            what = f"should be {name}'s settings by name"
            self._refuse(location, what, "", config_remove(below(self._root, location)))
        else:
            self._walk(Component(name), (), tree, location)

    def _walk(self, component: Component, before: tuple[str, ...], tree: Mapping[str, Any], location: str) -> None:
        names = _Names(component, self._minor)
        for key, value in tree.items():
            path, place = (*before, key), below(location, join_path(key))
            name = ".".join(path)
            if (setting := names.setting(name)) or names.field_of(path):
                self._take(component, path, value, place, setting)
            elif isinstance(value, Mapping) and names.leads_on(name):
                self._walk(component, path, value, place)
            else:
                self._unknown(component, name, place)

    def _take(
        self, component: Component, path: tuple[str, ...], value: Value, location: str, setting: Setting | None
    ) -> None:
        name = ".".join(path)
        field = _Names(component, self._minor).field_of(path)
        if why := owner(component, name):
            self._refuse(location, f"{name} is not for tuning", why, config_remove(below(self._root, location)))
        elif setting and not setting.known_to(self._minor):
            self._unknown(component, name, location)
        elif fault := (kind := kind_of(component, setting, field)).fault(value):
            said = kind.allowed in fault and setting
            why = setting.reason if said and setting else f"{component} takes {kind.allowed}"
            example = kind.example if setting is None else _suggestion(setting, kind)
            self._refuse(location, fault, why, config_set(below(self._root, location), example))
        else:
            own = path_of(setting) if setting else path
            self.given.append(Given(f"{component}.{name}", component, own, kind.written(value), location, setting))

    def _unknown(self, component: Component, name: str, location: str) -> None:
        names = _Names(component, self._minor)
        elsewhere = minors_with(component, name)
        why = f"{component} {self._minor} would ignore it, or refuse to start"
        if elsewhere:
            first, last = elsewhere[0], elsewhere[-1]
            newer = _later(first, self._minor)
            why = f"{component} has it from {first} on" if newer else f"{component} had it until {last}"
            why += f"; this cluster is {self._minor}"
        elif close := get_close_matches(name, names.all(), n=1):
            why = f"did you mean '{close[0]}'?"
        what = f"{component} {self._minor} has no '{name}'"
        self._refuse(location, what, why, config_remove(below(self._root, location)))

    def _refuse(self, location: str, what: str, why: str, mend: str) -> None:
        self.problems.append(Problem(path=location, what=what, why=why, mend=mend))


class _Names:
    """The names that a component of a minor knows."""

    def __init__(self, component: Component, minor: str) -> None:
        self._component = component
        self._tabled = known(component, minor) if component in TABLED else {}

    def setting(self, name: str) -> Setting | None:
        """Return the catalogue's entry of a name."""
        return CATALOGUE.get(f"{self._component}.{name}")

    def field_of(self, path: tuple[str, ...]) -> str:
        """Return the type of a field, or of an entry of one that is a map; empty if there is no such field."""
        if field := self._tabled.get(".".join(path)):
            return "" if field.type.startswith("map<") else field.type
        parent = self._tabled.get(".".join(path[:-1]))
        is_entry = parent is not None and parent.type.startswith("map<")
        return parent.type.removeprefix("map<").removesuffix(">") if parent and is_entry else ""

    def leads_on(self, name: str) -> bool:
        """Tell whether there are names inside of this one."""
        return name in self._tabled or any(each.startswith(f"{name}.") for each in self.all())

    def all(self) -> list[str]:
        """Return every name."""
        catalogued = (setting.name for setting in CATALOGUE.values() if setting.component is self._component)
        return sorted({*self._tabled, *catalogued})


def kind_of(component: Component, setting: Setting | None, type_name: str) -> Kind:
    """Return what a setting accepts; without one, what a field of that type does."""
    if setting:
        return setting.kind
    # A flag's list is one word with commas.
    return kinds.of_type("string" if component in _FLAGS and type_name.startswith("list<") else type_name)


def _suggestion(setting: Setting, kind: Kind) -> Value:
    """Return a value that would do: the base's, unless it depends on the machine."""
    plain = setting.base is not None and not kind.fault(setting.base)
    return setting.base if plain else kind.example


def _later(minor: str, other: str) -> bool:
    return int(minor.split(".")[1]) > int(other.split(".")[1])


def problems_with_release(release: str, minors: tuple[str, ...]) -> Iterator[Problem]:
    """Refuse a Kubernetes release that there is no table of."""
    minor = ".".join(release.split(".")[:2])
    if minor not in minors:
        yield Problem(
            path="kubernetes_version",
            what=f"Kubernetes {minor} is not supported",
            why=f"the fields of its components are not known; {minors[0]} to {minors[-1]} are",
            mend=config_set("cluster.kubernetes_version", "<a-supported-release>"),
        )
