"""What a stack has, as far as its quorums depend on it."""

from openstack.block_storage.v3.volume import Volume
from openstack.compute.v2.server import Server

from cecf.cloud.owned import OWNER_KEY
from cecf.cloud.standing import look_at
from cecf.plan.standing import NOTHING, Standing
from tests.helpers.fake_cloud import FakeCloud

OWNER = "cecf-stack:dev"


def server(name: str, status: str = "ACTIVE", *, owner: str = OWNER, volumes: int = 1) -> Server:
    """Return a server, with volumes."""
    attached = [{"id": f"{name}-volume"}] * volumes
    return Server(id=name, name=name, status=status, metadata={OWNER_KEY: owner}, attached_volumes=attached)


def volume(name: str, *, owner: str = OWNER, attached: bool = True, changed: str | None = None) -> Volume:
    """Return a volume; `changed` is when, on the day it was made."""
    return Volume(
        id=name,
        name=name,
        metadata={OWNER_KEY: owner},
        attachments=[{"server_id": "s"}] if attached else [],
        created_at="2026-11-21T12:00:00",
        updated_at=f"2026-11-21T{changed}" if changed else None,
    )


def test_servers_that_run_and_hold_volumes_and_volumes_that_may_hold_data() -> None:
    cloud = FakeCloud(
        servers=[
            server("well"),
            server("lost", "SHUTOFF"),
            server("failed", "ERROR", volumes=0),
            server("new", volumes=0),
        ],
        volumes=[
            volume("attached"),
            volume("kept", attached=False, changed="13:00:00"),
            volume("left-over", attached=False, changed="12:00:05"),
        ],
    )
    assert look_at(cloud.connection, OWNER) == Standing(
        running=frozenset({"well", "new"}), holding=frozenset({"well", "lost"}), used=frozenset({"attached", "kept"})
    )


def test_another_stack_s_do_not_count() -> None:
    cloud = FakeCloud(servers=[server("s", owner="cecf-stack:finance")], volumes=[volume("v", owner="")])
    assert look_at(cloud.connection, OWNER) == NOTHING
