"""The cluster's own objects."""

from lab.engine.kubernetes.values import Object, dig
from lab.engine.kubernetes.verdicts.model import READY, Verdict, condition, says, words

_TOKEN = "kubernetes.io/service-account-token"  # noqa: S105  (a type of Secret)


def namespace(live: Object) -> Verdict:
    """It takes objects."""
    phase = dig(live, "status", "phase") or "Active"
    return READY if phase == "Active" else Verdict("the former namespace of its name still ends")


def definition(live: Object) -> Verdict:
    """The API server has taken up the kind."""
    refused = condition(live, "NamesAccepted")
    if refused.get("status") == "False":
        return Verdict(words(refused), failed=True)
    return READY if says(live, "Established", "True") else Verdict("the API server takes up the kind")


def resource_quota(live: Object) -> Verdict:
    """It is in force."""
    met = dig(live, "spec", "hard") == dig(live, "status", "hard")
    return READY if met else Verdict("the quota is not in force yet")


def secret(live: Object) -> Verdict:
    """A token is there; other Secrets are what they are."""
    return Verdict("its token is made") if live.get("type") == _TOKEN and not live.get("data") else READY
