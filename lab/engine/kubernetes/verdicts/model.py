"""A judgement, and how the API's objects tell their conditions."""

from dataclasses import dataclass

from lab.engine.kubernetes.values import Object, dig


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an object is ready; else what is waited for, and whether that is in vain."""

    waiting: str = ""
    failed: bool = False
    needs: str = ""
    """What else has to be looked at before an object that seems ready is: `endpoints` or `binding mode`."""

    @property
    def ready(self) -> bool:
        """Whether nothing is waited for any more."""
        return not self.waiting


READY = Verdict()


def condition(live: Object, kind: str) -> Object:
    """Return one of an object's conditions, or an empty one."""
    for each in dig(live, "status", "conditions") or []:
        if each.get("type") == kind:
            found: Object = each
            return found
    return {}


def says(live: Object, kind: str, status: str) -> bool:
    """Tell whether a condition has a status."""
    return bool(condition(live, kind).get("status") == status)


def words(told: Object) -> str:
    """Return a condition's reason and message as one phrase."""
    return ": ".join(str(told[key]) for key in ("reason", "message") if told.get(key))


def number(live: Object, *path: str) -> int:
    """Return a count, which the API leaves out when it is zero."""
    return int(dig(live, *path) or 0)


def is_observed(live: Object) -> bool:
    """Tell whether the object's controller has seen its present declaration."""
    return number(live, "status", "observedGeneration") >= number(live, "metadata", "generation")
