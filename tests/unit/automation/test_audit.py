"""What OpenStack refuses ends the command in words that a person can read."""

from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest
from keystoneauth1.exceptions import Forbidden
from openstack.compute.v2.server import Server
from openstack.exceptions import SDKException
from openstack.load_balancer.v2.load_balancer import LoadBalancer

from cecf.automation import audit
from cecf.automation.events import Run
from cecf.automation.stack import SERVER, OperationFailedError, Outcome, Stack
from cecf.cloud.owned import OWNER_KEY, POOL_KEY
from cecf.problems import REFUSAL
from tests.helpers.fake_cloud import FakeCloud


@pytest.mark.parametrize("error", [SDKException("no"), Forbidden("no")])
def test_a_refusal_is_told_in_openstack_s_own_words(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_cloud: str) -> NoReturn:
        raise error

    monkeypatch.setattr(audit, "connect", refuse)
    with pytest.raises(OperationFailedError, match=r"^OpenStack says: no") as caught:
        audit.remaining(cast("Stack", SimpleNamespace(cloud="dev", name="dev")))
    assert not caught.value.refused


class BrokenStack:
    """A stack that the engine cannot destroy as long as its load balancer is in ERROR."""

    cloud, name = "dev", "dev"

    def __init__(
        self, cloud: FakeCloud, *, locked: bool = False, alive: bool = False, says: str = "unexpected state 'ERROR'"
    ) -> None:
        self._there = cloud
        self._locked = locked
        self._alive = alive
        self._says = says

    def settings(self) -> Any:
        """Return what matters of its settings."""
        return SimpleNamespace(cluster=SimpleNamespace(name="dev"))

    def resources(self) -> list[dict[str, Any]]:
        """Return the state: the load balancer, and a control plane if there is one yet."""
        balancer = {"urn": "urn::api", "type": "openstack:loadbalancer/loadBalancer:LoadBalancer", "id": "mine"}
        server = {"urn": "urn::s", "type": SERVER, "id": "s", "inputs": {"metadata": {POOL_KEY: "control-plane"}}}
        return [balancer, server] if self._alive else [balancer]

    def pending_creations(self) -> list[tuple[str, dict[str, str]]]:
        """Nothing was interrupted."""
        return []

    def destroy(self, _run: object) -> Outcome:
        """Do as the engine does."""
        if self._there.servers or any(found.id == "mine" for found in self._there.load_balancers):
            raise OperationFailedError([self._says], locked=self._locked)
        return Outcome(changes={"delete": 1})


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Return a cloud in which the load balancers of two stacks are in ERROR."""
    owners = {"mine": "cecf-stack:dev", "other": "cecf-stack:finance"}
    made = FakeCloud(
        load_balancers=[
            LoadBalancer(id=name, name="api", description=owner, provisioning_status="ERROR")
            for name, owner in owners.items()
        ]
    )
    monkeypatch.setattr(audit, "connect", lambda _: made.connection)
    return made


def test_a_load_balancer_in_error_goes_whole_since_octavia_lets_no_part_of_it_go(cloud: FakeCloud) -> None:
    outcome, removed = audit.destroy_all(cast("Stack", BrokenStack(cloud)), Run())
    assert outcome.changes == {"delete": 1}
    assert removed == ["load balancer api (mine), which was in ERROR"]
    assert [found.id for found in cloud.load_balancers] == ["other"]


def test_one_that_is_well_is_the_engine_s_own_business(cloud: FakeCloud) -> None:
    cloud.load_balancers[0].provisioning_status = "ACTIVE"
    with pytest.raises(OperationFailedError):
        audit.destroy_all(cast("Stack", BrokenStack(cloud)), Run())
    assert len(cloud.load_balancers) == 2


def test_nothing_goes_while_another_run_holds_the_stack(cloud: FakeCloud) -> None:
    with pytest.raises(OperationFailedError):
        audit.destroy_all(cast("Stack", BrokenStack(cloud, locked=True)), Run())
    assert len(cloud.load_balancers) == 2


def elastic(cloud: FakeCloud) -> None:
    """Have a server that an autoscaler has made; nothing else stands in a destroy's way."""
    metadata = {OWNER_KEY: "cecf-stack:dev", POOL_KEY: "general"}
    cloud.servers.append(Server(id="new", name="dev-general-7f3a", metadata=metadata))
    del cloud.load_balancers[0]


def test_an_autoscaler_s_node_goes_once_the_cluster_is_gone_and_the_destroy_goes_on(cloud: FakeCloud) -> None:
    elastic(cloud)
    outcome, removed = audit.destroy_all(cast("Stack", BrokenStack(cloud)), Run())
    assert outcome.changes == {"delete": 1}
    assert removed == ["server dev-general-7f3a (new), which the state does not know"]
    assert [found.id for found in cloud.load_balancers] == ["other"]


def test_an_autoscaler_s_node_stays_as_long_as_there_is_a_cluster(cloud: FakeCloud) -> None:
    elastic(cloud)
    with pytest.raises(OperationFailedError):
        audit.destroy_all(cast("Stack", BrokenStack(cloud, alive=True)), Run())
    assert [server.id for server in cloud.servers] == ["new"]


def test_nothing_goes_where_the_destroy_itself_is_refused(cloud: FakeCloud) -> None:
    with pytest.raises(OperationFailedError):
        audit.destroy_all(cast("Stack", BrokenStack(cloud, says=f"{REFUSAL} to destroy stack 'dev'")), Run())
    assert len(cloud.load_balancers) == 2
