"""When the daemon reads, when it acts, and what it does when nobody answers: with a clock of the test's own."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from lab.fabric import daemon
from lab.fabric.daemon import Daemon
from lab.fabric.desired import Fabric
from lab.fabric.links import LinkError, bridge, tap
from lab.fabric.neutron import NeutronError
from lab.fabric.parse import Raw
from lab.fabric.watch import News
from tests.fabric.objects import Objects


@dataclass
class World:
    """Neutron, the kernel and time, as the daemon sees them."""

    objects: Objects
    now: float = 0.0
    taps: dict[str, str] = field(default_factory=dict)
    reads: int = 0
    down: str = ""
    acts: list[Fabric] = field(default_factory=list)
    refused: tuple[str, ...] = ()

    def snapshot(self, ports: Iterable[str]) -> Raw:
        """Answer as Neutron."""
        assert set(ports) == set(self.taps)
        self.reads += 1
        if self.down:
            raise NeutronError(self.down)
        return self.objects.raw

    def reconcile(self, _: int, fabric: Fabric) -> tuple[str, ...]:
        """Answer as the kernel."""
        self.acts.append(fabric)
        return self.refused

    def plug(self) -> None:
        """Start a machine."""
        self.taps = {self.objects.id("server"): bridge(self.objects.id("net"))}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Give a cloud of one network and one port, with nothing plugged in."""
    objects = Objects()
    objects.network("net", "10.0.0.0/24", segment=1)
    objects.port("server", "net", "10.0.0.5")
    made = World(objects)
    monkeypatch.setattr(daemon, "plugged", lambda _: dict(made.taps))
    monkeypatch.setattr(daemon, "reconcile", made.reconcile)
    return made


@pytest.fixture
def running(world: World) -> Daemon:
    """Give a daemon that has had its first look."""
    made = Daemon(0, world, lambda: world.now)
    made.step(News(), told=True)
    return made


def pass_time(world: World, running: Daemon, seconds: int, *, told: bool) -> None:
    """Let the daemon look twice a second."""
    for _ in range(seconds * 2):
        world.now += 0.5
        running.step(News(), told=told)


def test_without_machines_neutron_is_never_asked(world: World, running: Daemon) -> None:
    pass_time(world, running, 300, told=False)
    running.step(News(neutron=True), told=True)
    assert world.reads == 0


def test_a_new_machine_is_served_at_once(world: World, running: Daemon) -> None:
    world.plug()
    running.step(News(links=True), told=True)
    assert world.reads == 1
    assert world.acts[-1].live == (tap(world.objects.id("server")),)


def test_a_word_from_neutron_makes_it_read(world: World, running: Daemon) -> None:
    world.plug()
    running.step(News(links=True), told=True)
    world.now += 1
    running.step(News(neutron=True), told=True)
    assert world.reads == 2


def test_where_neutron_tells_of_changes_it_is_asked_once_a_minute_besides(world: World, running: Daemon) -> None:
    world.plug()
    running.step(News(links=True), told=True)
    pass_time(world, running, 300, told=True)
    assert world.reads == 6


def test_where_neutron_tells_nothing_it_is_asked_often_after_a_change_and_seldom_later(
    world: World, running: Daemon
) -> None:
    world.plug()
    running.step(News(links=True), told=False)
    pass_time(world, running, 10, told=False)
    assert world.reads == 11
    pass_time(world, running, 10, told=False)
    before = world.reads
    pass_time(world, running, 60, told=False)
    assert world.reads == before + 12


def test_the_kernel_is_left_alone_while_nothing_changes(world: World, running: Daemon) -> None:
    world.plug()
    running.step(News(links=True), told=True)
    before = len(world.acts)
    pass_time(world, running, 59, told=True)
    assert len(world.acts) == before
    pass_time(world, running, 2, told=True)
    assert len(world.acts) == before + 1


def test_while_neutron_is_down_everything_stays(
    world: World, running: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    world.plug()
    running.step(News(links=True), told=True)
    served = world.acts[-1]
    world.down = "it is gone"
    pass_time(world, running, 100, told=True)
    running.step(News(links=True), told=True)
    assert world.acts[-1] == served
    assert caplog.text.count("it is gone") == 1
    world.down = ""
    world.now += 2
    running.step(News(), told=True)
    assert running.settled


def test_a_daemon_that_starts_while_neutron_is_down_touches_nothing(world: World) -> None:
    world.plug()
    world.down = "not yet"
    starting = Daemon(0, world, lambda: world.now)
    pass_time(world, starting, 10, told=True)
    assert world.acts == []
    assert not starting.settled
    world.down = ""
    pass_time(world, starting, 3, told=True)
    assert world.acts[-1].live
    assert starting.settled


def test_a_problem_is_said_once_and_again_when_it_comes_back(
    world: World, running: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    world.plug()
    world.refused = ("no such thing",)
    running.step(News(links=True), told=True)
    pass_time(world, running, 60, told=True)
    assert caplog.messages == ["no such thing"]
    world.refused = ()
    pass_time(world, running, 60, told=True)
    assert running.settled
    world.refused = ("no such thing",)
    pass_time(world, running, 130, told=True)
    assert caplog.messages == ["no such thing"] * 2


def test_a_fabric_that_vanishes_is_survived(
    world: World, running: Daemon, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(_: int) -> dict[str, str]:
        raise LinkError("no such namespace")

    with monkeypatch.context() as patch:
        patch.setattr(daemon, "plugged", gone)
        running.step(News(links=True), told=True)
    assert caplog.messages == ["no such namespace"]
    world.plug()
    world.now += 10
    running.step(News(), told=True)
    assert world.acts[-1].live
