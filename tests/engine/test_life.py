"""A cluster's life on the real engine and cloud: up, nothing to do, growth, shrinking, destruction."""

from cecf.automation.audit import remaining
from cecf.automation.events import Run
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.shapes import highly_available, small


def test_a_cluster_comes_up_spread_stays_as_it_is_and_leaves_nothing(
    new_project: NewProject, new_program: NewProgram
) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(highly_available(workers=2))

    outputs = program.up().outputs

    servers = project.servers()
    assert {name: server.status for name, server in servers.items()} == {
        "dev-control-plane-1": "ACTIVE",
        "dev-control-plane-2": "ACTIVE",
        "dev-control-plane-3": "ACTIVE",
        "dev-general-1": "ACTIVE",
        "dev-general-2": "ACTIVE",
    }
    assert outputs["spread_verified"] is True
    assert [node["host"] for node in outputs["nodes"]] == [servers[node["name"]].host_id for node in outputs["nodes"]]
    assert [node["zone"] for node in outputs["nodes"]] == ["az1", "az2", "az3", "az1", "az2"]
    control_planes = [servers[f"dev-control-plane-{ordinal}"].host_id for ordinal in (1, 2, 3)]
    assert len(set(control_planes)) == 3

    assert program.preview() == {}
    assert not program.up().changed

    stack = program.open()
    assert remaining(stack)
    stack.destroy(Run())
    assert remaining(stack) == []
    assert project.servers() == {}


def test_a_worker_more_or_less_touches_only_that_worker(new_project: NewProject, new_program: NewProgram) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(small(workers=2))
    program.up()
    before = {name: server.id for name, server in project.servers().items()}

    program.configure(small(workers=3))
    assert program.preview() == {
        "dev-general-3": "create",
        "dev-general-3-port": "create",
        "dev-general-3-server": "create",
        "dev-spread": "update",
    }
    program.up()

    program.configure(small(workers=2, retired=[2]))
    assert program.preview() == {
        "dev-general-2": "delete",
        "dev-general-2-port": "delete",
        "dev-general-2-server": "delete",
        "dev-spread": "update",
    }
    program.up()

    after = {name: server.id for name, server in project.servers().items()}
    assert after.keys() == {"dev-control-plane-1", "dev-general-1", "dev-general-3"}
    assert after["dev-control-plane-1"] == before["dev-control-plane-1"]
    assert after["dev-general-1"] == before["dev-general-1"]

    program.open().destroy(Run())
    assert remaining(program.open()) == []
