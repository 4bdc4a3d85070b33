"""The decisions of the plugin, apart from how they travel: one method for each of the engine's questions."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.engine.kubernetes import check, diff, kinds, naming, state
from lab.engine.kubernetes.api import Api
from lab.engine.kubernetes.client import Client
from lab.engine.kubernetes.engine_log import EngineLog, Teller
from lab.engine.kubernetes.faults import ConfigurationError, KubernetesError, NotReadyError, UnreachableError
from lab.engine.kubernetes.kinds import Kind
from lab.engine.kubernetes.objects import Incomplete, Objects, Subject
from lab.engine.kubernetes.redact import Redactor
from lab.engine.kubernetes.settings import Settings
from lab.engine.kubernetes.values import UNKNOWN, Object, dig, has_unknown, plain

_LOST = (
    "if it is gone for good, set `deleteUnreachable` on the provider, or PULUMI_K8S_DELETE_UNREACHABLE=true, "
    "and its objects leave the state"
)


@dataclass
class HalfDone(Exception):  # noqa: N818  (the engine keeps the state and tries again at the next run)
    """An object is there, but not as it should be."""

    identifier: str
    state: Object
    inputs: Object
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Found:
    """An object that was read: its state, and the declaration that it amounts to."""

    identifier: str
    state: Object
    inputs: Object


@dataclass(frozen=True, slots=True)
class _Job:
    """One request of the engine about one resource."""

    urn: str
    kind: Kind
    subject: Subject
    redact: Redactor
    teller: Teller


class Provider:
    """One configured provider: one cluster, as one user."""

    def __init__(self, settings: Settings, log: EngineLog, cancelled: threading.Event) -> None:
        self.settings, self._log, self._cancelled = settings, log, cancelled
        self._warned = threading.Event()
        self._fault: ConfigurationError | None = None
        self._namespace = settings.namespace or "default"
        self._objects: Objects | None = None
        self._api: Api | None = None
        try:
            connection = settings.connection()
            self._namespace = connection.namespace
            self._api = Api(Client(connection))
            self._objects = Objects(self._api, settings, connection.namespace, cancelled)
        except ConfigurationError as error:
            # A preview, and removing what an unreachable cluster held, do without.
            self._fault = error

    def check(self, urn: str, declared: Object, old: Object, *, new_name: str) -> tuple[Object, list[tuple[str, str]]]:
        """Complete a declaration and list what is wrong with it."""
        try:
            kind = kinds.of_resource(urn, plain(declared))
        except kinds.UnservedError as error:
            return declared, [("", str(error))]
        if kind == kinds.CUSTOM_RESOURCE_DEFINITION and self._api:
            self._api.declare(plain(declared))
        found = check.problems(declared)
        if not new_name and not naming.is_named(declared) and not naming.is_autonamed(old):
            found.append(("metadata.name", "the object needs a name, since autonaming is disabled"))
        namespace = self._namespace if self._namespaced(kind) else ""
        return check.completed(kind, declared, old, name=new_name, namespace=namespace), found

    def diff(self, urn: str, identifier: str, old: Object, new: Object) -> diff.Differences:
        """Compare two declarations."""
        kind = kinds.of_resource(urn, plain(new))
        return diff.differences(
            kind,
            old,
            new,
            namespaced=bool(naming.from_identifier(identifier)[0]) or self._namespaced(kind),
            mutable=self.settings.mutable,
        )

    def preview(self, urn: str, declared: Object, old: Object | None) -> Object:
        """Return what is known already of the object that a declaration will be."""
        if has_unknown(declared) or self._objects is None or self._warned.is_set():
            return declared
        job = self._job(urn, declared, old or {}, 0)
        try:
            live = self._objects.preview(job.subject, exists=old is not None)
        except UnreachableError as error:
            self._warn_unreachable(urn, error)
            return declared
        except KubernetesError as error:
            raise _said(error, job) from None
        if live is None:
            return declared
        return state.checkpoint(declared, _foreseen(live, plain(declared), old), manager=job.subject.manager)

    def create(self, urn: str, declared: Object, timeout: float) -> Found:
        """Create an object."""
        job = self._job(urn, declared, {}, timeout)
        return self._applied(job, declared, lambda objects: objects.create(job.subject))

    def update(self, urn: str, declared: Object, old: Object, timeout: float) -> Found:
        """Make an object what it is declared as now."""
        job = self._job(urn, declared, old, timeout)
        return self._applied(job, declared, lambda objects: objects.update(job.subject))

    def read(self, urn: str, identifier: str, declared: Object, old: Object) -> Found | None:
        """Return an object as it is, or None where it is gone. An empty declaration is one that nobody has made yet."""
        namespace, name = naming.from_identifier(identifier)
        job = self._job(urn, declared or {"kind": kinds.from_token(kinds.token_of(urn)).name}, old, 0)
        try:
            objects = self._need()
            live = objects.read(job.subject, namespace, name)
            if live is None:
                return None
            inputs = objects.declared_as(job.subject, live) if declared else state.adopted_inputs(live)
        except (UnreachableError, ConfigurationError) as error:
            return self._lost(urn, identifier, declared, old, error)
        except KubernetesError as error:
            raise _said(error, job) from None
        inputs = state.marked(inputs, declared)
        found = Found(identifier, self._kept(job, inputs, live), inputs)
        if declared:
            self._judge(job, objects, live, found)
        return found

    def delete(self, urn: str, identifier: str, old: Object, timeout: float) -> None:
        """Delete an object."""
        namespace, name = naming.from_identifier(identifier)
        job = self._job(urn, state.inputs_of(old) or state.live_of(old), old, timeout)
        try:
            self._need().delete(job.subject, namespace, name)
        except (UnreachableError, ConfigurationError) as error:
            if not self.settings.delete_unreachable:
                raise KubernetesError(f"{error}; {_LOST}") from None
            self._log.warning(urn, f"{error}: it leaves the state only, since `deleteUnreachable` is set")
        except KubernetesError as error:
            raise _said(error, job) from None
        finally:
            job.teller.done()

    def _job(self, urn: str, declared: Object, old: Object, timeout: float) -> _Job:
        kind = kinds.of_resource(urn, plain(declared))
        redact = Redactor(declared, old)
        teller = Teller(self._log, urn, redact)
        subject = Subject(kind, plain(declared), naming.manager_of(urn, plain(old), declared), timeout, teller)
        return _Job(urn, kind, subject, redact, teller)

    def _applied(self, job: _Job, declared: Object, apply: Callable[[Objects], Object]) -> Found:
        try:
            live = apply(self._need())
        except Incomplete as incomplete:
            live = incomplete.live
            reasons = [job.redact(each) for each in (str(incomplete.fault), *incomplete.fault.reasons)]
            raise HalfDone(naming.identifier(live), self._kept(job, declared, live), declared, reasons) from None
        except KubernetesError as error:
            raise _said(error, job) from None
        finally:
            job.teller.done()
        return Found(naming.identifier(live), self._kept(job, declared, live), declared)

    def _judge(self, job: _Job, objects: Objects, live: Object, found: Found) -> None:
        try:
            objects.judge(job.subject, live)
        except NotReadyError as error:
            reasons = [job.redact(each) for each in (str(error), *error.reasons)]
            raise HalfDone(found.identifier, found.state, found.inputs, reasons) from None
        except KubernetesError:
            # What was asked is what the object is, and that is known.
            return

    def _kept(self, job: _Job, declared: Object, live: Object) -> Object:
        return state.checkpoint(declared, live, manager=job.subject.manager)

    def _lost(self, urn: str, identifier: str, declared: Object, old: Object, error: KubernetesError) -> Found | None:
        if self.settings.delete_unreachable:
            self._log.warning(urn, f"{error}: it leaves the state, since `deleteUnreachable` is set")
            return None
        if self.settings.skip_unreachable:
            self._log.warning(urn, f"{error}: it is taken to be as it was, since `skipUpdateUnreachable` is set")
            return Found(identifier, old, declared)
        raise KubernetesError(f"{error}; {_LOST}") from None

    def _need(self) -> Objects:
        if self._objects is None:
            raise self._fault or ConfigurationError("the provider is not configured")
        return self._objects

    def _namespaced(self, kind: Kind) -> bool:
        if kind.namespaced is not None or self._objects is None:
            return kind.namespaced is not False
        return self._objects.namespaced(kind)

    def _warn_unreachable(self, urn: str, error: UnreachableError) -> None:
        if not self._warned.is_set():
            self._warned.set()
            self._log.warning(urn, f"{error}: the preview shows what the program declares, unchecked by the server")


def _said(error: KubernetesError, job: _Job) -> KubernetesError:
    """Return an error that names the object and repeats no secret."""
    name = naming.identifier(job.subject.declared)
    return KubernetesError(job.redact(f"{job.kind.name} {name}: {error}" if name else f"{job.kind.name}: {error}"))


def _foreseen(live: Object, declared: Object, old: Object | None) -> Object:
    """Take out of a rehearsal's result what will be different at the real run."""
    foreseen: dict[str, Any] = {**live, "metadata": dict(live["metadata"])}
    if "status" in live:
        foreseen["status"] = UNKNOWN
    foreseen["metadata"]["resourceVersion"] = UNKNOWN
    if old is not None:
        return foreseen
    for name in ("uid", "creationTimestamp"):
        foreseen["metadata"][name] = UNKNOWN
    addresses = [name for name in ("clusterIP", "clusterIPs") if dig(live, "spec", name)]
    if unknown := {name: UNKNOWN for name in addresses if not dig(declared, "spec", name)}:
        foreseen["spec"] = {**live["spec"], **unknown}
    return foreseen
