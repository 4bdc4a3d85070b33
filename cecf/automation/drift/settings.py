"""Drift inside a cluster: nodes that are there or not, and what their components run with."""

from collections.abc import Iterable, Iterator, Mapping

from cecf.automation.control_plane import ControlPlane, control_plane_of
from cecf.automation.drift.model import ELASTIC, Finding, Report
from cecf.automation.stack import Stack
from cecf.cloud import connect, look_up
from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError
from cecf.kubernetes.nodes import registered
from cecf.kubernetes.running import examine
from cecf.plan import ClusterPlan, Role, names, plan_cluster
from cecf.problems import CloudUnavailableError, InvalidInputError
from cecf.tuning.drift import Drift, Outcome, drifts, unread
from cecf.tuning.explain import shown
from cecf.tuning.model import Component


def of_settings(stack: Stack) -> Report:
    """Compare what the stack's file declares with what runs, asked through the cluster's API."""
    if reason := _closed(stack):
        return Report(unread=(f"the settings of running components: {reason}",))
    try:
        plan = _plan(stack)
        found = control_plane_of(stack)
        nodes = registered(found.api)
    except (ApiUnreachableError, ApiRefusedError, CloudUnavailableError) as error:
        return Report(unread=(f"the settings of running components: {error}",))
    except InvalidInputError as error:
        problems = "; ".join(map(str, error.problems))
        return Report(unread=(f"the settings of running components: `up` would refuse what is declared: {problems}",))
    outcomes = examine(plan, found.api, _Asking(found, nodes))
    findings = (*of_nodes(plan, nodes), *(finding_of(stack.name, drift) for drift in drifts(outcomes)))
    return Report(findings=findings, unread=tuple(_unread(outcomes)))


def of_nodes(plan: ClusterPlan, nodes: Mapping[str, bool]) -> Iterator[Finding]:
    """Yield nodes of the plan that Kubernetes does not have, and the other way round. `nodes` are Kubernetes' own."""
    planned = {node.name for node in plan.nodes if node.role is not Role.ETCD}
    for name in sorted(planned - nodes.keys()):
        yield Finding(
            where=name,
            what="Kubernetes has no such node",
            drift="harmful",
            mend=f"openstack server reboot {name}  # its kubelet registers when it begins",
        )
    for name in sorted(nodes.keys() - planned):
        yield Finding(
            where=name, what="a node of Kubernetes that the program has not made", drift="elastic", mend=ELASTIC
        )


def finding_of(stack: str, drift: Drift) -> Finding:
    """Return what people are told of a setting that has drifted."""
    where = drift.node or "cluster"
    what = f"{drift.id} is {shown(drift.running) or 'unset'}, not {shown(drift.declared)} ({drift.source})"
    return Finding(where=where, what=what, drift=drift.drift, mend=_mend(stack, drift))


def _mend(stack: str, drift: Drift) -> str:
    component, _, name = drift.id.partition(".")
    again = _AGAIN.get(component, "").format(name=name, value=shown(drift.declared))
    if not drift.node:
        return f"cecf status --stack {stack}  # tells which member it is"
    server = f"pulumi up --stack {stack} --replace '**::{drift.node}-server'"
    return f"on {drift.node}: {again}; if that does not help, its files were changed: {server}" if again else server


_AGAIN: Mapping[str, str] = {
    Component.SYSCTL: "sysctl -w {name}='{value}'",
    Component.MODULES: "systemctl restart systemd-modules-load",
    Component.KUBELET: "systemctl restart kubelet",
    Component.CONTAINERD: "systemctl restart containerd",
    Component.SYSTEMD: "systemctl daemon-reload",
    Component.ETCD_UNIT: "systemctl daemon-reload && systemctl restart etcd",
    Component.ETCD: "systemctl restart etcd",
    Component.HAPROXY: "systemctl restart haproxy",
    Component.KUBE_PROXY: "kubectl --namespace kube-system rollout restart daemonset kube-proxy",
}
"""What has a component read its own files again."""


class _Asking:
    """Runs commands on nodes that are Ready: of another one nobody needs to wait for an answer."""

    def __init__(self, control_plane: ControlPlane, nodes: Mapping[str, bool]) -> None:
        self._control_plane, self._nodes = control_plane, nodes

    def __call__(self, node: str, *command: str) -> str:
        """Run a command. Raises `OSError`."""
        if node not in self._nodes:
            raise OSError("it is no node of Kubernetes, so nothing leads to it from here")
        if not self._nodes[node]:
            raise OSError("it is not Ready")
        return self._control_plane.command(node, *command)


def _closed(stack: Stack) -> str:
    """Return why there is no way to the cluster's API."""
    access = stack.outputs().get("api_access")
    if access is None:
        return f"the stack is not up: cecf up --stack {stack.name}"
    if access == "none":
        return "control_plane.endpoint.access is none, so the API is not to be reached from here"
    return "" if control_plane_of(stack).alive() else "the API does not answer"


def _plan(stack: Stack) -> ClusterPlan:
    settings = stack.settings()
    catalog = look_up(connect(settings.cloud), settings, names.owner_tag(stack.name))
    return plan_cluster(settings.cluster, catalog)


def _unread(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield what could not be read, a line for each node and reason."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for each in unread(outcomes):
        by_reason.setdefault((each.node, each.why), []).append(each.id)
    for (node, why), ids in by_reason.items():
        what = ids[0] if len(ids) == 1 else f"{len(ids)} settings, such as {ids[0]}"
        yield f"{node}: {what}: {why}"
