"""What an object in the cluster is, in terms of its declaration: drift shows, the server's additions do not.

The server knows best what a declaration means (`1000m` is one CPU, a port has a protocol by default). So it is asked:
`desired` is what applying the declaration would make of the object. Where the object is that already, the declaration's
own spelling stands.
"""

from typing import Any

from lab.engine.kubernetes.values import Object

_KEYS = ("name", "key", "mountPath", "devicePath", "containerPort", "port", "ip", "type", "topologyKey", "id")
_MISSING = object()

_FACTORS = {
    **{
        letter: 1000.0**power
        for power, letter in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), start=-3)
    },
    **{f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTPE", start=1)},
}
_QUANTITIES = frozenset({"requests", "limits", "capacity", "hard", "overhead", "podFixed", "min", "max", "default"})


def project(declared: Object, live: Object, desired: Object | None) -> Object:
    """Return the declaration as the object in the cluster has it. Without `desired`, spellings are compared."""
    projected: Object = _project(declared, live, declared if desired is None else desired, quantity=False)
    return projected


def _project(declared: Any, live: Any, desired: Any, *, quantity: bool) -> Any:
    if live is _MISSING:
        return declared if desired is _MISSING else _MISSING
    if isinstance(declared, dict) and isinstance(live, dict):
        return _project_object(declared, live, desired, quantity=quantity)
    if live == desired:
        return declared
    if isinstance(declared, list) and isinstance(live, list):
        return _project_list(declared, live, desired, quantity=quantity)
    return declared if _equal(declared, live, quantity=quantity) else live


def _project_object(declared: Object, live: Object, desired: Any, *, quantity: bool) -> Object:
    wanted = desired if isinstance(desired, dict) else {}
    projected = {}
    for key, value in declared.items():
        inside = quantity or key in _QUANTITIES
        there = _project(value, live.get(key, _MISSING), wanted.get(key, _MISSING), quantity=inside)
        if there is not _MISSING:
            projected[key] = there
        elif value in (None, {}, []):
            # The server keeps nothing of what is empty.
            projected[key] = value
    return projected


def _project_list(declared: list[Any], live: list[Any], desired: Any, *, quantity: bool) -> list[Any]:
    wanted = desired if isinstance(desired, list) else []
    key = _merge_key(declared, live)
    if key is None:
        return _project_in_order(declared, live, wanted, quantity=quantity)
    there, meant = {each[key]: each for each in live}, {each[key]: each for each in wanted if key in each}
    projected = [
        _project(each, there[each[key]], meant.get(each[key], _MISSING), quantity=quantity)
        for each in declared
        if each[key] in there
    ]
    known = {each[key] for each in declared} | set(meant)
    return projected + [each for each in live if each[key] not in known]


def _project_in_order(declared: list[Any], live: list[Any], wanted: list[Any], *, quantity: bool) -> list[Any]:
    if len(declared) != len(live):
        return live
    meant = wanted if len(wanted) == len(live) else [_MISSING] * len(live)
    rows = zip(declared, live, meant, strict=True)
    return [_project(said, there, want, quantity=quantity) for said, there, want in rows]


def _merge_key(declared: list[Any], live: list[Any]) -> str | None:
    """Return the field by which both lists' objects can be told apart."""
    both = [*declared, *live]
    if not all(isinstance(each, dict) for each in both):
        return None
    for key in _KEYS:
        if all(key in each and isinstance(each[key], (str, int)) for each in both):
            return key if all(len({each[key] for each in one}) == len(one) for one in (declared, live)) else None
    return None


def _equal(declared: Any, live: Any, *, quantity: bool) -> bool:
    if type(declared) is type(live) and declared == live:
        return True
    if quantity:
        number = _number(declared)
        return number is not None and number == _number(live)
    return False


def _number(quantity: Any) -> float | None:
    text = str(quantity)
    digits = text.rstrip("numkMGTPEKi")
    try:
        return float(digits) * _FACTORS[text[len(digits) :]]
    except (ValueError, KeyError):
        return None
