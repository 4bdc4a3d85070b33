"""Which steps the quorum's hooks see, and what they answer in the order of a chain."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from cecf.plan import QuorumPlan
from cecf_components.guard import guard_for
from cecf_components.quorum import QuorumRefusedError
from tests.components.conftest import Build
from tests.helpers import clusters
from tests.helpers.engine_spy import Recording, record

SERVER = "openstack:compute/instance:Instance"
VOLUME = "openstack:blockstorage/volume:Volume"
TURN = "pulumi-python:dynamic/cecf:Turn"


def quorum(count: int) -> QuorumPlan:
    """Return an etcd that is there with all its data."""
    members = {f"dev-etcd-{ordinal}": frozenset({f"dev-etcd-{ordinal}-etcd"}) for ordinal in range(1, count + 1)}
    data = frozenset[str]().union(*members.values())
    return QuorumPlan(name="etcd of dev", members=members, well=frozenset(members), data=data, waits=True)


class Steps:
    """A run in which the engine comes to one step after the other."""

    def __init__(self, count: int) -> None:
        def program() -> Mapping[str, pulumi.Input[Any]]:
            guard_for("dev", "cecf-stack:dev", [quorum(count)])
            return {}

        self._hooks = record(program).hooks

    def create(self, token: str, name: str) -> None:
        """Come to a creation."""
        self._call("cecf-keep-quorum", token, {"name": name})

    def turn(self, node: str) -> None:
        """Have waited for a member."""
        self._call("cecf-back-in-quorum", TURN, {"name": f"{node}-turn", "node": node})

    def _call(self, hook: str, token: str, inputs: Mapping[str, Any]) -> None:
        args = pulumi.ResourceHookArgs(urn="", id="", name=inputs["name"], type=token, new_inputs=inputs)
        assert self._hooks[hook](args) is None  # nothing is awaited, so no other hook comes between


@pytest.fixture
def three() -> Steps:
    """Return a run over three members."""
    return Steps(3)


def test_servers_go_one_after_the_other_where_each_is_waited_for(three: Steps) -> None:
    for ordinal in (1, 2, 3):
        three.create(SERVER, f"dev-etcd-{ordinal}")
        three.turn(f"dev-etcd-{ordinal}")


def test_the_second_server_is_refused_where_the_first_is_not_waited_for(three: Steps) -> None:
    three.create(SERVER, "dev-etcd-1")
    with pytest.raises(QuorumRefusedError, match=r"^cecf refuses to replace server dev-etcd-2: etcd of dev has 3"):
        three.create(SERVER, "dev-etcd-2")


def test_the_second_volume_is_refused(three: Steps) -> None:
    three.create(VOLUME, "dev-etcd-3-etcd")
    with pytest.raises(QuorumRefusedError, match=r"^cecf refuses to replace volume dev-etcd-1-etcd: etcd of dev has 3"):
        three.create(VOLUME, "dev-etcd-1-etcd")


def test_once_refused_a_run_takes_nothing_more_and_gives_the_same_reason(three: Steps) -> None:
    three.create(SERVER, "dev-etcd-1")
    for name in ("dev-etcd-2", "dev-etcd-3", "dev-etcd-1"):
        with pytest.raises(QuorumRefusedError, match="to replace server dev-etcd-2"):
            three.create(SERVER, name)


def test_a_preview_gives_one_reason(three: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)
    three.create(SERVER, "dev-etcd-1")
    with pytest.raises(QuorumRefusedError):
        three.create(SERVER, "dev-etcd-2")
    three.create(SERVER, "dev-etcd-3")


def test_a_volume_and_the_server_that_goes_with_it_are_one_member(three: Steps) -> None:
    three.create(VOLUME, "dev-etcd-1-etcd")
    three.create(SERVER, "dev-etcd-1")
    three.turn("dev-etcd-1")
    three.create(SERVER, "dev-etcd-2")


def test_an_only_server_is_replaced_with_a_warning(capfd: pytest.CaptureFixture[str]) -> None:
    Steps(1).create(SERVER, "dev-etcd-1")
    assert "replace server dev-etcd-1: it is the only member of etcd of dev" in "".join(capfd.readouterr())


def test_servers_and_volumes_ask_before_they_are_made_and_before_their_way_is_cleared(dev: Recording) -> None:
    asked = {r.type for r in dev.registrations if r.before_create == ("cecf-keep-quorum", "cecf-clear-the-way")}
    assert asked == {SERVER, VOLUME}
    assert [r.name for r in dev.objects if r.type not in asked and r.before_create != ("cecf-clear-the-way",)] == []


def test_the_hooks_run_in_previews(dev: Recording) -> None:
    in_previews = {name for name, hook in dev.hooks.items() if hook.opts and hook.opts.on_dry_run}
    assert in_previews == {"cecf-keep-quorum", "cecf-back-in-quorum"}


@pytest.mark.parametrize("etcd", [{}, {"topology": "external"}])
def test_every_turn_gives_its_member_back(build: Build, etcd: Mapping[str, Any]) -> None:
    turns = build("dev", clusters.changed(clusters.REACHABLE, {"etcd": etcd})).of("Turn")
    assert turns
    assert {r.after_update for r in turns} == {("cecf-back-in-quorum",)}
    assert [r.name for r in turns if r.inputs["node"] not in r.name] == []
