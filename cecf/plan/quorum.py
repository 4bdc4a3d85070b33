"""Quorums: whose members must not be away at the same time, and who is away at a moment of a run.

A member goes when its server or a volume with its data is replaced, and is back when something has seen that it is
well again. Nothing is taken away from a quorum that would leave fewer members than it needs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cecf.plan.etcd import EtcdPlan
from cecf.plan.nodes import ETCD_DATA, ETCD_WAL, NodePlan, PoolPlan
from cecf.plan.standing import Standing
from cecf.problems import REFUSAL

_DATA = (ETCD_DATA, ETCD_WAL)
"""Where a volume is mounted without which a member's data is lost: a log without its data is none, nor the reverse."""


@dataclass(frozen=True, kw_only=True)
class QuorumPlan:
    """Servers of which more than half must be well."""

    name: str
    """For people: `etcd of dev`."""
    members: Mapping[str, frozenset[str]]
    """The names of the volumes with a member's data, by the name of its server; in the order of their turns."""
    well: frozenset[str]
    """The members that are there when the run begins, as far as the cloud can tell."""
    data: frozenset[str]
    """The volumes that hold data when the run begins."""
    waits: bool
    """Whether a replaced member is waited for before the next one goes."""

    @property
    def needed(self) -> int:
        """How many members decide."""
        return len(self.members) // 2 + 1


def plan_quorums(
    cluster: str, etcds: Iterable[EtcdPlan], control_plane: PoolPlan, *, reachable: bool, standing: Standing
) -> tuple[QuorumPlan, ...]:
    """Return the quorum of each etcd, and that of the control plane unless it is the same servers'.

    `reachable` tells whether a run reaches the API, and so can tell that a control plane is well.
    """
    groups = {etcd.name: etcd.members for etcd in etcds}
    if control_plane.nodes not in groups.values():
        groups["control plane"] = control_plane.nodes
    return tuple(
        QuorumPlan(
            name=f"{name} of {cluster}",
            members={node.name: _volumes(node) for node in nodes},
            well=_well(nodes, standing),
            data=standing.used & {volume for node in nodes for volume in _volumes(node)},
            waits=reachable or nodes != control_plane.nodes,
        )
        for name, nodes in groups.items()
    )


def _volumes(node: NodePlan) -> frozenset[str]:
    return frozenset(volume.name for volume in node.volumes if volume.mount in _DATA)


def _well(nodes: tuple[NodePlan, ...], standing: Standing) -> frozenset[str]:
    """Return the nodes that are there as a finished run leaves them.

    A server that an interrupted run left over runs, too, but has no volume yet. Where it is to have none, it is known
    by its place: servers are made one after the other, so it is the last one there, and others are missing.
    """
    well = [node for node in nodes if node.name in standing.running]
    if len(well) < len(nodes) and not any(node.volumes for node in nodes):
        well = well[:-1]
    return frozenset(node.name for node in well if not node.volumes or node.name in standing.holding)


class Quorum:
    """A quorum while a run goes on."""

    def __init__(self, plan: QuorumPlan) -> None:
        self.plan = plan
        self._well = set(plan.well)
        self._data = {name for name, volumes in plan.members.items() if volumes & plan.data}
        self._gone: set[str] = set()

    @property
    def well(self) -> frozenset[str]:
        """The members that are well, as far as anybody can tell."""
        return frozenset(self._well)

    @property
    def data(self) -> frozenset[str]:
        """The members that have their data."""
        return frozenset(self._data)

    def server_goes(self, server: str) -> str | None:
        """Take a member's server away, or return why that is refused. One that is away already is no loss.

        Where too few are there to decide anything, none is kept: what they know is on their volumes. Nor is an only
        one, whose replacement nothing could do without (`outage`).
        """
        if server not in self._well:
            return None
        decides = not self._alone and len(self._well) >= self.plan.needed
        if decides and len(self._well) - 1 < self.plan.needed:
            return self._refusal(f"server {server}", server, self._well)
        self._well.remove(server)
        self._gone.add(server)
        return None

    def volume_goes(self, volume: str) -> str | None:
        """Take a member's data away, or return why that is refused. A volume that never held any is no loss."""
        if volume not in self.plan.data:
            return None
        member = next(name for name, volumes in self.plan.members.items() if volume in volumes)
        if member not in self._data:
            return None  # its other volume went before
        if len(self._data) - 1 < self.plan.needed:
            return self._refusal(f"volume {volume}", member, self._data)
        refusal = self.server_goes(member)  # it has to be told of another volume, so it goes, too
        if not refusal:
            self._data.remove(member)
            self._gone.add(member)
        return refusal

    def is_back(self, member: str) -> None:
        """Count a member again: it is well, and has its data from the others."""
        if member in self.plan.members:
            self._gone.discard(member)
            self._well.add(member)
            if self.plan.members[member]:
                self._data.add(member)

    def outage(self, server: str) -> str | None:
        """Return what people should know before an only member's server goes; none for any other."""
        if not self._alone or server not in self._well:
            return None
        return (
            f"replace server {server}: it is the only member of {self.plan.name}, "
            "which is away until the new one is well; the data stays on its volume"
        )

    @property
    def _alone(self) -> bool:
        return len(self.plan.members) == 1

    def _refusal(self, step: str, member: str, there: set[str]) -> str:
        plan, total = self.plan, len(self.plan.members)
        count = (
            f"{plan.name} has {total} member{'s' * (total > 1)}, {plan.needed} needed, {len(there) - 1} would be left"
        )
        away = [name for name in plan.members if name not in there and name != member]
        return f"{REFUSAL} to replace {step}: {count}{self._why(away)}. Mend: {self._mend()}"

    def _why(self, away: list[str]) -> str:
        replaced = [name for name in away if name in self._gone]
        missing = [name for name in away if name not in self._gone]
        why = [f"{', '.join(missing)} is not there now"] if missing else []
        if replaced:
            why.append(f"the same run replaces {', '.join(replaced)}, and nothing waits until that is well again")
        if replaced and not self.plan.waits:
            why.append("no run can tell where cecf:cluster.control_plane.endpoint.access is none")
        return "".join(f"; {reason}" for reason in why) or "; nobody else has its data"

    def _mend(self) -> str:
        if self._alone:
            return "set back what replaces it"
        one = f"pulumi up --target '**::{next(iter(self.plan.members))}-*'"
        return f"set back what replaces them, or one member after the other, when the last is well: {one}, and so on"
