"""Who leads in a stack's cluster, and who would take over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cecf.automation.control_plane import ControlPlane, control_plane_of, last_json
from cecf.automation.stack import OperationFailedError, Stack

_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
_LEASED = ("kube-scheduler", "kube-controller-manager")


@dataclass(frozen=True, kw_only=True)
class Holder:
    """An office and who holds it."""

    office: str
    holder: str | None
    heirs: tuple[str, ...]
    seconds: float | None
    """After which an heir has taken over, at the latest."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """A cluster's standing."""

    holders: tuple[Holder, ...]
    members: Mapping[str, Mapping[str, Any]]
    """Each member of etcd: its state, version, bytes and revision."""


def status(stack: Stack) -> Status:
    """Ask the cluster. Raises `OperationFailedError`."""
    outputs = stack.outputs()
    found = control_plane_of(stack)
    if not found.alive():
        raise OperationFailedError([f"the API of '{stack.name}' does not answer: cecf up --stack {stack.name}"])
    members = {**outputs["etcd"]["members"], **outputs["etcd"]["events_members"]}
    arguments = [f"{name}={address}" for name, address in members.items()]
    told = {node: last_json(found.run("cecf.node.standing", *arguments, node=node)) for node in found.ready_nodes()}
    standing: dict[str, dict[str, Any]] = next(iter(told.values()))["members"]
    holding = [node for node, each in told.items() if each["holds_endpoint"]]
    leaders = [name for name, each in standing.items() if each["state"] == "leader"]
    known = {**_leased(found), "endpoint": holding[0] if holding else None}
    holders = tuple(_holder(office, known, leaders) for office in outputs["take_over"])
    return Status(holders=holders, members=standing)


def _leased(found: ControlPlane) -> dict[str, str | None]:
    leases = {name: found.api.get(f"{_LEASES}/{name}") or {} for name in _LEASED}
    # A lease's holder is a host's name and something that tells two processes of it apart.
    return {
        name: lease.get("spec", {}).get("holderIdentity", "").partition("_")[0] or None
        for name, lease in leases.items()
    }


def _holder(office: Mapping[str, Any], known: Mapping[str, str | None], leaders: list[str]) -> Holder:
    by_election = next((leader for leader in leaders if leader in office["holders"]), None)
    holder = known.get(office["name"]) if office["name"] in known else by_election
    heirs = tuple(name for name in office["holders"] if name != holder)
    return Holder(office=office["name"], holder=holder, heirs=heirs, seconds=office["seconds"])
