"""Ways to pods."""

from lab.engine.kubernetes.values import Object, dig
from lab.engine.kubernetes.verdicts.model import READY, Verdict

ENDPOINTS = "endpoints"


def service(live: Object) -> Verdict:
    """It has an address; whether pods stand behind it, its endpoints tell."""
    spec = live.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return READY
    if spec.get("type") == "LoadBalancer" and not dig(live, "status", "loadBalancer", "ingress"):
        return Verdict("its load balancer has no address yet")
    if spec.get("clusterIP") == "None" or not spec.get("selector"):
        return READY
    return Verdict(needs=ENDPOINTS)


def endpoints(slices: list[Object]) -> Verdict:
    """At least one pod behind a Service is ready."""
    conditions = [dig(each, "conditions") or {} for slice_ in slices for each in slice_.get("endpoints") or []]
    if any(each.get("ready", True) is not False for each in conditions):
        return READY
    return Verdict("no pod behind it is ready" if conditions else "no pod carries the labels that it selects")


def ingress(live: Object) -> Verdict:
    """A controller has given it an address."""
    if dig(live, "status", "loadBalancer", "ingress"):
        return READY
    return Verdict("no ingress controller has given it an address")
