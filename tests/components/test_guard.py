"""The hooks beside every resource: they clear the way before a creation and explain a failed one."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

import pulumi
import pytest
from openstack.compute.v2.server import Server
from openstack.network.v2.port import Port

from cecf.cloud.leftovers import StateLostError
from cecf.cloud.owned import OWNER_KEY
from cecf_components import guard
from tests.helpers.engine_spy import Recording, record
from tests.helpers.fake_cloud import FakeCloud

OWNER = "cecf-stack:dev"
PORT = "openstack:networking/port:Port"
SERVER = "openstack:compute/instance:Instance"

Answer = TypeVar("Answer")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Return the cloud that the hooks reach."""
    fake = FakeCloud()
    monkeypatch.setattr(guard, "connect", lambda _: fake)
    return fake


@pytest.fixture
def hooks() -> Recording:
    """Return a guard's hooks as the engine knows them."""

    def program() -> Mapping[str, pulumi.Input[Any]]:
        made = guard.guard_for("dev", OWNER)
        return {"cloud": made.cloud, "owner": made.owner}

    return record(program)


def waited(answer: Awaitable[Answer] | Answer) -> Answer:
    """Return what a hook answers."""
    assert isinstance(answer, Awaitable)

    async def wait() -> Answer:
        return await answer

    return asyncio.run(wait())


def clear(hooks: Recording, token: str, name: str) -> None:
    """Do what the engine does before it creates a resource."""
    arguments = pulumi.ResourceHookArgs(urn="", id="", name=name, type=token, new_inputs={"name": name})
    waited(hooks.hooks["cecf-clear-the-way"](arguments))


def explain(hooks: Recording, token: str, *errors: str) -> bool:
    """Do what the engine does when a creation failed; return whether it is to try again."""
    arguments = pulumi.ErrorHookArgs(
        urn="",
        id="",
        name="dev-general-1-server",
        type=token,
        new_inputs={"name": "dev-general-1"},
        failed_operation="create",
        errors=list(errors),
    )
    return waited(hooks.error_hooks["cecf-explain"](arguments))


def test_a_leftover_is_removed_before_the_creation_and_people_are_told(
    hooks: Recording, cloud: FakeCloud, capfd: pytest.CaptureFixture[str]
) -> None:
    cloud.ports.append(Port(id="p", name="dev-api", description=OWNER, device_id=""))
    clear(hooks, PORT, "dev-api")
    assert cloud.log == ["delete port p"]
    assert "removed port dev-api (p), left over" in "".join(capfd.readouterr())


def test_a_free_way_stays_as_it_is(hooks: Recording, cloud: FakeCloud, capfd: pytest.CaptureFixture[str]) -> None:
    clear(hooks, PORT, "dev-api")
    assert cloud.log == []
    assert "".join(capfd.readouterr()) == ""


def test_a_lost_state_stops_the_creation(hooks: Recording, cloud: FakeCloud) -> None:
    cloud.ports.append(Port(id="p", name="dev-api", description=OWNER, device_id="server-id"))
    with pytest.raises(StateLostError):
        clear(hooks, PORT, "dev-api")
    assert cloud.log == []


def failed_server(message: str) -> Server:
    """Return a server of dev's that Nova could not build."""
    return Server(id="s", name="dev-general-1", status="ERROR", metadata={OWNER_KEY: OWNER}, fault={"message": message})


def test_a_failed_server_is_explained_in_nova_s_words_with_what_helps(
    hooks: Recording, cloud: FakeCloud, capfd: pytest.CaptureFixture[str]
) -> None:
    cloud.servers.append(failed_server("No valid host was found"))
    assert explain(hooks, SERVER, "instance came up in state ERROR") is False
    said = "".join(capfd.readouterr())
    assert "dev-general-1-server: Nova says: No valid host was found. What helps:" in said
    assert "anti-affinity" in said


def test_words_of_the_cloud_that_are_known_bring_advice_for_any_resource(
    hooks: Recording, cloud: FakeCloud, capfd: pytest.CaptureFixture[str]
) -> None:
    assert explain(hooks, PORT, "Quota exceeded for resources: ['port'].") is False
    said = "".join(capfd.readouterr())
    assert "create failed. What helps: the project's quota is used up" in said
    assert cloud.log == []


def test_unknown_words_are_left_to_speak_for_themselves(
    hooks: Recording, cloud: FakeCloud, capfd: pytest.CaptureFixture[str]
) -> None:
    assert explain(hooks, PORT, "Bad request") is False
    assert "".join(capfd.readouterr()) == ""
    assert cloud.log == []


@pytest.mark.parametrize("errors", [(), ("No valid host was found",)])
def test_a_failure_is_never_tried_again(hooks: Recording, cloud: FakeCloud, errors: tuple[str, ...]) -> None:
    assert explain(hooks, SERVER, *errors) is False
    assert cloud.log == []


def test_the_guard_has_the_stack_s_cloud_and_mark(hooks: Recording) -> None:
    assert hooks.exports == {"cloud": "dev", "owner": OWNER}
