"""What a difference means and what is told of it; how several reports become one."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openstack.compute.v2.server import Server
from openstack.network.v2.security_group import SecurityGroup
from openstack.network.v2.security_group_rule import SecurityGroupRule

from cecf.automation import audit as audits
from cecf.automation.drift import cloud as drift_cloud
from cecf.automation.drift import settings as drift_settings
from cecf.automation.drift.cloud import of_change, of_cloud
from cecf.automation.drift.model import CLASSES, ELASTIC, Finding, Report, joined
from cecf.automation.drift.settings import finding_of, of_nodes, of_settings
from cecf.automation.stack import SERVER, Change, OperationFailedError, Stack
from cecf.cloud.owned import POOL_KEY
from cecf.kubernetes.api import ApiUnreachableError
from cecf.tuning.drift import Drift, Outcome, Same, Unread
from tests.helpers import clusters
from tests.helpers.fake_cloud import FakeCloud

ATTACHMENT = "openstack:compute/volumeAttach:VolumeAttach"
PORT = "openstack:networking/port:Port"
UP = "cecf up --stack dev --refresh"


def change(token: str, name: str, *properties: str, identifier: str = "1", gone: bool = False) -> Change:
    """Return what the engine's refresh says of an object."""
    return Change(type=token, name=name, id=identifier, gone=gone, properties=frozenset(properties))


# ------------------------------------------------------------------ one object


@pytest.mark.parametrize(
    ("changed", "drift", "what", "mend"),
    [
        pytest.param(change(PORT, "p", gone=True), "harmful", "is gone", UP, id="gone"),
        pytest.param(
            change(PORT, "p", "securityGroupIds"), "harmful", "securityGroupIds is not as declared", UP, id="rules"
        ),
        pytest.param(change(PORT, "p", "tags", "name"), "cosmetic", "name, tags are not as declared", UP, id="labels"),
        pytest.param(
            change(PORT, "p", "name", "fixedIps"), "harmful", "fixedIps, name are not as declared", UP, id="both"
        ),
        pytest.param(change(PORT, "p"), "harmful", "it is not as declared", UP, id="something that is not named"),
        pytest.param(
            change(SERVER, "dev-general-1-server", "powerState"),
            "harmful",
            "does not run",
            "openstack server start dev-general-1",
            id="stopped",
        ),
    ],
)
def test_a_change_has_a_class_and_a_mending_command(changed: Change, drift: str, what: str, mend: str) -> None:
    found = of_change("dev", changed)
    assert found
    assert (found.drift, found.what, found.mend) == (drift, what, mend)


def test_an_attachment_is_no_finding_of_its_own_where_its_server_is_gone() -> None:
    gone = change(ATTACHMENT, "a", identifier="server/volume", gone=True)
    assert of_change("dev", gone, {"server"}) is None
    assert of_change("dev", gone, {"other"}) is not None


@given(st.sets(st.sampled_from(["name", "description", "tags", "metadata", "fixedIps", "cidr", "powerState"])))
def test_only_what_nothing_but_people_read_is_cosmetic(properties: set[str]) -> None:
    found = of_change("dev", change(PORT, "p", *properties))
    assert found
    shown = bool(properties) and properties <= {"name", "description", "tags", "metadata"}
    assert found.drift == ("cosmetic" if shown else "harmful")


# ------------------------------------------------------------------ several reports


FINDINGS = st.builds(
    Finding, where=st.sampled_from("abc"), what=st.sampled_from("xy"), drift=st.sampled_from(CLASSES), mend=st.just("")
)
REPORTS = st.lists(st.builds(Report, findings=st.lists(FINDINGS).map(tuple), unread=st.lists(st.text()).map(tuple)))


@given(REPORTS)
def test_nothing_is_lost_when_reports_are_joined_and_an_elastic_node_is_told_once(reports: list[Report]) -> None:
    told = joined(reports)
    every = [finding for report in reports for finding in report.findings]
    assert sorted(map(str, told.findings)) == sorted(
        map(
            str,
            [*(f for f in every if f.drift != "elastic"), *_first_of_each(f for f in every if f.drift == "elastic")],
        )
    )
    assert [CLASSES.index(finding.drift) for finding in told.findings] == sorted(
        CLASSES.index(finding.drift) for finding in told.findings
    )
    assert told.unread == tuple(line for report in reports for line in report.unread)
    assert told.found == any(finding.drift != "elastic" for finding in every)


def _first_of_each(elastic: Iterator[Finding]) -> list[Finding]:
    first: dict[str, Finding] = {}
    for finding in elastic:
        first.setdefault(finding.where, finding)
    return list(first.values())


# ------------------------------------------------------------------ a whole stack


class LookedAt:
    """A stack whose refresh says what a test has it say, each time the next."""

    name, cloud = "dev", "dev"

    def __init__(self, *looks: list[Change], resources: list[dict[str, Any]] | None = None) -> None:
        self._looks = list(looks)
        self._resources = resources or []
        self.locked = False
        self.held = 0
        self.outputs: Callable[[], dict[str, Any]] = dict

    def settings(self) -> Any:
        """Return what matters of its settings."""
        return SimpleNamespace(cluster=SimpleNamespace(name="dev"))

    def changes(self) -> list[Change]:
        """Look at the cloud."""
        return self._looks.pop(0)

    def hold(self) -> None:
        """Take the lock and give it back."""
        self.held += 1
        if self.locked:
            raise OperationFailedError(["currently locked"], locked=True)

    def resources(self) -> list[dict[str, Any]]:
        """Return the state."""
        return self._resources

    def pending_creations(self) -> list[tuple[str, dict[str, Any]]]:
        """Nothing was interrupted."""
        return []

    @property
    def stack(self) -> Stack:
        """The stack as product code sees it."""
        return cast("Stack", self)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Return an empty cloud."""
    made = FakeCloud()
    for module in (audits, drift_cloud):
        monkeypatch.setattr(module, "connect", lambda _: made.connection)
    return made


@pytest.mark.usefixtures("cloud")
def test_where_nothing_has_changed_nobody_takes_the_lock() -> None:
    stack = LookedAt([])
    assert of_cloud(stack.stack).findings == ()
    assert stack.held == 0


@pytest.mark.usefixtures("cloud")
def test_what_a_run_was_just_doing_is_no_drift() -> None:
    # By the time that nobody holds the stack, its state knows of it.
    assert of_cloud(LookedAt([change(PORT, "p", gone=True)], []).stack).findings == ()


@pytest.mark.usefixtures("cloud")
def test_beside_a_run_nothing_is_called_drift() -> None:
    stack = LookedAt([change(PORT, "p", gone=True)])
    stack.locked = True
    with pytest.raises(OperationFailedError, match="currently locked"):
        of_cloud(stack.stack)


def test_an_opening_that_the_program_has_not_made_is_harmful_and_a_load_balancer_s_own_is_none(
    cloud: FakeCloud,
) -> None:
    group = {"urn": "urn:pulumi:dev::cecf::t::dev-worker", "type": drift_cloud._GROUP, "id": "workers"}
    rule = {"urn": "urn:pulumi:dev::cecf::t::declared", "type": "openstack:networking/secGroupRule:SecGroupRule"}
    cloud.security_groups.append(
        SecurityGroup(id="lb", name="lb-sg-1", description="Security Group for d/w Service LoadBalancer in cluster dev")
    )
    common: dict[str, Any] = {"direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}
    cloud.rules += [
        SecurityGroupRule(id="declared", security_group_id="workers", **common),
        SecurityGroupRule(id="opened", security_group_id="workers", remote_ip_prefix="0.0.0.0/0", **common),
        SecurityGroupRule(id="controller", security_group_id="workers", remote_group_id="lb", **common),
        SecurityGroupRule(id="elsewhere", security_group_id="others", **common),
    ]
    metadata = {POOL_KEY: "control-plane"}
    server = {"urn": "urn:pulumi:dev::cecf::t::s", "type": SERVER, "id": "s", "inputs": {"metadata": metadata}}
    (found,) = of_cloud(LookedAt([], [], resources=[server, group, {**rule, "id": "declared"}]).stack).findings
    assert (found.drift, found.where) == ("harmful", "SecGroup dev-worker")
    assert found.what == "lets through what is not declared: ingress tcp 22 0.0.0.0/0"
    assert found.mend == "openstack security group rule delete opened"


def test_a_rule_that_a_run_was_just_making_is_no_drift(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    group = {"urn": "urn:pulumi:dev::cecf::t::dev-worker", "type": drift_cloud._GROUP, "id": "workers"}
    made = {"urn": "urn:pulumi:dev::cecf::t::made", "type": "openstack:networking/secGroupRule:SecGroupRule", "id": "r"}
    cloud.rules.append(SecurityGroupRule(id="r", security_group_id="workers", direction="ingress"))
    stack = LookedAt([], [], resources=[group])
    # The run writes its state before it lets the stack go.
    monkeypatch.setattr(stack, "hold", lambda: stack._resources.append(made))
    assert of_cloud(stack.stack).findings == ()


@pytest.mark.parametrize(
    ("zone", "known", "expected"),
    [
        pytest.param("az2", [], ["dev-general-1 is in az2, not in az1"], id="it has moved"),
        pytest.param("az2", ["dev-general-1 is in az2, not in az1"], [], id="as it was when the program asked"),
        pytest.param("az1", [], [], id="where it belongs"),
    ],
)
def test_a_server_that_has_moved_is_told(
    zone: str, known: list[str], expected: list[str], cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cecf.cloud.spread.connect", lambda _: cloud.connection)
    cloud.servers.append(Server(id="s", name="dev-general-1", host_id="h", availability_zone=zone, metadata={}))
    check = {
        "urn": "urn:pulumi:dev::cecf::t::dev-spread",
        "type": drift_cloud._SPREAD,
        "id": "spread",
        "inputs": {"groups": {"g": {"dev-general-1": {"id": "s", "zone": "az1"}}}},
        "outputs": {"faults": known},
    }
    found = of_cloud(LookedAt([], resources=[check]).stack).findings
    assert [(each.what, each.drift) for each in found] == [(what, "harmful") for what in expected]


# ------------------------------------------------------------------ in the cluster


PLAN = clusters.plan("dev")
READY = {node.name: True for node in PLAN.nodes}


def test_of_a_cluster_with_the_nodes_of_its_plan_nothing_is_told() -> None:
    assert list(of_nodes(PLAN, READY)) == []


def test_a_node_too_many_is_elastic_and_one_too_few_harmful() -> None:
    missing = PLAN.worker_pools[0].nodes[0].name
    nodes = {name: ready for name, ready in READY.items() if name != missing} | {"dev-general-7f3a": True}
    harmful, elastic = of_nodes(PLAN, nodes)
    assert (harmful.where, harmful.drift) == (missing, "harmful")
    assert (elastic.where, elastic.drift, elastic.mend) == ("dev-general-7f3a", "elastic", ELASTIC)


def outcome(kind: Callable[..., Outcome], name: str, node: str = "dev-general-1", **fields: Any) -> Any:
    """Return an outcome of a comparison."""
    return kind(id=name, scope="node", node=node, source="/proc/sys", declared=600, **fields)


@pytest.mark.parametrize(
    ("name", "node", "command"),
    [
        (
            "sysctl.net.ipv4.tcp_keepalive_time",
            "dev-general-1",
            "on dev-general-1: sysctl -w net.ipv4.tcp_keepalive_time='600'",
        ),
        ("kubelet.maxPods", "dev-general-1", "on dev-general-1: systemctl restart kubelet"),
        ("kube-apiserver.v", "dev-control-plane-1", "pulumi up --stack dev --replace '**::dev-control-plane-1-server'"),
        ("etcd.version", "", "cecf status --stack dev"),
    ],
)
def test_a_setting_that_has_drifted_is_told_with_what_sets_it_again(name: str, node: str, command: str) -> None:
    found = finding_of("dev", outcome(Drift, name, node, running="7200", drift="cosmetic"))
    assert found.what == f"{name} is 7200, not 600 (/proc/sys)"
    assert (found.where, found.drift) == (node or "cluster", "cosmetic")
    assert found.mend.startswith(command)


@pytest.fixture
def reachable(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Return a control plane that answers; `outcomes` is what a comparison finds."""
    found = SimpleNamespace(api=None, alive=lambda: True, outcomes=[], nodes=READY)

    def nodes(_api: object) -> dict[str, bool]:
        if isinstance(found.nodes, Exception):
            raise found.nodes
        return cast("dict[str, bool]", found.nodes)

    monkeypatch.setattr(drift_settings, "control_plane_of", lambda _stack: found)
    monkeypatch.setattr(drift_settings, "_plan", lambda _stack: PLAN)
    monkeypatch.setattr(drift_settings, "registered", nodes)
    monkeypatch.setattr(drift_settings, "examine", lambda *_: found.outcomes)
    return found


def up(access: str | None = "floating_ip") -> Stack:
    """Return a stack that is up."""
    stack = LookedAt()
    stack.outputs = lambda: {"api_access": access} if access else {}
    return stack.stack


def test_what_is_not_read_is_told_once_for_each_node_and_is_no_drift(reachable: SimpleNamespace) -> None:
    reachable.outcomes = [
        outcome(Same, "sysctl.a"),
        outcome(Unread, "sysctl.b", why="it is not Ready"),
        outcome(Unread, "sysctl.c", why="it is not Ready"),
        outcome(Unread, "sysctl.b", node="dev-general-2", why="no such file"),
    ]
    report = of_settings(up())
    assert report.findings == ()
    assert report.unread == (
        "dev-general-1: 2 settings, such as sysctl.b: it is not Ready",
        "dev-general-2: sysctl.b: no such file",
    )


def test_a_setting_that_differs_is_the_one_finding(reachable: SimpleNamespace) -> None:
    reachable.outcomes = [outcome(Same, "sysctl.a"), outcome(Drift, "sysctl.b", running="1", drift="harmful")]
    (found,) = of_settings(up()).findings
    assert (found.where, found.drift) == ("dev-general-1", "harmful")


@pytest.mark.parametrize(
    ("access", "alive", "nodes", "why"),
    [
        (None, True, READY, "the stack is not up"),
        ("none", True, READY, "endpoint.access is none"),
        ("floating_ip", False, READY, "the API does not answer"),
        ("floating_ip", True, ApiUnreachableError("no API at https://x"), "no API at https://x"),
    ],
)
def test_a_cluster_that_cannot_be_asked_is_told_as_not_read(
    access: str | None,
    alive: bool,  # noqa: FBT001
    nodes: Any,
    why: str,
    reachable: SimpleNamespace,
) -> None:
    reachable.alive, reachable.nodes = lambda: alive, nodes
    report = of_settings(up(access))
    assert report.findings == ()
    (line,) = report.unread
    assert why in line
