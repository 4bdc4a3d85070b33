"""No run takes away more of a quorum than it can do without: previews refuse it, with the real engine and cloud."""

import json
import subprocess
from fnmatch import fnmatch
from typing import Any

import pytest

from cecf.automation.audit import remaining
from cecf.automation.events import Run
from cecf.automation.stack import OperationFailedError
from cecf.cli.app import REFUSED
from cecf.problems import REFUSAL
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.shapes import TINY, small

LARGER = "m1.medium"
"""A flavor whose machines would boot; here it is only looked at."""

SECOND_SERVER = (
    "cecf refuses to replace server dev-control-plane-2: etcd of dev has 3 members, 2 needed, 1 would be left; "
    "the same run replaces dev-control-plane-1, and nothing waits until that is well again; "
    "no run can tell where cecf:cluster.control_plane.endpoint.access is none. "
    "Mend: set back what replaces them, or one member after the other, when the last is well: "
    "pulumi up --target '**::dev-control-plane-1-*', and so on"
)


def three(flavor: str = TINY, workers: int = 0) -> dict[str, Any]:
    """Return three control planes and some workers."""
    return small(workers) | {"control_plane": {"count": 3, "flavor": flavor}}


def reached(flavor: str = TINY) -> dict[str, Any]:
    """Return three control planes that a run waits for, though not long."""
    endpoint = {"access": "floating_ip", "allowed_cidrs": ["198.18.0.0/20"]}
    control_plane = {"count": 3, "flavor": flavor, "endpoint": endpoint}
    return small() | {"control_plane": control_plane, "boot_timeout_minutes": 1}


def refusals(run: "subprocess.CompletedProcess[str]") -> list[str]:
    """Return what the engine's own command says at its end, of a run that was refused."""
    assert run.returncode != 0
    assert "Traceback" not in run.stdout + run.stderr
    said = run.stdout.partition("Diagnostics:")[2].splitlines()
    return [line[line.index(REFUSAL) :] for line in said if REFUSAL in line]


def test_nothing_that_costs_a_quorum_gets_beyond_the_preview(new_project: NewProject, new_program: NewProgram) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(three())
    program.up()
    servers = {name: server.id for name, server in project.servers().items()}
    volumes = {volume.id for volume in project.connect().block_storage.volumes()}
    assert program.preview() == {}

    program.configure(three(LARGER))  # every server of the chain, and nobody can tell when one is well
    assert refusals(program.bare("preview")) == [SECOND_SERVER]
    assert refusals(program.bare("up", "--yes")) == [SECOND_SERVER]
    ours = program.command("preview")
    assert ours.returncode == REFUSED
    assert ours.stderr.split() == SECOND_SERVER.split()
    with pytest.raises(OperationFailedError) as refused:
        program.up()
    assert str(refused.value) == SECOND_SERVER

    one = program.bare("preview", "--json", "--target", "**::dev-control-plane-1-*")  # as the line says
    assert one.returncode == 0, one.stdout + one.stderr
    replaced = [step["urn"] for step in json.loads(one.stdout)["steps"] if "replace" in step["op"]]
    assert {urn.rsplit("::")[-1] for urn in replaced} == {
        "dev-control-plane-1-server",
        "dev-control-plane-1-etcd-attachment",
    }

    program.configure(three())
    (line,) = refusals(program.bare("preview", "--replace", "**::dev-control-plane-*-etcd"))  # in no chain
    assert line.startswith("cecf refuses to replace volume dev-control-plane-")
    assert "etcd of dev has 3 members, 2 needed, 1 would be left; the same run replaces dev-control-plane-" in line

    program.configure(three(workers=1))
    assert program.preview()["dev-general-1-server"] == "create"

    assert {name: server.id for name, server in project.servers().items()} == servers
    assert {volume.id for volume in project.connect().block_storage.volumes()} == volumes
    assert program.bare("destroy", "--yes").returncode == 0
    assert remaining(program.open()) == []


def test_where_each_is_waited_for_all_can_be_replaced(new_project: NewProject, new_program: NewProgram) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(reached())
    with pytest.raises(OperationFailedError, match="the API does not answer"):
        program.up()  # nothing boots here, but by then servers and turns are there
    assert len(project.servers()) == 3

    program.configure(reached(LARGER))
    steps = program.preview()
    assert {name for name in steps if fnmatch(name, "dev-control-plane-?-server")} == {
        f"dev-control-plane-{n}-server" for n in (1, 2, 3)
    }

    (line,) = refusals(program.bare("preview", "--replace", "**::dev-control-plane-*-etcd"))
    assert line.startswith("cecf refuses to replace volume dev-control-plane-")
    program.open().destroy(Run())
    assert remaining(program.open()) == []


def test_an_only_server_is_replaced_with_a_warning_and_its_data_never(
    new_project: NewProject, new_program: NewProgram
) -> None:
    program = new_program("dev", new_project())
    program.configure(small())
    program.up()

    preview = program.bare("preview", "--replace", "**::dev-control-plane-1-server")
    assert preview.returncode == 0
    assert "replace server dev-control-plane-1: it is the only member of etcd of dev" in preview.stdout
    (line,) = refusals(program.bare("preview", "--replace", "**::dev-control-plane-1-etcd"))
    assert line == (
        "cecf refuses to replace volume dev-control-plane-1-etcd: etcd of dev has 1 member, 1 needed, 0 would be left; "
        "nobody else has its data. Mend: set back what replaces it"
    )
    program.open().destroy(Run())
