"""What the engine keeps of an object: the object itself, its declaration, and what of both is secret."""

from typing import Any

from lab.engine.kubernetes.api import kind_of
from lab.engine.kubernetes.secret_kind import LAST_APPLIED, is_secret
from lab.engine.kubernetes.values import Object, Secret, has_secret, plain, unmarked

INPUTS, API_VERSION, MANAGER = "__inputs", "__initialApiVersion", "__fieldManager"
"""The official plugin's own names, so that a stack's state serves both."""

_SERVERS_OWN = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid", "selfLink")


def checkpoint(declared: Object, live: Object, *, manager: str) -> Object:
    """Return the state of an object: `declared` says by its marks what is secret."""
    kept = {key: value for key, value in live.items() if key != "metadata"}
    # Who owns which field is the server's to know; it would be half of the state.
    kept["metadata"] = {key: value for key, value in (live.get("metadata") or {}).items() if key != "managedFields"}
    return {
        **marked(kept, declared),
        INPUTS: marked(plain(declared), declared),
        API_VERSION: str(live.get("apiVersion", "")),
        MANAGER: manager,
    }


def live_of(state: Object) -> Object:
    """Return the object that a state tells of."""
    live: Object = plain({key: value for key, value in state.items() if not key.startswith("__")})
    return live


def inputs_of(state: Object) -> Object:
    """Return the declaration that a state tells of."""
    inputs = unmarked(state.get(INPUTS))
    return inputs if isinstance(inputs, dict) else {}


def marked(values: Object, like: Object) -> Object:
    """Return a plain object with the marks of a declaration. The data of a Secret is secret whatever anyone says."""
    result: Object = _marked(values, like)
    if is_secret(kind_of(values)):
        for key in ("data", "stringData"):
            if key in result:
                result[key] = Secret(plain(result[key]))
        _hide_last_applied(result)
    return result


def _marked(value: Any, like: Any) -> Any:
    if isinstance(like, Secret):
        return Secret(value)
    if isinstance(value, dict) and isinstance(like, dict):
        return {key: _marked(each, like.get(key)) for key, each in value.items()}
    # The server may put a list in another order: all of it is secret, or a secret could slip out.
    return Secret(value) if has_secret(like) else value


def _hide_last_applied(result: Object) -> None:
    annotations = unmarked((unmarked(result.get("metadata")) or {}).get("annotations"))
    if isinstance(annotations, dict) and LAST_APPLIED in annotations:
        annotations[LAST_APPLIED] = Secret(plain(annotations[LAST_APPLIED]))


def adopted_inputs(live: Object) -> Object:
    """Return a declaration for an object that no program has declared yet, as for an import."""
    declared = {key: value for key, value in live.items() if key not in {"status", "metadata"}}
    metadata = {key: value for key, value in (live.get("metadata") or {}).items() if key not in _SERVERS_OWN}
    annotations = {
        key: value
        for key, value in (metadata.pop("annotations", None) or {}).items()
        if key not in {LAST_APPLIED, "deployment.kubernetes.io/revision"}
    }
    return {**declared, "metadata": metadata | ({"annotations": annotations} if annotations else {})}
