"""Pods: whether one is ready, and in plain words what keeps it from that."""

from lab.engine.kubernetes.values import Object, dig
from lab.engine.kubernetes.verdicts.model import READY, Verdict, condition, says, words

_STARTING = frozenset({"ContainerCreating", "PodInitializing", ""})
_TEXT = 300


def pod(live: Object) -> Verdict:
    """It runs and is ready, or has run to its end."""
    phase = dig(live, "status", "phase")
    if phase == "Succeeded" or (phase == "Running" and says(live, "Ready", "True")):
        return READY
    if phase == "Failed":
        return Verdict("; ".join(troubles(live)) or "it has failed", failed=True)
    return Verdict("; ".join(troubles(live)) or "it is starting")


def troubles(live: Object) -> list[str]:
    """List what keeps a pod from being ready; nothing for one that is merely starting."""
    scheduled = condition(live, "PodScheduled")
    if scheduled.get("status") == "False":
        return [f"no node takes it: {_short(scheduled.get('message') or scheduled.get('reason') or '')}"]
    found = [trouble for each in _containers(live) if (trouble := _trouble(each))]
    if not found and dig(live, "status", "phase") == "Failed":
        found = [words(live["status"]) or "it has failed"]
    return found


def summary(pods: list[Object]) -> list[str]:
    """List the troubles of many pods, one line for all that have the same one."""
    sufferers: dict[str, list[str]] = {}
    for each in pods:
        if dig(each, "metadata", "deletionTimestamp") or pod(each).ready:
            continue
        for trouble in troubles(each):
            sufferers.setdefault(trouble, []).append(each["metadata"]["name"])
    return [f"{_named(names)}: {trouble}" for trouble, names in sufferers.items()]


def _named(names: list[str]) -> str:
    return f"pod {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _containers(live: Object) -> list[Object]:
    status = dig(live, "status") or {}
    return [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]


def _trouble(container: Object) -> str:
    """Tell what is wrong with a container, from its present state and how it last ended."""
    name = container.get("name")
    waiting, last = dig(container, "state", "waiting") or {}, dig(container, "lastState", "terminated") or {}
    if waiting.get("reason", "") not in _STARTING:
        ended = f"; it {_end(last)}" if last else ""
        return f"container {name}: {_short(words(waiting))}{ended}"
    if (now := dig(container, "state", "terminated") or {}) and now.get("exitCode"):
        return f"container {name} {_end(now)}"
    if "running" in (container.get("state") or {}) and container.get("ready") is False:
        if last:
            return f"container {name} runs again after it {_end(last)}"
        started = container.get("started")
        return f"container {name} runs, but its {'readiness' if started else 'startup'} probe does not succeed"
    return ""


def _end(terminated: Object) -> str:
    message = _short(str(terminated.get("message") or "").strip())
    reason = terminated.get("reason") or "Error"
    return f"ended with exit code {terminated.get('exitCode')} ({reason})" + (f": {message}" if message else "")


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _TEXT else f"{text[:_TEXT]}..."
