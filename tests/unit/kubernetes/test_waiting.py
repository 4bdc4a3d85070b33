"""Waiting for the API and for nodes: people see what it is stuck at, and it ends when there is no hope."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from openstack.compute.v2.server import Server

from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError, KubernetesApi
from cecf.kubernetes.waiting import (
    BEGUN,
    CONSOLE_POLL,
    POLL,
    Joiner,
    NotReadyError,
    Wait,
    forget_node,
    wait_for_api,
    wait_for_boot,
    wait_for_node,
)
from tests.helpers.fake_cloud import FakeCloud

TOKEN = "abcdef.0123456789abcdef"  # noqa: S105
SECRET = "/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef"  # noqa: S105
NODE = "/api/v1/nodes/dev-general-1"

GAVE_UP = "cecf-boot: node: gave up at step kernel; mend the cause, then: systemctl restart cecf-boot\n"

Change = Callable[[], None]


@dataclass
class World:
    """An API, servers and a clock; `events` are what happens when."""

    cloud: FakeCloud = field(default_factory=FakeCloud)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    ready: bool = False
    away: Exception | None = None
    """What every request ends with, while the API is away."""
    now: float = 0.0
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    events: dict[float, Change] = field(default_factory=dict)

    def at(self, seconds: float, change: Change) -> None:
        """Have something happen at a time."""
        self.events[seconds] = change

    def says(self, server: str, text: str) -> Change:
        """Return the event that a server's console shows `text` besides."""
        return lambda: self.cloud.consoles.update({server: self.cloud.consoles.get(server, "") + text})

    def answers(self) -> None:
        """Make the API answer, of a cluster that kubeadm has begun."""
        self.ready, self.away = True, None
        self.objects[BEGUN] = {"kind": "ConfigMap"}

    def joins(self, ready: str = "True", message: str = "") -> None:
        """Make the node register."""
        self.registers("2026-01-01T00:01:00Z", ready, message)

    def registers(self, when: str, ready: str = "True", message: str = "") -> None:
        """Make the node register at a time of the calendar."""
        condition = {"type": "Ready", "status": ready, "message": message}
        self.objects[NODE] = {"metadata": {"creationTimestamp": when}, "status": {"conditions": [condition]}}

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        for when in sorted(when for when in self.events if when <= self.now):
            self.events.pop(when)()

    def wait(self, minutes: float = 15) -> Wait:
        """Return how long to wait in this world."""
        return Wait(minutes=minutes, tell=self.told.append, clock=lambda: self.now, sleep=self.sleep)

    @property
    def api(self) -> KubernetesApi:
        """The API of this world."""
        return _Scripted(self)


class _Scripted(KubernetesApi):
    """An API that answers what its world says."""

    def __init__(self, world: World) -> None:
        super().__init__("")
        object.__setattr__(self, "world", world)

    def _ask(self, what: str) -> dict[str, dict[str, Any]]:
        world: World = self.world  # type: ignore[attr-defined]
        world.asked.append(what)
        if world.away:
            raise world.away
        return world.objects

    def ready(self) -> bool:
        """Tell whether the world says so."""
        return bool(self.world.ready)  # type: ignore[attr-defined]

    def get(self, path: str) -> dict[str, Any] | None:
        """Return an object."""
        return self._ask(f"get {path}").get(path)

    def apply(self, path: str, document: dict[str, Any]) -> None:
        """Put an object."""
        self._ask(f"apply {path}")[path] = document

    def delete(self, path: str) -> None:
        """Remove an object."""
        self._ask(f"delete {path}").pop(path, None)


@pytest.fixture
def world() -> World:
    """Return a world with a server, in which nothing else is there yet."""
    return World(FakeCloud(servers=[Server(id="s1", name="dev-general-1", created_at="2026-01-01T00:00:00Z")]))


def await_api(world: World, minutes: float = 15, **servers: str) -> None:
    """Wait for the API of two control planes."""
    wait_for_api(world.api, world.cloud.connection, servers or {"cp-1": "s1", "cp-2": "s2"}, world.wait(minutes))


def await_node(world: World, minutes: float = 15) -> None:
    """Wait for a node."""
    joiner = Joiner(node="dev-general-1", server="s1", token=TOKEN)
    wait_for_node(world.api, world.cloud.connection, joiner, world.wait(minutes))


def test_an_api_that_is_ready_is_not_waited_for(world: World) -> None:
    world.answers()
    await_api(world)
    assert (world.now, world.told) == (0, [])


def test_an_api_is_waited_for_until_it_is_ready(world: World) -> None:
    world.at(30, world.answers)
    await_api(world)
    assert 30 <= world.now <= 30 + POLL


@pytest.mark.parametrize("error", [None, ApiRefusedError(403, "no rights yet"), ApiUnreachableError("gone again")])
def test_an_api_that_comes_up_is_waited_for_until_kubeadm_is_done_with_it(
    world: World, error: Exception | None
) -> None:
    world.ready, world.away = True, error
    world.at(20, world.answers)
    await_api(world)
    assert 20 <= world.now <= 20 + POLL
    assert world.told == [str(error) if error else "kubeadm has not finished its init"]


def test_each_change_of_the_progress_is_told_once(world: World) -> None:
    world.at(10, world.says("s1", "cecf-boot: kernel: begins\n"))
    world.at(40, world.says("s1", "cecf-boot: membership: begins\n"))
    world.at(60, world.says("s2", "cecf-boot: kernel: begins\n"))
    world.at(90, world.answers)
    await_api(world)
    assert world.told == [
        "the API does not answer yet",
        "cp-1: kernel: begins",
        "cp-1: membership: begins",
        "cp-1: membership: begins; cp-2: kernel: begins",
    ]


def test_consoles_are_looked_at_less_often_than_the_api(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    def look(_compute: object, server: str, length: int) -> None:
        looks.append(server)
        assert length

    monkeypatch.setattr(type(world.cloud.compute), "get_server_console_output", look)
    world.at(60, world.answers)
    await_api(world)
    assert len(looks) <= 2 * (60 / CONSOLE_POLL + 1)
    assert {"s1", "s2"} == set(looks)


def test_a_wait_without_end_ends_with_what_each_server_is_at_and_its_last_lines(world: World) -> None:
    world.says("s1", "Linux\ncecf-boot: kernel: failed: sysctl ended with 255\nmore\n")()
    with pytest.raises(NotReadyError) as caught:
        await_api(world, minutes=5)
    lines = str(caught.value).splitlines()
    assert lines[0] == "not ready after 5 min; the API does not answer yet"
    assert "cp-1 is at: kernel: failed: sysctl ended with 255; its console's last lines:" in lines
    assert "  more" in lines
    assert "cp-2 is at: no word of its boot on its console; its console's last lines:" in lines
    assert "  (the cloud shows none)" in lines
    assert 5 * 60 < world.now <= 5 * 60 + POLL + CONSOLE_POLL


def test_a_server_that_gave_up_ends_the_wait_at_once(world: World) -> None:
    world.at(20, world.says("s2", GAVE_UP))
    with pytest.raises(NotReadyError, match="cp-2 is at: node: gave up at step kernel"):
        await_api(world)
    assert world.now <= 20 + CONSOLE_POLL + POLL


def test_a_server_that_gave_up_and_began_anew_is_waited_for(world: World) -> None:
    world.says("s1", f"{GAVE_UP}cecf-boot: kernel: begins\n")()
    world.at(30, world.answers)
    await_api(world)
    assert world.told == ["cp-1: kernel: begins"]


def test_a_node_is_let_in_awaited_and_its_token_taken_away(world: World) -> None:
    world.at(30, world.joins)
    await_node(world)
    assert world.asked[:2] == [f"get {NODE}", f"apply {SECRET}"]
    assert world.asked[-1] == f"delete {SECRET}"
    assert SECRET not in world.objects
    assert 30 <= world.now <= 30 + POLL


def test_a_node_that_is_there_is_let_in_all_the_same(world: World) -> None:
    world.joins()
    await_node(world)
    assert world.asked == [f"get {NODE}", f"apply {SECRET}", f"get {NODE}", f"delete {SECRET}"]
    assert (world.now, world.told) == (0, [])


def test_a_node_that_is_older_than_its_server_is_another_one_s_and_goes(world: World) -> None:
    world.registers("2025-12-31T23:59:59Z")
    world.at(30, world.joins)
    await_node(world)
    assert world.asked[:3] == [f"get {NODE}", f"delete {NODE}", f"apply {SECRET}"]
    assert world.now >= 30


@pytest.mark.parametrize("back", [10, 1000])
def test_a_node_is_forgotten_as_soon_as_the_api_is_back_or_not_at_all(world: World, back: float) -> None:
    world.joins()
    world.away = ApiUnreachableError("no API")
    world.at(back, world.answers)
    if back < 60:
        forget_node(world.api, "dev-general-1", world.wait(1))
        assert NODE not in world.objects
    else:
        with pytest.raises(ApiUnreachableError):
            forget_node(world.api, "dev-general-1", world.wait(1))
        assert 60 <= world.now <= 60 + POLL


def test_before_a_node_has_joined_its_console_tells_more_than_kubernetes(world: World) -> None:
    world.says("s1", "cecf-boot: kernel: begins\n")()
    world.at(10, lambda: world.joins("False", "cni plugin not initialized"))
    world.at(30, world.joins)
    await_node(world)
    assert world.told == ["dev-general-1: kernel: begins", "in Kubernetes: cni plugin not initialized"]


def test_a_node_that_does_not_become_ready_is_reported_with_kubernetes_reason(world: World) -> None:
    world.joins("False", "cni plugin not initialized")
    world.says("s1", "cecf-boot: node: done in 40 s\n")()
    with pytest.raises(NotReadyError) as caught:
        await_node(world, minutes=2)
    assert "not ready after 2 min; in Kubernetes: cni plugin not initialized" in str(caught.value)
    assert "dev-general-1 is at: node: done in 40 s" in str(caught.value)


def test_a_node_that_never_joins_is_reported_with_its_console(world: World) -> None:
    world.says("s1", "cecf-boot: membership: still waiting for the API (900 s)\n")()
    with pytest.raises(NotReadyError, match="still waiting for the API") as caught:
        await_node(world, minutes=2)
    assert "it has not joined" in str(caught.value)


def test_a_node_that_gave_up_ends_the_wait_at_once(world: World) -> None:
    world.at(20, world.says("s1", GAVE_UP))
    with pytest.raises(NotReadyError, match="gave up at step kernel"):
        await_node(world)
    assert world.now <= 20 + CONSOLE_POLL + POLL


AWAY = [ApiUnreachableError("no API at https://x"), ApiRefusedError(503, "starting"), ApiRefusedError(401, "not yet")]


@pytest.mark.parametrize("error", AWAY)
def test_an_api_that_is_away_for_a_while_is_asked_again(world: World, error: Exception) -> None:
    world.away = error
    world.at(20, world.answers)
    world.at(30, world.joins)
    world.at(32, lambda: setattr(world, "away", error))
    world.at(50, world.answers)
    await_node(world)
    assert str(error) in world.told
    assert SECRET not in world.objects


@pytest.mark.parametrize("error", AWAY)
def test_an_api_that_stays_away_ends_the_wait_in_its_time(world: World, error: Exception) -> None:
    world.away = error
    with pytest.raises(NotReadyError, match="not ready after 3 min"):
        await_node(world, minutes=3)
    assert 180 < world.now < 200


def test_who_waits_does_not_show_the_token() -> None:
    assert TOKEN.split(".")[1] not in repr(Joiner(node="n", server="s", token=TOKEN))


def test_a_report_holds_no_token(world: World) -> None:
    with pytest.raises(NotReadyError) as caught:
        await_node(world, minutes=1)
    assert TOKEN.split(".")[1] not in str(caught.value)


def await_boot(world: World, minutes: float = 15) -> None:
    """Wait for a server that Kubernetes does not know."""
    wait_for_boot(world.cloud.connection, "dev-etcd-1", "s1", world.wait(minutes))


def test_a_server_of_etcd_s_own_is_waited_for_by_its_console_alone(world: World) -> None:
    world.at(20, world.says("s1", "cecf-boot: etcd: begins\n"))
    world.at(60, world.says("s1", "cecf-boot: node: done in 60 s\n"))
    await_boot(world)
    assert 60 <= world.now < 60 + CONSOLE_POLL + POLL
    assert "dev-etcd-1: etcd: begins" in world.told
    assert world.asked == []


def test_a_server_that_is_done_is_not_waited_for(world: World) -> None:
    world.says("s1", "cecf-boot: node: done in 60 s\n")()
    await_boot(world)
    assert (world.now, world.told) == (0, [])


def test_a_member_that_gives_up_ends_the_wait_with_its_console(world: World) -> None:
    world.at(30, world.says("s1", GAVE_UP))
    with pytest.raises(NotReadyError, match="dev-etcd-1 is at: node: gave up at step kernel"):
        await_boot(world)
    assert world.now < 60


def test_a_console_without_a_word_ends_the_wait_in_the_end(world: World) -> None:
    with pytest.raises(NotReadyError, match="not ready after 2 min; its console does not say that it is done"):
        await_boot(world, minutes=2)
