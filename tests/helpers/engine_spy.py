"""A stand-in for the engine that keeps every registration as it was sent, options and all.

The only place in the tests that touches Pulumi's private interfaces: its mocks show a resource's type, name and
inputs, but parents, providers, dependencies, hooks and replacement rules are visible in the raw requests alone.
"""

import asyncio
import copy
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.settings import SETTINGS, reset_options
from pulumi.runtime.stack import run_pulumi_func

from tests.helpers.clusters import FACTS, FLOATING_IP

Program = Callable[[], Mapping[str, pulumi.Input[Any]]]
"""Registers resources and returns the stack's outputs."""

NONE: frozenset[str] = frozenset()

PROJECT = "cecf"

STACK_TYPE = "pulumi:pulumi:Stack"

COMPUTED: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "openstack:networking/port:Port": lambda inputs: {
        "allFixedIps": [ip.get("ipAddress", "192.0.2.1") for ip in inputs["fixedIps"]]
    },
    "openstack:loadbalancer/loadBalancer:LoadBalancer": lambda _: {"vipPortId": "port-of-the-load-balancer"},
    "pulumi-python:dynamic/cecf:SpreadCheck": lambda inputs: {
        "placements": {
            node: {"host": f"host of {server['id']}", "zone": "az1"}
            for servers in inputs["groups"].values()
            for node, server in servers.items()
        },
        "faults": [],
        "verified": True,
    },
    "openstack:networking/floatingIp:FloatingIp": lambda _: {"address": FLOATING_IP},
    "pulumi-python:dynamic/cecf:Certificate": lambda inputs: {
        "certificate": f"certificate of {inputs['common_name']}",
        "key": f"key of {inputs['common_name']}",
        "expires": "2027-11-21T12:00:00Z",
    },
    "pulumi-python:dynamic/cecf:ClusterPki": lambda _: {
        "pki": FACTS.pki.as_data(),
        "expires": {"kubernetes-1": "2036-11-18T12:00:00Z"},
    },
}
"""What a cloud adds to the inputs, by type; elsewhere outputs are the inputs."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A resource as the engine was told of it."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    provider: str
    inputs: Mapping[str, Any]
    """What was asked for, secret or not."""
    secrets: frozenset[str]
    """The inputs that the engine keeps encrypted and never shows."""
    secret_outputs: frozenset[str]
    """The outputs that are secret though no input is."""
    deleted_with: str
    dependencies: frozenset[str]
    references: Mapping[str, frozenset[str]]
    """The resources that each input is made from."""
    delete_before_replace: bool
    replace_on_changes: tuple[str, ...]
    before_create: tuple[str, ...]
    after_update: tuple[str, ...]
    on_error: tuple[str, ...]
    protect: bool
    create_timeout: str
    delete_timeout: str

    @property
    def is_object(self) -> bool:
        """Whether it is an object in OpenStack."""
        return self.type.startswith("openstack:")

    @property
    def options(self) -> tuple[object, ...]:
        """Everything besides the inputs that decides what the engine does with it."""
        return (
            self.parent,
            self.provider,
            self.secrets,
            self.secret_outputs,
            self.deleted_with,
            self.dependencies,
            self.delete_before_replace,
            self.replace_on_changes,
            self.before_create,
            self.after_update,
            self.on_error,
            self.protect,
            self.create_timeout,
            self.delete_timeout,
        )


class _Echo(Mocks):
    """Answers a registration with its inputs, and an id made from its name unless it is new."""

    def __init__(self, new: frozenset[str]) -> None:
        self._new = new

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        computed = COMPUTED[args.typ](_plain(args.inputs)) if args.typ in COMPUTED else {}
        identifier = "" if args.name in self._new else f"{args.name}-id"
        return identifier, {**args.inputs, **computed}

    def call(self, args: Any) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"the program asked the engine to call {args.token}")


class _Hooks:
    """Takes the place of the server through which the engine would call hooks back."""

    def __init__(self) -> None:
        self.resource: dict[str, pulumi.ResourceHook] = {}
        self.error: dict[str, pulumi.ErrorHook] = {}

    def register_resource_hook(self, hook: pulumi.ResourceHook) -> None:
        self.resource[hook.name] = hook

    def register_error_hook(self, hook: pulumi.ErrorHook) -> None:
        self.error[hook.name] = hook


class _SpyMonitor(MockMonitor):
    def __init__(self, stack: str, new: frozenset[str]) -> None:
        super().__init__(_Echo(new))
        self._stack = stack
        self.registrations: list[Registration] = []
        self.outputs: dict[str, Mapping[str, Any]] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """Make a URN as the engine does; the mock's own depends on the thread in which it is made."""
        above = parent.split("::")[2] if parent else STACK_TYPE
        qualified = type_ if above == STACK_TYPE else f"{above}${type_}"
        return f"urn:pulumi:{self._stack}::{PROJECT}::{qualified}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        for name in set(request.additionalSecretOutputs) & response.object.fields.keys():
            # As the engine does; a secret input comes back as a secret output by itself.
            response.object.update({name: rpc.wrap_rpc_secret(copy.deepcopy(response.object[name]))})
        self.registrations.append(_registration(response.urn, request))
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        self.outputs[request.urn] = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def _plain(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties without the wrapping of secret ones."""
    return {name: rpc.unwrap_rpc_secret(value) for name, value in properties.items()}


def _registration(urn: str, request: Any) -> Registration:
    inputs = rpc.deserialize_properties(request.object)
    return Registration(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=request.custom,
        provider=request.provider,
        inputs=_plain(inputs),
        secrets=frozenset(name for name, value in inputs.items() if rpc.is_rpc_secret(value)),
        secret_outputs=frozenset(request.additionalSecretOutputs),
        deleted_with=request.deletedWith,
        dependencies=frozenset(request.dependencies),
        references={name: frozenset(item.urns) for name, item in request.propertyDependencies.items()},
        delete_before_replace=request.deleteBeforeReplace,
        replace_on_changes=tuple(request.replaceOnChanges),
        before_create=tuple(request.hooks.before_create),
        after_update=tuple(request.hooks.after_update),
        on_error=tuple(request.hooks.on_error),
        protect=request.protect,
        create_timeout=request.customTimeouts.create,
        delete_timeout=request.customTimeouts.delete,
    )


@dataclass(frozen=True)
class Recording:
    """Everything that a program told the engine."""

    registrations: tuple[Registration, ...]
    outputs: Mapping[str, Mapping[str, Any]]
    """By URN: what `register_outputs` said."""
    exports: Mapping[str, Any]
    """The stack's outputs, resolved."""
    secret_exports: frozenset[str]
    """The stack's outputs that are shown only to who asks for them."""
    hooks: Mapping[str, pulumi.ResourceHook] = field(default_factory=dict)
    error_hooks: Mapping[str, pulumi.ErrorHook] = field(default_factory=dict)

    @property
    def objects(self) -> list[Registration]:
        """The objects in OpenStack."""
        return [r for r in self.registrations if r.is_object]

    @property
    def stack(self) -> Registration:
        """The root of everything."""
        return next(r for r in self.registrations if r.type == STACK_TYPE)

    def of(self, kind: str) -> list[Registration]:
        """Return the registrations whose type ends in `kind`, by name."""
        return sorted((r for r in self.registrations if r.type.split(":")[-1] == kind), key=lambda r: r.name)

    def one(self, kind: str, name: str) -> Registration:
        """Return the one registration of that kind and name."""
        (found,) = [r for r in self.of(kind) if r.name == name]
        return found

    def all_dependencies(self, item: Registration) -> frozenset[str]:
        """Return what must exist before an object and go after it: its own dependencies and its ancestors'.

        A child is registered after its parent and deleted before it.
        """
        above = [r for r in self.registrations if r.urn == item.parent]
        return item.dependencies.union(*(self.all_dependencies(r) for r in above))

    def parent(self, child: Registration) -> Registration:
        """Return the registration that is another's parent."""
        (found,) = [r for r in self.registrations if r.urn == child.parent]
        return found


def record(program: Program, stack: str = "test", *, preview: bool = False, new: frozenset[str] = NONE) -> Recording:
    """Run a program in an event loop of its own and return everything that it told the engine.

    In a preview, resources named in `new` have no id yet; all others keep the one that they have.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    monitor, hooks, exports = _SpyMonitor(stack, new), _Hooks(), dict[str, Any]()
    secret: dict[str, Awaitable[bool]] = {}

    def main() -> None:
        outputs = {name: pulumi.Output.from_input(value) for name, value in program().items()}
        secret.update({name: output.is_secret() for name, output in outputs.items()})
        pulumi.Output.all(**outputs).apply(exports.update)

    async def secrets() -> frozenset[str]:
        return frozenset([name for name, answer in secret.items() if await answer])

    try:
        set_mocks(monitor.mocks, project=PROJECT, stack=stack, monitor=monitor, preview=preview)
        SETTINGS.callbacks = hooks
        loop.run_until_complete(run_pulumi_func(main))
        kept = loop.run_until_complete(secrets())
    finally:
        reset_options()
        asyncio.set_event_loop(None)
        loop.close()
    return Recording(tuple(monitor.registrations), monitor.outputs, exports, kept, hooks.resource, hooks.error)
