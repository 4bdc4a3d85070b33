"""Volumes and claims to them."""

from lab.engine.kubernetes.values import Object, dig
from lab.engine.kubernetes.verdicts.model import READY, Verdict

BINDING_MODE = "binding mode"


def volume(live: Object) -> Verdict:
    """It can be claimed, or is."""
    phase = dig(live, "status", "phase")
    if phase == "Failed":
        return Verdict(str(dig(live, "status", "message") or "it has failed"), failed=True)
    return READY if phase in {"Available", "Bound"} else Verdict("it is not available yet")


def claim(live: Object) -> Verdict:
    """It has its volume; whether it is to wait for a pod first, its storage class tells."""
    phase = dig(live, "status", "phase")
    if phase == "Bound":
        return READY
    if phase == "Lost":
        return Verdict("its volume is gone", failed=True)
    return Verdict("no volume is bound to it", needs=BINDING_MODE)
