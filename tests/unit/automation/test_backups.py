"""Snapshots: taken where they are of use, listed from wherever they are, and begun anew from, old and new unmixed."""

import re
from typing import Any

import pytest
from openstack.compute.v2.server import Server
from openstack.connection import Connection

from cecf.automation import backups
from cecf.automation.events import Run
from cecf.automation.stack import OperationFailedError
from cecf.cloud.owned import OWNER_KEY
from tests.helpers.fake_cloud import FakeCloud
from tests.helpers.fake_stack import NODES, FakeControlPlane, FakeStack

TOOK = "cecf-boot: backup: took 1a2b3c4d: revision 42, 7 keys, 20 KiB\n"


def row(name: str, hour: int) -> dict[str, Any]:
    """Return a snapshot as a node tells of it."""
    return {"id": name, "time": f"2026-11-21T{hour:02}:00:00+00:00", "revision": hour, "keys": 1}


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> FakeControlPlane:
    """Return the control plane of every stack."""
    made = FakeControlPlane()
    monkeypatch.setattr(backups, "control_plane_of", lambda _: made)
    return made


def stack(store: str | None = "swift") -> FakeStack:
    """Return a stack with a store."""
    return FakeStack(known={"etcd": {"backup": store}})


@pytest.mark.parametrize(("store", "node"), [("swift", None), ("volume", NODES[0])])
def test_a_snapshot_is_taken_where_a_new_cluster_would_look_for_it(
    found: FakeControlPlane, store: str, node: str | None
) -> None:
    found.says = {"now": TOOK}
    assert backups.take(stack(store).stack) == "1a2b3c4d"
    assert found.ran == [(node, "cecf.node.backup", ("now",))]


@pytest.mark.parametrize(("said", "told"), [("cecf-boot: backup: hm", "hm"), ("", "nothing was said")])
def test_what_a_node_says_instead_of_a_snapshot_is_told(found: FakeControlPlane, said: str, told: str) -> None:
    found.says = {"now": said}
    with pytest.raises(OperationFailedError, match=f"no snapshot of 'dev' was taken: .*{told}"):
        backups.take(stack().stack)


def test_a_store_that_all_share_is_asked_once_and_the_newest_is_first(found: FakeControlPlane) -> None:
    found.says = {"list": [row("b", 10), row("c", 12), row("a", 11)]}
    assert [(each.id, each.revision, each.node) for each in backups.listed(stack().stack)] == [
        ("c", 12, None),
        ("a", 11, None),
        ("b", 10, None),
    ]
    assert [node for node, _, _ in found.ran] == [NODES[0]]


def test_of_volumes_each_one_s_that_is_ready_is_asked(found: FakeControlPlane) -> None:
    found.ready = NODES[1:]
    found.says = {f"list {NODES[1]}": [row("b", 10)], f"list {NODES[2]}": [row("c", 12)]}
    assert [(each.id, each.node) for each in backups.listed(stack("volume").stack)] == [
        ("c", NODES[2]),
        ("b", NODES[1]),
    ]


def test_without_an_api_the_way_on_is_told(found: FakeControlPlane) -> None:
    found.up = False
    with pytest.raises(OperationFailedError, match=r"does not answer.*cecf etcd restore --stack dev"):
        backups.listed(stack().stack)


@pytest.mark.parametrize("known", [{"etcd": {"backup": None}}, {"etcd": {}}])
def test_a_stack_without_a_store_is_told_how_to_get_one(found: FakeControlPlane, known: dict[str, Any]) -> None:
    without = FakeStack(known=known)
    for verb in (backups.take, backups.listed, lambda one: backups.restore(one, None, Run())):
        with pytest.raises(OperationFailedError, match=r"cecf:cluster\.etcd\.backup\.store' swift, then cecf up"):
            verb(without.stack)
    assert (without.log, found.ran) == ([], [])


def server(pool: str, owner: str = "cecf-stack:dev") -> Server:
    """Return a server of a pool."""
    name = f"{owner.removeprefix('cecf-stack:')}-{pool}-1"
    return Server(id=name, name=name, metadata={OWNER_KEY: owner, "cecf-pool": pool})


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Return a cloud with servers of every kind, of two stacks and of nobody."""
    pools = ("control-plane", "etcd", "etcd-events", "general")
    servers = [server(pool, owner) for owner in ("cecf-stack:dev", "cecf-stack:dev2") for pool in pools]
    made = FakeCloud(servers=[*servers, Server(id="nobody-s", name="x", metadata={})])
    monkeypatch.setattr(backups, "connect", lambda _: made.connection)
    return made


def test_only_what_holds_or_serves_the_data_goes(cloud: FakeCloud) -> None:
    backups.restore(stack().stack, None, Run())
    gone = ["dev-control-plane-1", "dev-etcd-1"]
    # All are told to go before one is waited for.
    assert cloud.log == [
        *(f"delete server {name}" for name in gone),
        *(f"wait until server {name} is gone" for name in gone),
    ]
    assert "dev-general-1" in {each.id for each in cloud.servers}


@pytest.mark.parametrize(("snapshot", "begins"), [(None, "latest"), ("1a2b3c4d", "1a2b3c4d")])
def test_the_settings_say_what_was_begun_from_before_a_server_goes(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, snapshot: str | None, begins: str
) -> None:
    made = stack()
    before: list[str | None] = []
    remove = backups.remove_servers

    def note(connection: Connection, owner: str) -> None:
        before.append(made.setting(backups.SETTING))
        remove(connection, owner)

    monkeypatch.setattr(backups, "remove_servers", note)
    backups.restore(made.stack, snapshot, Run())
    assert cloud.log
    assert made.log == [f"configure {backups.SETTING}", "up", "refresh", "up"]
    assert before == [made.file[backups.SETTING]]
    # As `cecf:cluster.etcd.restore` takes it.
    assert re.fullmatch(rf"{begins}-[0-9]{{8}}t[0-9]{{6}}", made.file[backups.SETTING])


def test_a_restore_that_stops_can_be_taken_up_by_up(cloud: FakeCloud) -> None:
    made = stack()
    made.fails = {"up": ["Nova says: no valid host"]}
    with pytest.raises(OperationFailedError, match="no valid host"):
        backups.restore(made.stack, None, Run())
    assert cloud.log
    assert backups.SETTING in made.file
