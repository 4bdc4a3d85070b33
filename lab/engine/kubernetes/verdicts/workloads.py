"""Controllers of pods that run for ever."""

from lab.engine.kubernetes.values import Object, dig
from lab.engine.kubernetes.verdicts.model import READY, Verdict, condition, is_observed, number, says, words

_UNSEEN = Verdict("waiting for its controller")


def deployment(live: Object) -> Verdict:
    """All replicas are of the present template and available, and no former one is left."""
    if not is_observed(live):
        return _UNSEEN
    progress = condition(live, "Progressing")
    if progress.get("reason") == "ProgressDeadlineExceeded":
        return Verdict(words(progress), failed=True)
    if dig(live, "spec", "paused"):
        return READY
    wanted, updated = _wanted(live), number(live, "status", "updatedReplicas")
    if updated < wanted:
        return Verdict(_counted(updated, wanted, "updated") + _failure(live))
    if number(live, "status", "replicas") > updated:
        return Verdict(f"{number(live, 'status', 'replicas') - updated} pods of the former template still end")
    available = number(live, "status", "availableReplicas")
    return READY if available >= wanted else Verdict(_counted(available, wanted, "available") + _failure(live))


def stateful_set(live: Object) -> Verdict:
    """All replicas are of the present template and ready, as far as the update strategy wants that."""
    if not is_observed(live):
        return _UNSEEN
    wanted, ready = _wanted(live), number(live, "status", "readyReplicas")
    if ready < wanted:
        return Verdict(_counted(ready, wanted, "ready"))
    if dig(live, "spec", "updateStrategy", "type") == "OnDelete":
        return READY
    due = wanted - number(live, "spec", "updateStrategy", "rollingUpdate", "partition")
    updated = number(live, "status", "updatedReplicas")
    if dig(live, "status", "currentRevision") == dig(live, "status", "updateRevision") or updated >= due:
        return READY
    return Verdict(_counted(updated, due, "updated"))


def daemon_set(live: Object) -> Verdict:
    """Every node that it is meant for runs the present template, available."""
    if not is_observed(live):
        return _UNSEEN
    wanted = number(live, "status", "desiredNumberScheduled")
    updated, available = number(live, "status", "updatedNumberScheduled"), number(live, "status", "numberAvailable")
    if updated < wanted and dig(live, "spec", "updateStrategy", "type") != "OnDelete":
        return Verdict(_counted(updated, wanted, "updated"))
    return READY if available >= wanted else Verdict(_counted(available, wanted, "available"))


def replicas(live: Object) -> Verdict:
    """All replicas are available."""
    if not is_observed(live):
        return _UNSEEN
    wanted, available = _wanted(live), number(live, "status", "availableReplicas")
    return READY if available >= wanted else Verdict(_counted(available, wanted, "available") + _failure(live))


def _wanted(live: Object) -> int:
    wanted = dig(live, "spec", "replicas")
    return 1 if wanted is None else int(wanted)


def _counted(have: int, wanted: int, what: str) -> str:
    return f"{have} of {wanted} pods {what}"


def _failure(live: Object) -> str:
    """Tell why the controller cannot make pods at all: a quota, or an admission that refuses them."""
    return f"; {words(condition(live, 'ReplicaFailure'))}" if says(live, "ReplicaFailure", "True") else ""
