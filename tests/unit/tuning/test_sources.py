"""Every setting that the sources name is somewhere here, or said to be nowhere."""

from pathlib import Path

import pytest

from cecf.tuning.catalogue import CATALOGUE
from cecf.tuning.sources import ROWS, Row, besides, rows_of
from docs.generator import settings

TABLE = Path(__file__).parent / "mission_settings.md"
MISSION = Path(__file__).parents[4] / "shared" / "mission.md"
"""Where the mission is, if this is a checkout beside it."""

OF_STACKS = {path for path, *_ in settings.rows()}

rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.says)


def table(text: str) -> list[list[str]]:
    """Return the cells of a table's rows, below its heading."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_copy_of_the_table_is_the_mission_s() -> None:
    if not MISSION.exists():
        pytest.skip("the mission is not beside this checkout")
    section = MISSION.read_text().split("\n## 2. ")[1].split("\n## ")[0]
    assert table(TABLE.read_text()) == table(section)


def test_each_row_of_the_table_is_here_in_its_own_words_and_no_other() -> None:
    says = [cells[0] for cells in table(TABLE.read_text())]
    assert len(says) > 20
    assert [row.says for row in ROWS] == says


@rows
def test_a_row_names_settings_that_exist(row: Row) -> None:
    assert [
        name for name in row.settings if name not in CATALOGUE and name.removeprefix("cecf:") not in OF_STACKS
    ] == []
    assert len(set(row.settings)) == len(row.settings)


@rows
def test_a_row_without_a_setting_says_why(row: Row) -> None:
    assert row.settings or row.note


def test_a_name_of_the_sources_belongs_to_one_row() -> None:
    flags = [flag for row in ROWS for flag in row.flags]
    assert "conntrack-max" in flags
    assert "terminated-pod-gc-period" in flags
    assert not {"kube-proxy", "controller-manager"} & set(flags)
    assert sorted(set(flags)) == sorted(flags)


def test_what_the_sources_ask_for_besides_the_table_is_told_apart() -> None:
    found = besides()
    assert found
    assert [setting.id for setting in found if rows_of(setting)] == []
    asked = [setting for setting in CATALOGUE.values() if setting.source.startswith(("S0", "S1", "S2", "S3", "S4"))]
    assert [setting.id for setting in asked if setting not in found and not rows_of(setting)] == []


WITHOUT = {
    "terminated-pod-gc-period": "no such setting",
    "DNS policy": "Nodes have no cache of their own yet",
    "node kernel": "limits.d holds for log-ins only",
}
"""What is asked for, and what is said of the part that is not to be had."""


@pytest.mark.parametrize("asked", WITHOUT)
def test_what_does_not_exist_is_said_plainly(asked: str) -> None:
    (row,) = [row for row in ROWS if asked in row.says]
    assert WITHOUT[asked] in row.note
