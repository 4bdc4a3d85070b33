"""Waiting for a server that Kubernetes does not know: its console is all there is."""

import pytest

from cecf.kubernetes.waiting import CONSOLE_POLL, NotReadyError, wait_for_boot
from tests.helpers.fake_cloud import FakeCloud
from tests.unit.kubernetes.test_waiting import GAVE_UP, World

DONE = "cecf-boot: node: done in 61 s\n"


@pytest.fixture
def world() -> World:
    """Return a world in which a server's console is empty."""
    return World()


def await_boot(world: World, minutes: float = 15) -> None:
    """Wait for a member's server."""
    wait_for_boot(world.cloud.connection, "dev-etcd-1", "s1", world.wait(minutes))


def test_a_server_that_is_done_is_not_waited_for(world: World) -> None:
    world.says("s1", DONE)()
    await_boot(world)
    assert (world.now, world.told) == (0, [])


def test_a_server_is_waited_for_until_it_says_that_it_is_done_and_its_steps_are_told(world: World) -> None:
    world.at(10, world.says("s1", "cecf-boot: data-disk: begins\n"))
    world.at(40, world.says("s1", "cecf-boot: etcd: begins\n"))
    world.at(90, world.says("s1", DONE))
    await_boot(world)
    assert 90 <= world.now <= 90 + CONSOLE_POLL
    assert world.told == [
        "its console does not say that it is done",
        "dev-etcd-1: data-disk: begins",
        "dev-etcd-1: etcd: begins",
    ]


def test_another_server_s_word_does_not_count(world: World) -> None:
    world.says("s2", DONE)()
    with pytest.raises(NotReadyError, match="its console does not say that it is done"):
        await_boot(world, minutes=1)


def test_a_server_that_gave_up_ends_the_wait_at_once(world: World) -> None:
    world.at(20, world.says("s1", GAVE_UP))
    with pytest.raises(NotReadyError, match="dev-etcd-1 is at: node: gave up at step kernel"):
        await_boot(world)
    assert world.now <= 20 + 2 * CONSOLE_POLL


def test_a_wait_without_end_ends_with_the_console_s_last_words(world: World) -> None:
    world.says("s1", "cecf-boot: etcd: failed: no peer answers\n")()
    with pytest.raises(NotReadyError, match=r"^not ready after 5 min; (.|\n)*failed: no peer answers"):
        await_boot(world, minutes=5)
    assert 5 * 60 <= world.now <= 5 * 60 + 2 * CONSOLE_POLL


def test_a_console_is_not_looked_at_as_often_as_an_api(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []

    class Counting:
        def get_server_console_output(self, *_: object, **__: object) -> dict[str, str]:
            looks.append(world.now)
            return {"output": DONE if world.now >= 60 else ""}

    monkeypatch.setattr(FakeCloud, "compute", Counting())
    await_boot(world)
    assert len(set(looks)) <= 60 / CONSOLE_POLL + 1
