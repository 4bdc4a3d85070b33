"""The life of one object: planned, created, read, updated, deleted."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from lab.engine.kubernetes import kinds, naming
from lab.engine.kubernetes.api import Api
from lab.engine.kubernetes.await_ready import Watch
from lab.engine.kubernetes.faults import ApiError, KubernetesError, MissingKindError, NotReadyError, UnreachableError
from lab.engine.kubernetes.kinds import Kind
from lab.engine.kubernetes.projection import project
from lab.engine.kubernetes.retry import Patience, Tell, persist
from lab.engine.kubernetes.secret_kind import as_declared, as_sent
from lab.engine.kubernetes.settings import Settings
from lab.engine.kubernetes.values import Object, dig, plain

_T = TypeVar("_T")

_DEFAULT_SECONDS = 600.0
_RETRIED_SECONDS = 120.0
"""How long an API server that does not answer, or does not serve a kind, is waited for."""
_LOST_SECONDS = 5.0
_PREVIEW_SECONDS = 3.0
_SHORTEST_SECONDS = 1.0
_BY_HAND = ("kubectl", "before-first-apply", "pulumi-kubernetes", "pulumi-resource-kubernetes")


@dataclass(frozen=True, slots=True)
class Subject:
    """The resource at hand."""

    kind: Kind
    declared: Object
    """Plain: no marks of secrets, nothing unknown."""
    manager: str
    timeout: float = 0
    """Seconds, as the program's `custom_timeouts` say; 0 for what the annotation or the plugin says."""
    tell: Tell = field(default=lambda _line: None)

    @property
    def seconds(self) -> float:
        """How long it may take to get ready, or to go."""
        if self.timeout:
            return self.timeout
        annotated = naming.annotation(self.declared, naming.TIMEOUT_SECONDS)
        return max(float(annotated), _SHORTEST_SECONDS) if annotated.isdigit() else _DEFAULT_SECONDS


@dataclass
class Incomplete(Exception):  # noqa: N818  (an object that is there, though not as it should be)
    """An object exists but is not ready: the engine has to remember both."""

    live: Object
    fault: NotReadyError


class Objects:
    """Carries out on one cluster what the engine decides."""

    def __init__(self, api: Api, settings: Settings, namespace: str, cancelled: threading.Event) -> None:
        self._api, self._settings, self._cancelled = api, settings, cancelled
        self._namespace = namespace
        self._given_up = False

    def preview(self, subject: Subject, *, exists: bool) -> Object | None:
        """Return what an object would be, as far as the server can tell already; None where it cannot."""
        patience = Patience(_PREVIEW_SECONDS, self._cancelled)
        try:
            if not self._api.serves(subject.kind):
                return None
            body = self._body(subject)
            # What is replaced, or made anew, may still be there: forced, its owner's claims do not disturb.
            force = not exists or self._forces(subject)
            return persist(lambda: self._apply(subject, body, force=force, dry_run=True), patience, "asking the server")
        except ApiError as error:
            if error.is_not_found or error.is_forbidden or error.transient or (error.is_immutable and not exists):
                return None
            raise
        except MissingKindError:
            return None

    def create(self, subject: Subject) -> Object:
        """Create an object and wait until it is ready. Raises `Incomplete` where it does not become so."""
        patience = self._patience(subject)
        live = self._persist(lambda: self._create_once(subject), patience, "creating it")
        return self._ready(subject, live, patience)

    def update(self, subject: Subject) -> Object:
        """Make an object what it is declared as, and wait until it is ready again."""
        patience = self._patience(subject)
        live = self._persist(lambda: self._update_once(subject), patience, "updating it")
        return self._ready(subject, live, patience)

    def read(self, subject: Subject, namespace: str, name: str) -> Object | None:
        """Return an object, or None where it is gone, be it with its whole kind."""

        def once() -> Object | None:
            try:
                return self._api.get(subject.kind, namespace, name)
            except MissingKindError:
                return None

        return self._persist(once, self._patience(subject), "reading it")

    def judge(self, subject: Subject, live: Object) -> None:
        """Raise `NotReadyError` where an object that was read is not ready."""
        Watch(self._api, subject.kind, live, Patience(0, self._cancelled)).judge_now(subject.declared)

    def declared_as(self, subject: Subject, live: Object) -> Object:
        """Return the declaration that an object in the cluster amounts to."""
        sent = self._body(subject)
        try:
            desired: Object | None = self._apply(subject, sent, force=True, dry_run=True)
        except (ApiError, MissingKindError):
            desired = None
        projected = project(as_sent(subject.kind, subject.declared), live, desired)
        return as_declared(subject.kind, projected, subject.declared)

    def delete(self, subject: Subject, namespace: str, name: str) -> None:
        """Delete an object and wait until it is gone. What is gone already is no fault."""
        patience = self._patience(subject)
        propagation = naming.propagation(subject.declared)

        def once() -> Object | None:
            try:
                return self._api.delete(subject.kind, namespace, name, propagation=propagation)
            except MissingKindError:
                return None

        going = self._persist(once, patience, "deleting it")
        if going is None:
            return
        if subject.kind == kinds.CUSTOM_RESOURCE_DEFINITION:
            self._api.forget()
        live = {"metadata": {"namespace": namespace, "name": name}}
        Watch(self._api, subject.kind, live, patience).until_gone(_uid(going))

    def namespaced(self, kind: Kind) -> bool:
        """Tell whether a kind's objects lie in a namespace; assume so of a kind that no cluster knows yet."""
        try:
            return self._api.namespaced(kind)
        except KubernetesError:
            return True

    def _persist(self, request: Callable[[], _T], patience: Patience, what: str) -> _T:
        """Send a request until it is answered; once the cluster was waited for in vain, do not wait again."""
        expected = self._settings.delete_unreachable or self._settings.skip_unreachable
        seconds = 0 if self._given_up else _LOST_SECONDS if expected else _RETRIED_SECONDS
        try:
            return persist(request, patience.at_most(seconds), what)
        except UnreachableError:
            self._given_up = True
            raise

    def _patience(self, subject: Subject) -> Patience:
        return Patience(subject.seconds, self._cancelled, subject.tell)

    def _forces(self, subject: Subject) -> bool:
        return self._settings.force or naming.is_true(subject.declared, naming.PATCH_FORCE)

    def _body(self, subject: Subject) -> Object:
        body: Object = as_sent(subject.kind, plain(subject.declared))
        namespace = naming.namespace_of(body) or self._namespace
        return naming.with_namespace(body, namespace if self._api.namespaced(subject.kind) else "")

    def _create_once(self, subject: Subject) -> Object:
        """Create an object, unless one of its name is there that this very resource has not made."""
        body = self._body(subject)
        namespace, name = naming.namespace_of(body), naming.name_of(body)
        there = self._api.get(subject.kind, namespace, name)
        if there and dig(there, "metadata", "deletionTimestamp"):
            raise ApiError(503, message=f"the former {subject.kind.name} {naming.identifier(there)} is still going")
        if there and not self._settings.upsert and not _is_managed_by(there, subject.manager):
            raise KubernetesError(
                f"{subject.kind.name} {naming.identifier(there)} is there already and is not this resource's: "
                "import it (`pulumi import`), delete it, or choose another name"
            )
        return self._apply(subject, body, force=self._forces(subject))

    def _update_once(self, subject: Subject) -> Object:
        try:
            return self._apply(subject, self._body(subject), force=self._forces(subject))
        except ApiError as error:
            if error.is_immutable:
                raise KubernetesError(
                    f"{error}; the API does not change this field: `pulumi up --replace <URN>` replaces the object"
                ) from None
            raise

    def _apply(self, subject: Subject, body: Object, *, force: bool, dry_run: bool = False) -> Object:
        try:
            live = self._api.apply(subject.kind, body, manager=subject.manager, force=force, dry_run=dry_run)
        except ApiError as error:
            if error.is_conflict and error.causes:
                if _is_by_hand(error):
                    return self._apply(subject, body, force=True, dry_run=dry_run)
                raise _conflict(error) from None
            if error.is_missing_namespace and not dry_run:
                # Its namespace may be under way in the same run.
                raise ApiError(503, message=str(error)) from None
            raise
        return live

    def _ready(self, subject: Subject, live: Object, patience: Patience) -> Object:
        watch = Watch(self._api, subject.kind, live, patience)
        try:
            return watch.until_ready(subject.declared)
        except NotReadyError as fault:
            raise Incomplete(watch.last, fault) from None
        except KubernetesError as error:
            # Stopped or refused while it waited: the object is there, which must not be forgotten.
            raise Incomplete(watch.last, NotReadyError(str(error), [])) from None


def _uid(going: Object) -> str | None:
    """Return which object goes: the server tells of the object, or, where it is gone at once, only its `details`."""
    uid = dig(going, "metadata", "uid") or dig(going, "details", "uid")
    return uid if isinstance(uid, str) else None


def _is_managed_by(live: Object, manager: str) -> bool:
    fields = dig(live, "metadata", "managedFields") or []
    return any(each.get("manager") == manager and each.get("operation") == "Apply" for each in fields)


def _owners(error: ApiError) -> list[str]:
    """Return who owns the fields of a conflict, from `conflict with "kubectl" using v1`."""
    told = [re.search(r'"([^"]+)"', str(cause.get("message"))) for cause in error.causes]
    return sorted({each[1] if each else "unknown" for each in told})


def _is_by_hand(error: ApiError) -> bool:
    """Tell whether a person at a shell, or this plugin in an earlier form, has set the fields: the program prevails."""
    return all(owner.startswith(_BY_HAND) for owner in _owners(error))


def _conflict(error: ApiError) -> KubernetesError:
    fields = ", ".join(sorted({str(cause.get("field")) for cause in error.causes}))
    return KubernetesError(
        f"{', '.join(_owners(error))} owns {fields} of it: leave that out of the program, or take it over "
        f'with the annotation {naming.PATCH_FORCE}: "true"'
    )
