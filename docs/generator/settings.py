"""The generated parts of the page on settings: every key, its type, default and description, from the models."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import ModuleType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MinLen
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from cecf.problems import InvalidInputError, below
from cecf.settings import StackSettings, businesses, load_settings, read_profile, types, worker_pool
from cecf.settings.layers import leaves
from docs.generator.markdown import attribute_docstrings, code, one_line, table

ROOT = "cecf:"

WRONG: Mapping[str, Any] = {
    "business": "dev",
    "cloud": "dev",
    "cluster": {
        "control_plane": {"count": 2},
        "network": {"pod_cidr": "10.10.0.0/16"},
        "worker_pools": {"general": {"flavour": "m1.large"}},
    },
}
"""A stack file with three mistakes, to show what becomes of them."""

_SYMBOLS: Mapping[str, tuple[ModuleType, str]] = {
    "DNS label": (types, "DnsLabel"),
    "1, 3 or 5": (types, "QuorumSize"),
    "name": (types, "Name"),
    "host": (types, "Host"),
    "label key": (worker_pool, "LabelKey"),
    "label value": (worker_pool, "LabelValue"),
}
"""Where the types are that have a name of their own in the tables."""

NAMED: Mapping[str, Any] = {name: getattr(module, symbol) for name, (module, symbol) in _SYMBOLS.items()}
"""Types by what they are called in the tables."""

_PLAIN = {
    "bool": "`true` or `false`",
    "IPv4Network": "IPv4 range",
    "IPv4Address": "IPv4 address",
    "int": "integer",
    "str": "text",
}


def parts() -> Mapping[str, list[str]]:
    """Return the generated parts of the page."""
    return {
        "errors": list(_errors()),
        "settings": list(table(("key", "type", "default", "description"), (row[1:] for row in rows()))),
        "types": list(_types()),
        "profiles": list(_profiles()),
    }


def _errors() -> Iterator[str]:
    try:
        load_settings(WRONG, read_profile("dev"))
    except InvalidInputError as error:
        yield "```text"
        yield from str(error).splitlines()
        yield "```"


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield (key path, key as shown, type, default, description) of every setting that holds a value."""
    yield from _rows(StackSettings, "")


def _rows(model: type[BaseModel], prefix: str, note: str = "") -> Iterator[tuple[str, str, str, str, str]]:
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        path = below(prefix, name)
        models = _models(field.annotation)
        origin = get_origin(field.annotation)
        if models and origin is dict:
            yield from _rows(models[0], f"{path}.<pool>", note)
        elif len(models) > 1:
            for kind in models:
                (tag,) = get_args(kind.model_fields["kind"].annotation)
                yield from _rows(kind, path, f" ({tag})")
        elif models and origin is not tuple:
            yield from _rows(models[0], path, note)
        else:
            shown = code(f"{ROOT}{path}") + note
            yield path, shown, kind_of(hints[name]), _default(field), one_line(field.description or "")
            for item in models:
                yield from _rows(item, f"{path}[<n>]", note)


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models in an annotation: one for a nested model, several for alternatives."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]


def kind_of(hint: Any) -> str:
    """Return a type as people say it."""
    for name, named in NAMED.items():
        if hint == named:
            return name
    arguments = get_args(hint)
    match get_origin(hint):
        case None:
            return _plain(hint)
        case origin if origin is Annotated:
            return kind_of(arguments[0]) + _bounds(arguments[1:])
        case origin if origin is Literal:
            return " or ".join(code(value) for value in arguments)
        case origin if origin in (tuple, frozenset, dict):
            item, *value = map(kind_of, [argument for argument in arguments if argument is not ...])
            return f"{value[0]} by {item}" if value else f"list of {item}"
    return " or ".join("empty" if argument is type(None) else kind_of(argument) for argument in arguments)


def _plain(hint: Any) -> str:
    if hint is Any:
        return "anything"
    if issubclass(hint, StrEnum):
        return " or ".join(code(value) for value in hint)
    return hint.__name__.lower() if issubclass(hint, BaseModel) else _PLAIN[hint.__name__]


def _bounds(metadata: tuple[Any, ...]) -> str:
    """Return the limits in an annotation's metadata."""
    flat = [part for each in metadata for part in (getattr(each, "metadata", None) or [each])]
    low = next((part.ge for part in flat if isinstance(part, Ge)), None)
    high = next((part.le for part in flat if isinstance(part, Le)), None)
    if low is not None:
        return f" {low} to {high}" if high is not None else f" from {low}"
    patterns = [getattr(part, "pattern", None) for part in flat if not isinstance(part, StringConstraints)]
    if pattern := next((pattern for pattern in patterns if pattern), None):
        return f" like {code(pattern)}"
    return ", at least one" if any(isinstance(part, MinLen) for part in flat) else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value in (None, ""):
        return "empty"
    if isinstance(value, bool):
        value = str(value).lower()
    return code("[]") if value in ((), frozenset()) else code(value)


def _types() -> Iterator[str]:
    return table(
        ("type", "what it is"),
        ((name, attribute_docstrings(module)[symbol]) for name, (module, symbol) in _SYMBOLS.items()),
    )


def _profiles() -> Iterator[str]:
    profiles = {business: read_profile(business) for business in businesses()}
    paths = sorted({path for profile in profiles.values() for path in leaves(profile)})
    return table(
        ("key", *profiles),
        ((code(f"{ROOT}{path}"), *(_value(profile, path) for profile in profiles.values())) for path in paths),
    )


def _value(profile: Mapping[str, Any], path: str) -> str:
    value: Any = profile
    for part in path.split("."):
        if part not in value:
            return "-"
        value = value[part]
    return ", ".join(code(item) for item in value) if isinstance(value, list) else code(value)
