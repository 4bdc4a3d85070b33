"""Another authority in three runs, by the real engine: what a preview knows of it, and that each run is complete."""

from typing import Any

from cecf.automation.audit import remaining
from cecf.automation.events import Run
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.shapes import small
from tests.helpers import clusters

STEPS = ((1, [1, 2]), (2, [1, 2]), (2, [2]))


def with_authority(generation: int, trust: list[int]) -> dict[str, Any]:
    """Return the smallest cluster with its authorities."""
    authority = {"generation": generation, "trust": trust}
    return clusters.changed(small(), {"certificates": {"authority": authority}})


def test_each_of_the_three_runs_can_be_previewed_and_is_complete(
    new_project: NewProject, new_program: NewProgram
) -> None:
    program = new_program("dev", new_project())
    program.configure(small())
    program.up()
    for generation, trust in STEPS:
        program.configure(with_authority(generation, trust))
        assert "dev-control-plane-1-server" in program.preview()
        program.up()
        assert program.preview() == {}
        ends = program.open().outputs()["certificates"]
        known = {int(name.rsplit("-", 1)[1]) for name in ends if name.startswith("etcd-ca-")}
        assert known == set(trust)
    program.open().destroy(Run())
    assert remaining(program.open()) == []
