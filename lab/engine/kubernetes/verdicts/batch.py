"""Work that ends."""

from lab.engine.kubernetes.values import Object, dig
from lab.engine.kubernetes.verdicts.model import READY, Verdict, condition, number, says, words


def job(live: Object) -> Verdict:
    """It has run to its end, or was suspended on purpose."""
    if says(live, "Complete", "True") or dig(live, "spec", "suspend"):
        return READY
    if says(live, "Failed", "True"):
        return Verdict(words(condition(live, "Failed")) or "it has failed", failed=True)
    wanted = dig(live, "spec", "completions") or 1
    failed = number(live, "status", "failed")
    again = f", {failed} failed" if failed else ""
    return Verdict(f"{number(live, 'status', 'succeeded')} of {wanted} runs succeeded{again}")
