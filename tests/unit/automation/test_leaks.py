"""What is left of a stack is told from what is in use, and only that is removed."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openstack.block_storage.v3.volume import Volume
from openstack.compute.v2.server import Server
from openstack.exceptions import SDKException
from openstack.load_balancer.v2.load_balancer import LoadBalancer
from openstack.network.v2.network import Network
from openstack.network.v2.port import Port

from cecf.automation import audit as audits
from cecf.automation.audit import Found, audit, clean, judge, remaining
from cecf.automation.known import known
from cecf.automation.stack import SERVER, OperationFailedError, Stack
from cecf.cloud.inside import CLUSTER_KEY
from cecf.cloud.owned import OWNER_KEY, POOL_KEY, Owned, owned
from tests.helpers.fake_cloud import FakeCloud

MINE, OTHERS = "cecf-stack:dev", "cecf-stack:finance"


def resource(token: str, logical: str, identifier: str = "", **inputs: Any) -> dict[str, Any]:
    """Return a resource as a state has it."""
    urn = f"urn:pulumi:dev::cecf::cecf:index:ElasticCluster${token}::{logical}"
    return {"urn": urn, "type": token, "id": identifier, "inputs": inputs}


def server_of_state(name: str, identifier: str, pool: str) -> dict[str, Any]:
    """Return a server as a state has it."""
    return resource(SERVER, f"{name}-server", identifier, name=name, metadata={POOL_KEY: pool})


LIVING = [
    resource("cecf:index:WorkerPool", "dev-general"),
    server_of_state("dev-control-plane-1", "cp", "control-plane"),
    server_of_state("dev-general-1", "worker", "general"),
    resource("openstack:networking/network:Network", "dev-network", "network"),
]
"""A cluster with a pool."""


def server(identifier: str, name: str, pool: str, owner: str = MINE, **fields: Any) -> Server:
    """Return a server as Nova has it."""
    return Server(id=identifier, name=name, metadata={OWNER_KEY: owner, POOL_KEY: pool}, **fields)


def volume(identifier: str, metadata: dict[str, str], attached_to: str = "") -> Volume:
    """Return a volume as Cinder has it."""
    attachments = [{"server_id": attached_to}] if attached_to else []
    return Volume(id=identifier, name=identifier, metadata=metadata, attachments=attachments, updated_at=None)


@dataclass
class KnownStack:
    """A stack whose state is a list."""

    state: list[dict[str, Any]] = field(default_factory=list)
    pending: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ran: bool = True
    locked: bool = False
    name: str = "dev"
    cloud: str = "dev"

    def settings(self) -> Any:
        """Return what matters of its settings."""
        return SimpleNamespace(cluster=SimpleNamespace(name="dev"))

    def hold(self) -> None:
        """Refuse where another run has it."""
        if self.locked:
            raise OperationFailedError(["the stack is currently locked"], locked=True)

    def resources(self) -> list[dict[str, Any]]:
        """Return the state."""
        return self.state

    def pending_creations(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what was interrupted."""
        return self.pending

    def ever_made(self) -> bool:
        """Tell whether it has a history."""
        return self.ran

    @property
    def stack(self) -> Stack:
        """The stack as product code sees it."""
        return cast("Stack", self)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Return a cloud with the servers and the network that the state of a living cluster knows."""
    made = FakeCloud(
        servers=[server("cp", "dev-control-plane-1", "control-plane"), server("worker", "dev-general-1", "general")],
        networks=[Network(id="network", name="dev-network", description=MINE)],
    )
    monkeypatch.setattr(audits, "connect", lambda _: made.connection)
    return made


def ids(items: tuple[Owned, ...]) -> list[str]:
    """Return the objects' ids, in their order."""
    return [item.id for item in items]


def test_of_a_cluster_that_lives_nothing_is_left(cloud: FakeCloud) -> None:
    cloud.volumes.append(volume("claimed", {CLUSTER_KEY: "dev"}, attached_to="worker"))
    found = audit(KnownStack(LIVING).stack)
    assert (found.left, found.elastic) == ((), ())


def test_a_node_that_an_autoscaler_made_is_elastic_with_all_that_it_has(cloud: FakeCloud) -> None:
    cloud.servers.append(server("new", "dev-general-7f3a", "general"))
    cloud.ports.append(Port(id="port", name="dev-general-7f3a", description=MINE, device_id="new"))
    cloud.volumes.append(volume("data", {OWNER_KEY: MINE}, attached_to="new"))
    found = audit(KnownStack(LIVING).stack)
    assert (ids(found.left), ids(found.elastic)) == ([], ["new"])


@pytest.mark.parametrize(
    ("name", "pool"),
    [
        pytest.param("dev-general-1", "general", id="a second one of a name that the program makes"),
        pytest.param("dev-gone-1", "gone", id="of a pool that is not there any more"),
        pytest.param("dev-control-plane-9", "control-plane", id="a control plane: nobody scales those"),
    ],
)
def test_a_server_that_no_autoscaler_makes_is_left(name: str, pool: str, cloud: FakeCloud) -> None:
    cloud.servers.append(server("stray", name, pool))
    assert ids(audit(KnownStack(LIVING).stack).left) == ["stray"]


def test_what_a_killed_run_was_about_to_make_is_left_and_no_elastic_node(cloud: FakeCloud) -> None:
    cloud.servers.append(server("begun", "dev-general-2", "general"))
    stack = KnownStack(LIVING, pending=[(SERVER, {"name": "dev-general-2"})])
    assert ids(audit(stack.stack).left) == ["begun"]


def test_after_a_destroy_everything_is_left_servers_first_then_what_controllers_made(cloud: FakeCloud) -> None:
    cloud.load_balancers.append(LoadBalancer(id="balancer", name="kube_service_dev_default_web"))
    cloud.volumes.append(volume("claimed", {CLUSTER_KEY: "dev"}, attached_to="worker"))
    cloud.volumes.append(volume("others", {CLUSTER_KEY: "finance"}))
    found = audit(KnownStack().stack)
    assert ids(found.left) == ["cp", "worker", "balancer", "claimed", "network"]
    assert remaining(KnownStack().stack) == [str(item) for item in found.left]


def test_with_two_clusters_of_one_name_nobody_s_controllers_lose_anything(cloud: FakeCloud) -> None:
    cloud.servers.append(server("theirs", "dev-control-plane-1", "control-plane", owner=OTHERS))
    cloud.volumes.append(volume("claimed", {CLUSTER_KEY: "dev"}))
    found = audit(KnownStack().stack)
    assert "claimed" not in ids(found.left)
    assert "another stack here has a cluster of that name" in found.remarks[0]


def test_cleaning_removes_just_what_is_left(cloud: FakeCloud) -> None:
    cloud.ports.append(Port(id="port", name="p", description=MINE))
    cloud.ports.append(Port(id="theirs", name="p", description=OTHERS))
    cloud.servers.append(server("new", "dev-general-7f3a", "general"))
    done = clean(KnownStack(LIVING).stack)
    assert (ids(done.removed), done.kept) == (["port"], ())
    assert cloud.log == ["delete port port"]


def test_only_what_a_person_was_shown_goes(cloud: FakeCloud) -> None:
    cloud.ports += [Port(id=name, name=name, description=MINE) for name in ("shown", "later")]
    assert ids(clean(KnownStack(LIVING).stack, {"shown"}).removed) == ["shown"]
    assert [port.id for port in cloud.ports] == ["later"]


def test_beside_a_cluster_nothing_goes_that_is_in_use(cloud: FakeCloud) -> None:
    cloud.ports.append(Port(id="port", name="p", description=MINE, device_id="worker"))
    done = clean(KnownStack(LIVING).stack)
    assert done.removed == ()
    assert "it is in use, but the state does not know it" in done.kept[0][1]
    assert cloud.log == []


def test_what_the_cloud_refuses_is_told_and_the_rest_goes(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.ports.append(Port(id="port", name="p", description=MINE))

    def refuse(_connection: object, item: Owned) -> None:
        if item.id == "worker":
            raise SDKException("Conflict: still in use\nand more")

    monkeypatch.setattr(audits, "remove", refuse)
    done = clean(KnownStack().stack)
    assert ids(done.removed) == ["cp", "port", "network"]
    assert [(item.id, why) for item, why in done.kept] == [("worker", "Conflict: still in use")]


@pytest.mark.parametrize("act", [audit, clean])
def test_while_another_run_holds_the_stack_nothing_is_judged(act: Any, cloud: FakeCloud) -> None:
    cloud.ports.append(Port(id="port", name="p", description=MINE))
    with pytest.raises(OperationFailedError, match="currently locked"):
        act(KnownStack(LIVING, locked=True).stack)
    assert cloud.log == []


@pytest.mark.usefixtures("cloud")
def test_a_backend_that_never_knew_the_stack_is_refused() -> None:
    with pytest.raises(OperationFailedError, match=r"Is this the right state backend"):
        audit(KnownStack(ran=False).stack)


def test_a_stack_that_was_never_up_has_nothing_left(cloud: FakeCloud) -> None:
    cloud.servers.clear()
    cloud.networks.clear()
    assert audit(KnownStack(ran=False).stack).left == ()


@given(
    servers=st.sets(st.sampled_from(["dev-general-1", "dev-general-2", "dev-gone-1", "dev-control-plane-1"])),
    known_ids=st.sets(st.sampled_from(["dev-general-1", "dev-general-2", "dev-gone-1", "dev-control-plane-1"])),
)
def test_what_the_state_knows_is_never_left_and_nothing_is_both(servers: set[str], known_ids: set[str]) -> None:
    pools = {name: name.removeprefix("dev-").rpartition("-")[0] for name in servers | known_ids}
    cloud = FakeCloud(servers=[server(name, name, pools[name]) for name in sorted(servers)])
    state = known("dev", [LIVING[0], *(server_of_state(name, name, pools[name]) for name in sorted(known_ids))], [])
    found = judge(Found(marked=tuple(owned(cloud.connection, MINE)), inside=()), state)
    left, elastic = set(ids(found.left)), set(ids(found.elastic))
    assert left.isdisjoint(known_ids | elastic)
    assert elastic.isdisjoint(known_ids)
    assert left | elastic | known_ids >= servers
