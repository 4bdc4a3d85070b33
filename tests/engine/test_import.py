"""What the state has lost is taken back, as docs/operations/import.md says."""

import json

from cecf.automation.audit import remaining
from cecf.automation.events import Run, name_of, type_of
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.shapes import small


def test_what_the_state_has_lost_is_taken_back_by_its_id(new_project: NewProject, new_program: NewProgram) -> None:
    program = new_program("dev", new_project())
    program.configure(small())
    program.up()
    # Nothing else rests on it: the engine forgets nothing that something rests on.
    (lost,) = [each for each in program.open().resources() if type_of(each["urn"]) == "VolumeAttach"]
    assert program.bare("state", "delete", "--yes", lost["urn"]).returncode == 0
    file = program.folder / "lost.json"

    program.bare("preview", "--import-file", str(file))
    wanted = json.loads(file.read_text())
    wanted["resources"] = [each for each in wanted["resources"] if each["name"] == name_of(lost["urn"])]
    wanted["resources"][0]["id"] = lost["id"]
    file.write_text(json.dumps(wanted))
    done = program.bare("import", "--file", str(file), "--protect=false", "--yes", "--generate-code=false")
    assert done.returncode == 0, done.stdout + done.stderr

    assert program.preview() == {}
    program.open().destroy(Run())
    assert remaining(program.open()) == []
