"""What the OpenStack SDK sends, read from the SDK itself in the shape that the plugin's ``--mapping`` prints."""

import ast
import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import typing
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any, TypeAlias

import pulumi
import pulumi_openstack
import pytest
from pulumi import _types as sdk_types

from lab import engine

Mapping: TypeAlias = dict[str, Any]

SECRET_OUTPUTS = re.compile(r"additional_secret_outputs=(\[.*?\])")


@pytest.fixture(scope="session")
def plugin_mapping() -> Mapping:
    """Return what the plugin in use understands, building it first where it has to be built."""
    plugin = engine.ensure().plugin
    answer = subprocess.run([plugin, "--mapping"], check=True, capture_output=True, timeout=60)
    mapping: Mapping = json.loads(answer.stdout)
    return mapping


@pytest.fixture(scope="session")
def sdk_mapping() -> Mapping:
    """Return every token and property that ``pulumi_openstack`` knows."""
    modules = list(_modules(pulumi_openstack))
    resources = {_token(cls): _resource(cls) for cls in _resource_classes(modules)}
    return {
        "config": _inputs(pulumi_openstack.ProviderArgs),
        "resources": resources,
        "dataSources": dict(_data_source(getter) for getter in _getters(modules)),
    }


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def _members(modules: Iterable[ModuleType], kind: Callable[[Any], bool]) -> Iterator[Any]:
    """Yield what each module defines itself, so that nothing counts twice."""
    for module in modules:
        for member in vars(module).values():
            if kind(member) and member.__module__ == module.__name__:
                yield member


def _resource_classes(modules: Iterable[ModuleType]) -> Iterator[type[pulumi.CustomResource]]:
    def is_resource(member: object) -> bool:
        return (
            inspect.isclass(member)
            and issubclass(member, pulumi.CustomResource)
            and not issubclass(member, pulumi.ProviderResource)
        )

    return _members(modules, is_resource)


def _getters(modules: Iterable[ModuleType]) -> Iterator[Callable[..., Any]]:
    def is_getter(member: object) -> bool:
        return (
            inspect.isfunction(member)
            and member.__name__.startswith("get_")
            and not member.__name__.endswith("_output")
            and "__args__" in member.__code__.co_varnames
        )

    return _members(modules, is_getter)


def _token(cls: type[pulumi.CustomResource]) -> str:
    token: str = vars(cls)["pulumi_type"]
    return token


def _resource(cls: type[pulumi.CustomResource]) -> Mapping:
    arguments = getattr(inspect.getmodule(cls), f"{cls.__name__}Args")
    outputs = _properties(sdk_types.resource_types(cls))
    for group in SECRET_OUTPUTS.findall(inspect.getsource(cls)):
        for name in ast.literal_eval(group):
            outputs[name]["secret"] = True
    return {"inputs": _inputs(arguments), "outputs": outputs}


class _Sent(Exception):  # noqa: N818  (a way out of the getter, not an error)
    """Carries what a getter was about to send."""


def _data_source(getter: Callable[..., Any]) -> tuple[str, Mapping]:
    """Call a getter with its own parameters' types for arguments, and stop it where it would reach the engine."""
    parameters = typing.get_type_hints(getter)
    types = {name: parameters[name] for name in inspect.signature(getter).parameters if name != "opts"}
    token, arguments, result = _call(getter, types)
    return token, {"inputs": _properties(arguments), "outputs": _properties(sdk_types.output_type_types(result))}


def _call(getter: Callable[..., Any], arguments: Mapping) -> tuple[str, Mapping, type]:
    def invoke(token: str, sent: Mapping, *, typ: type, **_: object) -> None:
        raise _Sent(token, sent, typ)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulumi.runtime, "invoke", invoke)
        with pytest.raises(_Sent) as caught:
            getter(**arguments)
    token, sent, result = caught.value.args
    return token, sent, result


def _inputs(arguments: type) -> Mapping:
    return _properties(sdk_types.input_type_types(arguments))


def _properties(types: dict[str, Any]) -> Mapping:
    """Describe properties by wire name, descending into those that are objects or hold objects."""
    described: Mapping = {}
    for name, hint in types.items():
        nested = _nested(hint)
        described[name] = {"nested": _properties(nested)} if nested else {}
    return described


def _nested(hint: object) -> dict[str, Any]:
    if inspect.isclass(hint) and sdk_types.is_input_type(hint):
        return sdk_types.input_type_types(hint)
    if inspect.isclass(hint) and sdk_types.is_output_type(hint):
        return sdk_types.output_type_types(hint)
    for argument in typing.get_args(hint):
        if nested := _nested(argument):
            return nested
    return {}
