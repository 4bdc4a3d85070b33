"""Quotas are looked at before anything is created, and what is predicted is what is taken."""

import json

from cecf.automation.preflight import preflight
from cecf.cli.app import REFUSED
from cecf.cloud.quotas import rooms
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.shapes import of_business, small

TOO_SMALL = {"instances": 2, "cores": 1, "volumes": 0, "gigabytes": 4, "port": 3, "security_group_rule": 9}
LACKING = {"instances": 1, "cores": 5, "volumes": 1, "gigabytes": 6, "port": 2, "security_group_rule": 10}
"""For one control plane and two workers of two cores each. Neutron's rules of the project's own group count, too."""


def test_six_quotas_that_are_too_small_are_six_lines_with_what_is_missing(
    new_project: NewProject, new_program: NewProgram
) -> None:
    project = new_project(**TOO_SMALL)
    program = new_program("dev", project)
    program.configure(small(workers=2))

    for refused in (program.command("up", "--yes"), program.command("preview")):
        assert refused.returncode == REFUSED
        lines = [line for line in refused.stderr.splitlines() if line.startswith("the project's quota of ")]
        assert len(lines) == len(TOO_SMALL)
        for quota, lacks in LACKING.items():
            (line,) = [line for line in lines if f" of {quota} lacks " in line]
            assert line.split(" lacks ")[1].split(";")[0].removesuffix(" GiB") == str(lacks)
            assert f"{TOO_SMALL[quota]} allowed" in line
    assert "the project's quota of cores lacks 5" in program.bare("preview").stdout
    assert project.servers() == {}
    assert [n.name for n in project.connect().network.networks(is_router_external=False)] == []

    doctor = program.command("doctor", "--json")
    assert doctor.returncode == REFUSED
    assert sum(not finding["well"] for finding in json.loads(doctor.stdout)) == len(TOO_SMALL)


def test_what_is_predicted_is_what_the_project_then_uses(new_project: NewProject, new_program: NewProgram) -> None:
    project = new_project()
    program = new_program("finance", project, stack="finance")
    program.configure(of_business("finance") | {"protect": False})
    cloud = project.connect()
    before = preflight("finance", program.folder)
    quotas = {need.quota for need in before.needs if not need.each}
    used = {quota: room.used for quota, room in rooms(cloud, quotas).items()}

    program.up()

    after = {quota: room.used for quota, room in rooms(cloud, quotas).items()}
    taken = {quota: after[quota] - used[quota] for quota in quotas}
    assert taken == {need.quota: need.amount for need in before.needs if not need.each}
    assert preflight("finance", program.folder).needs == ()
    assert program.command("doctor").returncode == 0
    assert program.command("destroy", "--yes").returncode == 0


def test_a_quota_that_just_suffices_lets_the_run_through(new_project: NewProject, new_program: NewProgram) -> None:
    exact = {name: TOO_SMALL[name] + LACKING[name] for name in TOO_SMALL}
    project = new_project(**exact)
    program = new_program("dev", project)
    program.configure(small(workers=2))

    program.up()

    assert len(project.servers()) == 3
    assert program.preview() == {}
    program.configure(small(workers=3))
    assert program.command("preview").returncode == REFUSED
    assert program.command("destroy", "--yes").returncode == 0
