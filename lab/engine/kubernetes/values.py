"""Values as the engine sends them: JSON in protobuf, of which some are secret and some not known yet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf import struct_pb2

Object: TypeAlias = dict[str, Any]
"""A JSON object, among whose values may be `Secret` and `UNKNOWN`."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  (how the protocol marks one)
_UNKNOWNS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    }
)
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

_DASHED = {
    "x_kubernetes_embedded_resource": "x-kubernetes-embedded-resource",
    "x_kubernetes_int_or_string": "x-kubernetes-int-or-string",
    "x_kubernetes_list_map_keys": "x-kubernetes-list-map-keys",
    "x_kubernetes_list_type": "x-kubernetes-list-type",
    "x_kubernetes_map_type": "x-kubernetes-map-type",
    "x_kubernetes_preserve_unknown_fields": "x-kubernetes-preserve-unknown-fields",
    "x_kubernetes_validations": "x-kubernetes-validations",
}
"""Names that the SDK cannot spell as the API does."""

_UNDERSCORED = {dashed: underscored for underscored, dashed in _DASHED.items()}


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value that must not be shown."""

    value: Any

    def __repr__(self) -> str:
        return "Secret([secret])"


class Unknown:
    """What a resource that is yet to be created will say."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


def from_struct(struct: struct_pb2.Struct) -> Object:
    """Read an object of the protocol."""
    return {_DASHED.get(key, key): _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _from_marked(value.struct_value)
    if kind == "list_value":
        return [_from_value(each) for each in value.list_value.values]
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
    if kind == "number_value":
        number = value.number_value
        # JSON has one kind of number, the API's fields have two.
        return int(number) if number.is_integer() else number
    return value.bool_value if kind == "bool_value" else None


def _from_marked(struct: struct_pb2.Struct) -> Any:
    mark = struct.fields[_SIGNATURE].string_value if _SIGNATURE in struct.fields else ""
    if mark == _SECRET:
        return Secret(_from_value(struct.fields["value"]))
    if mark:
        raise ValueError("an asset, an archive or a reference to a resource is not a value of the Kubernetes API")
    return from_struct(struct)


def to_struct(values: Mapping[str, Any], *, secrets: bool = True) -> struct_pb2.Struct:
    """Write an object for the protocol; without the marks of secrets for an engine that knows none."""
    struct = struct_pb2.Struct()
    for key, value in values.items():
        _write(struct.fields[_UNDERSCORED.get(key, key)], value, secrets=secrets)
    return struct


def _write(target: struct_pb2.Value, value: Any, *, secrets: bool) -> None:
    if isinstance(value, Secret):
        marked = {_SIGNATURE: _SECRET, "value": value.value} if secrets else value.value
        _write(target, marked, secrets=secrets)
    elif isinstance(value, dict):
        target.struct_value.CopyFrom(to_struct(value, secrets=secrets))
    elif isinstance(value, (list, tuple)):
        target.list_value.SetInParent()
        for each in value:
            _write(target.list_value.values.add(), each, secrets=secrets)
    else:
        _write_scalar(target, value)


def _write_scalar(target: struct_pb2.Value, value: Any) -> None:
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif value is UNKNOWN:
        target.string_value = _UNKNOWN
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, (int, float)):
        target.number_value = value
    else:
        target.string_value = str(value)


def plain(value: Any) -> Any:
    """Return a copy without the marks of secrets."""
    return _rebuilt(value, lambda secret: plain(secret.value))


def unmarked(value: Any) -> Any:
    """Return the value itself of a secret; what lies inside keeps its marks."""
    while isinstance(value, Secret):
        value = value.value
    return value


def _rebuilt(value: Any, on_secret: Callable[[Secret], Any]) -> Any:
    if isinstance(value, Secret):
        return on_secret(value)
    if isinstance(value, dict):
        return {key: _rebuilt(each, on_secret) for key, each in value.items()}
    if isinstance(value, list):
        return [_rebuilt(each, on_secret) for each in value]
    return value


def has_unknown(value: Any) -> bool:
    """Tell whether anything inside is not known yet."""
    return value is UNKNOWN or any(has_unknown(each) for each in _inside(value))


def has_secret(value: Any) -> bool:
    """Tell whether anything inside is secret."""
    return isinstance(value, Secret) or any(has_secret(each) for each in _inside(value))


def _inside(value: Any) -> list[Any]:
    if isinstance(value, Secret):
        return [value.value]
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def dig(value: Any, *path: str | int) -> Any:
    """Return what lies at a path of plain JSON, or None."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and -len(value) <= step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value
