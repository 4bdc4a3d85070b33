"""What goes wrong on the way, and how the next run mends it."""

from pathlib import Path

import pytest
from openstack.connection import Connection

from cecf.automation.audit import remaining
from cecf.automation.events import Run
from cecf.automation.stack import OperationFailedError
from cecf.cli.app import FAILED, INTERRUPTED
from tests.engine.cloud_project import set_quotas
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.program import interrupt, kill, start_until_servers_appear
from tests.engine.shapes import small


def test_a_server_that_nova_cannot_place_is_explained_and_replaced_by_the_next_up(
    new_project: NewProject, new_program: NewProgram, admin: Connection
) -> None:
    project = new_project()
    program = new_program("dev", project)
    # Three nodes on three hosts of one zone, one of which takes no servers for now.
    program.configure(small(workers=3, zones=["az2"], anti_affinity="required"))
    (host,) = admin.compute.services(host="az2-host3", binary="nova-compute")
    admin.compute.disable_service(host)
    try:
        with pytest.raises(OperationFailedError) as failure:
            program.up()
    finally:
        admin.compute.enable_service(host)
    assert "Nova says: No valid host was found" in str(failure.value)
    assert "What helps:" in str(failure.value)
    assert "ERROR" in {server.status for server in project.servers().values()}

    outcome = program.up()

    assert {server.status for server in project.servers().values()} == {"ACTIVE"}
    assert len(project.servers()) == 4
    assert outcome.outputs["spread_verified"] is True
    assert program.preview() == {}
    program.open().destroy(Run())
    assert remaining(program.open()) == []


def test_a_quota_that_others_used_up_meanwhile_is_told_in_novas_words_and_leaves_no_orphan(
    new_project: NewProject, new_program: NewProgram, admin: Connection
) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(small(workers=2))
    run = Run(lambda _news: set_quotas(admin, project.id, {"instances": 0}))

    with pytest.raises(OperationFailedError) as failure:
        program.open().up(run)

    assert "Quota exceeded for instances" in str(failure.value)
    assert "openstack quota show" in str(failure.value)
    program.open().destroy(Run())
    assert remaining(program.open()) == []


def test_an_up_that_was_killed_is_resumed_by_the_next(new_project: NewProject, new_program: NewProgram) -> None:
    # At other points: tests/rehearsal/test_kills.py.
    project = new_project()
    program = new_program("dev", project)
    program.configure(small(workers=2))
    kill(start_until_servers_appear(program, project, 1))

    program.up()

    servers_by_status = [(server.name, server.status) for server in project.connect().compute.servers()]
    assert sorted(servers_by_status) == [
        ("dev-control-plane-1", "ACTIVE"),
        ("dev-general-1", "ACTIVE"),
        ("dev-general-2", "ACTIVE"),
    ]
    assert program.preview() == {}
    done = program.command("destroy", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 objects of the stack 'test' left" in done.stdout


def test_an_up_that_was_killed_can_be_destroyed(new_project: NewProject, new_program: NewProgram) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(small(workers=2))
    kill(start_until_servers_appear(program, project, 1))

    done = program.command("destroy", "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 objects of the stack 'test' left" in done.stdout
    assert project.servers() == {}


def test_an_up_that_is_interrupted_finishes_what_is_under_way_and_is_resumed(
    new_project: NewProject, new_program: NewProgram
) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(small(workers=2))
    process = start_until_servers_appear(program, project, 1)

    said = interrupt(process)

    assert process.returncode == INTERRUPTED
    assert "Traceback" not in said
    assert "what is under way is finished" in said
    assert program.open().pending_creations() == []
    program.up()
    assert len(project.servers()) == 3
    program.open().destroy(Run())
    assert remaining(program.open()) == []


def test_a_destroy_beside_an_up_removes_nothing(new_project: NewProject, new_program: NewProgram) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(small(workers=2))
    process = start_until_servers_appear(program, project, 1)

    refused = program.command("destroy", "--yes")

    _, said = process.communicate(timeout=180)
    assert refused.returncode == FAILED
    assert "currently locked" in refused.stderr
    assert process.returncode == 0, said
    assert {server.status for server in project.servers().values()} == {"ACTIVE"}
    assert len(project.servers()) == 3
    program.open().destroy(Run())
    assert remaining(program.open()) == []


def test_a_lost_state_is_refused_and_the_cluster_stays(
    new_project: NewProject, new_program: NewProgram, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(small())
    program.up()
    before = [str(item) for item in remaining(program.open())]
    empty = tmp_path / "empty"
    empty.mkdir()

    with monkeypatch.context() as patch:
        patch.setenv("PULUMI_BACKEND_URL", empty.as_uri())
        with pytest.raises(OperationFailedError) as failure:
            program.up()

    assert "exists and is in use, but the state does not know it" in str(failure.value)
    assert [str(item) for item in remaining(program.open())] == before
    assert program.preview() == {}
    program.open().destroy(Run())
    assert remaining(program.open()) == []
