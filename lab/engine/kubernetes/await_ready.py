"""Waiting until an object is ready, or gone, while telling what is waited for."""

from collections.abc import Callable
from typing import TypeVar

from lab.engine.kubernetes import kinds, naming, wait_for
from lab.engine.kubernetes.api import Api
from lab.engine.kubernetes.faults import KubernetesError, MissingKindError, NotReadyError
from lab.engine.kubernetes.kinds import Kind
from lab.engine.kubernetes.retry import Patience
from lab.engine.kubernetes.values import Object, dig
from lab.engine.kubernetes.verdicts import Verdict, judge, network, pods, storage
from lab.engine.kubernetes.verdicts.model import READY

_T = TypeVar("_T")

_PAUSES = (0.2, 0.3, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0)
_LATER_PAUSE = 2.0
_EXPLAINED_EVERY = 5.0
_LISTED = 5

_OWNERS_OF_PODS = frozenset({"DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"})
_SLICE = Kind("discovery.k8s.io", "v1", "EndpointSlice")
_STORAGE_CLASS = Kind("storage.k8s.io", "v1", "StorageClass")


class Watch:
    """Looks after one object until it is ready or gone."""

    def __init__(self, api: Api, kind: Kind, live: Object, patience: Patience) -> None:
        self._api, self._kind, self._patience = api, kind, patience
        self._namespace, self._name = naming.namespace_of(live), naming.name_of(live)
        self.last = live
        """The object as it was last seen."""
        self._reasons: list[str] = []
        self._explained = patience.left

    def until_ready(self, declaration: Object) -> Object:
        """Return the object once it is ready. Raises `NotReadyError` when it fails or time is over."""
        if naming.is_true(declaration, naming.SKIP_AWAIT):
            return self.last
        judged = self._judge_of(declaration)
        turn = 0
        while True:
            verdict = self._look(judged)
            if verdict.ready:
                return self.last
            if verdict.failed or self._patience.left <= 0:
                raise self._not_ready(verdict)
            self._patience.tell(self._told(verdict))
            self._patience.pause(_PAUSES[turn] if turn < len(_PAUSES) else _LATER_PAUSE)
            turn += 1

    def judge_now(self, declaration: Object) -> None:
        """Raise `NotReadyError` where the object is not ready as it was last seen."""
        if naming.is_true(declaration, naming.SKIP_AWAIT):
            return
        verdict = self._judge_of(declaration)(self.last)
        if not verdict.ready:
            raise self._not_ready(verdict)

    def until_gone(self, uid: str | None) -> None:
        """Return once the object is gone, or another one has its name."""
        turn = 0
        while True:
            try:
                live = self._see()
            except MissingKindError:
                # It went with its whole kind.
                return
            if live is None or (uid and dig(live, "metadata", "uid") != uid):
                return
            self.last = live
            if self._patience.left <= 0:
                raise NotReadyError(f"{self._title()} is not gone in time", _holders(live))
            self._patience.tell("; ".join(["waiting until it is gone", *_holders(live)]))
            self._patience.pause(_PAUSES[turn] if turn < len(_PAUSES) else _LATER_PAUSE)
            turn += 1

    def _see(self) -> Object | None:
        last: Object | None = self.last
        return self._try(lambda: self._api.get(self._kind, self._namespace, self._name), last)

    def _look(self, judged: Callable[[Object], Verdict]) -> Verdict:
        try:
            live = self._see()
        except MissingKindError as error:
            return Verdict(str(error))
        if live is None:
            return Verdict("it was deleted meanwhile", failed=True)
        self.last = live
        return judged(live)

    def _judge_of(self, declaration: Object) -> Callable[[Object], Verdict]:
        if annotation := naming.annotation(declaration, naming.WAIT_FOR):
            wished = wait_for.wishes(annotation)
            return lambda live: wait_for.judge(wished, live)
        return self._judge

    def _judge(self, live: Object) -> Verdict:
        verdict = judge(self._kind, live)
        if verdict.needs == network.ENDPOINTS:
            label = f"kubernetes.io/service-name={self._name}"
            return network.endpoints(self._list(_SLICE, labels=label))
        if verdict.needs == storage.BINDING_MODE and self._waits_for_consumer(live):
            return READY
        if verdict.ready and self._kind == kinds.CUSTOM_RESOURCE_DEFINITION:
            return self._judge_served(live)
        return verdict

    def _judge_served(self, live: Object) -> Verdict:
        """Established is the definition before every server's discovery knows of it: ask for the objects."""
        self._api.forget()
        group, name = dig(live, "spec", "group"), dig(live, "spec", "names", "kind")
        versions = [each["name"] for each in dig(live, "spec", "versions") or [] if each.get("served")]
        served = all(self._try(lambda: self._api.serves(Kind(group, each, name)), False) for each in versions)  # noqa: B023, FBT003
        return READY if served else Verdict("the API server takes up the kind")

    def _waits_for_consumer(self, live: Object) -> bool:
        name = dig(live, "spec", "storageClassName")
        found = self._try(lambda: self._api.get(_STORAGE_CLASS, "", str(name)), None) if name else None
        return bool(dig(found, "volumeBindingMode") == "WaitForFirstConsumer")

    def _told(self, verdict: Verdict) -> str:
        """Return what is waited for, with what is known of the reasons; those are looked up now and then."""
        if self._explained - self._patience.left >= _EXPLAINED_EVERY:
            self._explained = self._patience.left
            self._reasons = self._explain()
        return "; ".join([verdict.waiting, *self._reasons])

    def _not_ready(self, verdict: Verdict) -> NotReadyError:
        ending = "has failed" if verdict.failed else "is not ready in time"
        reasons = [each for each in self._explain() if each not in verdict.waiting]
        return NotReadyError(f"{self._title()} {ending}: {verdict.waiting}", reasons)

    def _explain(self) -> list[str]:
        """Look at the pods below the object and at what was reported of itself."""
        found: list[str] = []
        if self._kind.name in _OWNERS_OF_PODS:
            found = pods.summary(self._list(kinds.POD, labels=_selector(self.last)))
        return (found or self._events())[:_LISTED]

    def _events(self) -> list[str]:
        uid = dig(self.last, "metadata", "uid")
        told = self._list(kinds.EVENT, fields=f"involvedObject.uid={uid},type=Warning") if uid else []
        # The same warning is written again and again: the last one of each reason tells it.
        return list({each.get("reason"): f"{each.get('reason')}: {each.get('message')}" for each in told}.values())

    def _list(self, kind: Kind, **query: str) -> list[Object]:
        return self._try(lambda: self._api.list(kind, self._namespace, **query), [])

    def _try(self, request: Callable[[], _T], otherwise: _T) -> _T:
        """Ask the server; one that does not answer for a moment is no reason to give up waiting."""
        try:
            return request()
        except MissingKindError:
            raise
        except KubernetesError as error:
            if not error.transient:
                raise
            self._patience.tell(str(error))
            return otherwise

    def _title(self) -> str:
        return f"{self._kind.name} {naming.identifier(self.last)}"


def _selector(live: Object) -> str:
    """Write a selector of labels as a query; of what is more than labels, the labels alone."""
    selector = dig(live, "spec", "selector") or {}
    labels = (
        selector.get("matchLabels", {}) if "matchLabels" in selector or "matchExpressions" in selector else selector
    )
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def _holders(live: Object) -> list[str]:
    """Tell what keeps a deleted object: its finalizers, and what a namespace says of its content."""
    finalizers = dig(live, "metadata", "finalizers") or []
    told = [
        str(each.get("message"))
        for each in dig(live, "status", "conditions") or []
        if str(each.get("type", "")).startswith("Namespace") and each.get("status") == "True"
    ]
    return told + ([f"finalizers {', '.join(finalizers)}"] if finalizers else [])
