"""The provider protocol: what the engine asks, and how answers and failures travel."""

import functools
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from lab.engine.kubernetes import kinds, naming, settings
from lab.engine.kubernetes.engine_log import EngineLog
from lab.engine.kubernetes.faults import KubernetesError
from lab.engine.kubernetes.provider import Found, HalfDone, Provider
from lab.engine.kubernetes.state import INPUTS
from lab.engine.kubernetes.values import Object, from_struct, to_struct

_T = TypeVar("_T")

_DETAILS = "grpc-status-details-bin"
_TYPE_URL = "type.googleapis.com/"
_SCHEMA = '{{"name": "kubernetes", "version": "{version}"}}'


def _answering(method: Callable[..., _T]) -> Callable[..., _T]:
    """Turn what goes wrong into an answer of the protocol."""

    @functools.wraps(method)
    def answer(self: "Servicer", request: Any, context: grpc.ServicerContext) -> _T:
        try:
            return method(self, request, context)
        except HalfDone as half_done:
            _say_half_done(half_done, context, secrets=self.secrets)
            raise
        except (KubernetesError, kinds.UnservedError, ValueError) as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
            raise
        except Exception as error:
            # A fault of the plugin's own. Its message may hold anything, a secret too: the place has to do.
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__} at {place.name}:{place.lineno}"
            text = f"the stand-in for the Kubernetes plugin failed: {where}"
            print(text, file=sys.stderr)  # noqa: T201
            context.abort(grpc.StatusCode.INTERNAL, text)
            raise

    return answer


def _say_half_done(half_done: HalfDone, context: grpc.ServicerContext, *, secrets: bool) -> None:
    """Abort with the object's state, so that the engine keeps it and tries again at the next run."""
    message = provider_pb2.ErrorResourceInitFailed(
        id=half_done.identifier,
        properties=to_struct(half_done.state, secrets=secrets),
        inputs=to_struct(half_done.inputs, secrets=secrets),
        reasons=half_done.reasons,
    )
    code = grpc.StatusCode.UNKNOWN
    status = status_pb2.Status(code=code.value[0], message="; ".join(half_done.reasons))
    packed = status.details.add()
    packed.Pack(message, type_url_prefix=_TYPE_URL)
    context.set_trailing_metadata(((_DETAILS, status.SerializeToString()),))
    context.abort(code, status.message)


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine."""

    def __init__(self, version: str, log: EngineLog) -> None:
        self._version, self._log = version, log
        self.cancelled = threading.Event()
        self.secrets = False
        """Whether the engine knows the marks of secrets."""
        self._provider = Provider(settings.Settings(), log, self.cancelled)

    def Handshake(self, _request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Say what this plugin understands."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    def GetPluginInfo(self, _request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Tell the version."""
        return plugin_pb2.PluginInfo(version=self._version)

    def GetSchema(self, _request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Tell a schema of nothing: the SDK brings the types."""
        return provider_pb2.GetSchemaResponse(schema=_SCHEMA.format(version=self._version))

    def Cancel(self, _request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """End every wait."""
        self.cancelled.set()
        return empty_pb2.Empty()

    @_answering
    def CheckConfig(self, request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Check the provider's own settings."""
        found = settings.problems(from_struct(request.news))
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(found))

    @_answering
    def DiffConfig(self, request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Compare the provider's own settings."""
        old = request.old_inputs if request.HasField("old_inputs") and request.old_inputs.fields else request.olds
        change = settings.compare(from_struct(old), from_struct(request.news))
        changes = provider_pb2.DiffResponse.DIFF_SOME if change.changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, diffs=change.changed, replaces=change.replaces)

    @_answering
    def Configure(self, request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Take the provider's settings; nothing is asked of the cluster yet."""
        arguments = from_struct(request.args) if request.args.fields else settings.from_variables(request.variables)
        self.secrets = request.acceptSecrets
        self._provider = Provider(settings.read(arguments), self._log, self.cancelled)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    @_answering
    def Check(self, request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Complete a declaration."""
        declared, old = from_struct(request.news), from_struct(request.olds)
        inputs, found = self._provider.check(request.urn, declared, old, new_name=_new_name(request))
        return provider_pb2.CheckResponse(inputs=self._struct(inputs), failures=_failures(found))

    @_answering
    def Diff(self, request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Compare two declarations."""
        old = from_struct(request.old_inputs) or from_struct(request.olds).get(INPUTS) or {}
        found = self._provider.diff(request.urn, request.id, old, from_struct(request.news))
        kinds_of_change = provider_pb2.PropertyDiff.Kind
        details = {
            str(each): provider_pb2.PropertyDiff(
                kind=kinds_of_change.Value(f"{each.how}_REPLACE" if each.replaces else each.how), inputDiff=True
            )
            for each in found.fields
        }
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if details else provider_pb2.DiffResponse.DIFF_NONE,
            replaces=found.replaces,
            deleteBeforeReplace=found.delete_first,
            detailedDiff=details,
            hasDetailedDiff=True,
        )

    @_answering
    def Create(self, request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Create an object, or foresee it."""
        declared = from_struct(request.properties)
        if request.preview:
            foreseen = self._provider.preview(request.urn, declared, None)
            return provider_pb2.CreateResponse(properties=self._struct(foreseen))
        found = self._provider.create(request.urn, declared, request.timeout)
        return provider_pb2.CreateResponse(id=found.identifier, properties=self._struct(found.state))

    @_answering
    def Read(self, request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Find an object."""
        declared, old = from_struct(request.inputs), from_struct(request.properties)
        found: Found | None = self._provider.read(request.urn, request.id, declared, old)
        if found is None:
            return provider_pb2.ReadResponse()
        state, inputs = self._struct(found.state), self._struct(found.inputs)
        return provider_pb2.ReadResponse(id=found.identifier, properties=state, inputs=inputs)

    @_answering
    def Update(self, request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Change an object, or foresee it."""
        declared, old = from_struct(request.news), from_struct(request.olds)
        if request.preview:
            foreseen = self._provider.preview(request.urn, declared, old)
            return provider_pb2.UpdateResponse(properties=self._struct(foreseen))
        found = self._provider.update(request.urn, declared, old, request.timeout)
        return provider_pb2.UpdateResponse(properties=self._struct(found.state))

    @_answering
    def Delete(self, request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Delete an object."""
        self._provider.delete(request.urn, request.id, from_struct(request.properties), request.timeout)
        return empty_pb2.Empty()

    @_answering
    def Invoke(self, request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Refuse: functions of the package render YAML, charts and kustomizations."""
        raise kinds.UnservedError(_not_served(request.tok))

    @_answering
    def Construct(self, request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Refuse: components of the package render YAML, charts and kustomizations."""
        raise kinds.UnservedError(_not_served(request.type))

    def _struct(self, values: Object) -> Any:
        return to_struct(values, secrets=self.secrets)


def _new_name(request: Any) -> str:
    """Return the name for an object that the program does not name, as the project's autonaming wants it."""
    options = provider_pb2.CheckRequest.AutonamingOptions
    if request.HasField("autonaming"):
        return "" if request.autonaming.mode == options.DISABLE else str(request.autonaming.proposed_name)
    return naming.made_up_name(kinds.name_of(request.urn), request.randomSeed)


def _failures(found: list[tuple[str, str]]) -> list[Any]:
    return [provider_pb2.CheckFailure(property=path, reason=reason) for path, reason in found]


def _not_served(token: str) -> str:
    return (
        f"'{token}' is not in the stand-in for the Kubernetes plugin: it serves objects of the API only; "
        "declare them one by one, or install the official plugin"
    )
