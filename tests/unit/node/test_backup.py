"""Snapshots of etcd: a real restic keeps them; only etcd's own programs are played."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecf.node import backup, tools
from cecf.node.etcd_api import KEYS
from cecf.node.tools import NotYetError

needs_restic = pytest.mark.skipif(not shutil.which("restic"), reason="there is no restic on this machine's PATH")

ETCDCTL = """\
#!/bin/sh
echo "$*" >> {log}
case "$*" in *{down}*) echo "Error: context deadline exceeded"; exit 1;; esac
for file; do :; done
cp {data} "$file"
"""
ETCDUTL = """\
#!/bin/sh
echo '{"level":"warn","msg":"something beside it"}'
echo '{"hash":1,"revision":42,"totalKey":7,"totalSize":20480,"version":"3.6.0"}'
"""

UP, DOWN = "https://10.10.0.6:2379", "https://10.10.0.7:2379"


@dataclass
class Node:
    """A server with a store, in a folder."""

    folder: Path
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """What etcd gives as its snapshot."""
        return self.folder / "data"

    @property
    def asked(self) -> list[str]:
        """What etcdctl was called with."""
        log = self.folder / "log"
        return log.read_text().splitlines() if log.exists() else []

    def way(self, store: Path) -> None:
        """Write how the store is reached."""
        values = {"RESTIC_REPOSITORY": store, "RESTIC_PASSWORD": "secret", "RESTIC_CACHE_DIR": self.folder / "cache"}
        backup.ENVIRONMENT.write_text("".join(f"{name}={value}\n" for name, value in values.items()))

    def take(self, *, anyway: bool = False) -> str:
        """Take a snapshot as the timer, or a person, does."""
        backup._learn_the_way()
        return backup.take(self.facts, anyway=anyway)

    def put(self, when: str, *, tag: str = backup.TAG) -> None:
        """Have a snapshot of an earlier time."""
        self.data.write_text(when)
        tools.run("restic", "backup", "--host", "dev", "--tag", tag, "--time", when, str(self.data))


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """Return a server on whose PATH there are restic and etcd's programs."""
    made = Node(tmp_path)
    programs = tmp_path / "bin"
    programs.mkdir()
    texts = {"etcdctl": ETCDCTL.format(log=tmp_path / "log", data=made.data, down=DOWN), "etcdutl": ETCDUTL}
    for name, text in texts.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    made.data.write_text("etcd's data")
    monkeypatch.setattr(backup, "WORK", tmp_path / "work")
    monkeypatch.setattr(backup, "ENVIRONMENT", tmp_path / "backup.env")
    made.way(tmp_path / "store")
    made.facts = {
        "cluster": "dev",
        "backup": {
            "endpoints": [UP],
            "credential": "peer",
            "store": "volume",
            "every_minutes": 15,
            "keep_last": 2,
            "keep_days": 7,
        },
    }
    # The program tells restic the way by the environment.
    with patch.dict(os.environ, {"PATH": f"{programs}:{os.environ['PATH']}"}):
        yield made


@needs_restic
def test_what_was_taken_is_listed_and_comes_back_as_it_was(node: Node) -> None:
    said = node.take()
    (one,) = backup.listed()
    assert said == f"took {one['id']}: revision 42, 7 keys, 20 KiB"
    assert (one["revision"], one["keys"]) == (42, 7)
    assert datetime.now(UTC) - datetime.fromisoformat(one["time"]) < timedelta(minutes=5)
    for life in (f"{one['id']}-20261121t120000", "latest-20261121t120000"):
        file = backup.fetch(life)
        assert (file.name, file.read_text()) == ("etcd.db", "etcd's data")


@needs_restic
def test_a_store_that_is_there_is_used_and_not_made_anew(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    node.take()
    assert "made the store" in capsys.readouterr().out
    assert "which is new enough" in node.take()
    assert node.take(anyway=True).startswith("took ")
    assert "made the store" not in capsys.readouterr().out
    assert len(backup.listed()) == 2


@needs_restic
def test_the_old_go_but_for_the_last_few_and_another_s_are_left_alone(node: Node) -> None:
    backup._learn_the_way()
    tools.run("restic", "init")
    for year in (2019, 2020, 2021):
        node.put(f"{year}-05-01 00:00:00")
    node.put("2018-05-01 00:00:00", tag="somebody-s")
    node.take()
    assert [one["time"][:4] for one in backup.listed()] == ["2021", f"{datetime.now(UTC):%Y}"]
    assert "somebody-s" in tools.run("restic", "snapshots", "--json")


@needs_restic
def test_a_store_that_cannot_be_reached_is_told_and_nothing_is_left(node: Node) -> None:
    node.way(node.data / "below-a-file")
    with pytest.raises(NotYetError, match="restic ended with 1"):
        node.take()
    assert node.asked == []


@needs_restic
def test_a_wrong_password_makes_no_second_store_over_the_first(node: Node) -> None:
    node.take()
    text = backup.ENVIRONMENT.read_text()
    backup.ENVIRONMENT.write_text(text.replace("secret", "wrong"))
    with pytest.raises(NotYetError, match="already"):
        node.take()
    backup.ENVIRONMENT.write_text(text)
    backup._learn_the_way()
    assert len(backup.listed()) == 1


@dataclass
class Restic:
    """Stands in for every program: what was run, and what the store holds."""

    log: list[tuple[str, ...]] = field(default_factory=list)
    snapshots: str = "[]"
    there: bool = True

    def run(self, *command: str, check: bool = True) -> str:
        """Do what `tools.run` does."""
        self.log.append(command)
        if command[:3] == ("restic", "cat", "config") and not self.there:
            raise NotYetError("restic ended with 1: no such file")
        if command[0] == "etcdctl" and any(DOWN in word for word in command):
            raise NotYetError("etcdctl ended with 1: context deadline exceeded")
        assert check or command[1] == "unlock"
        said = {
            "snapshots": f"{self.snapshots}\n",
            "status": '{"revision": 42, "totalKey": 7, "totalSize": 2048}\n',
            "backup": '{"message_type": "status"}\n{"message_type": "summary", "snapshot_id": "abcdef0123456789"}\n',
        }
        return next((text for word, text in said.items() if word in command[1:3]), "")

    def of(self, *beginning: str) -> list[tuple[str, ...]]:
        """Return the commands that begin so."""
        return [words for words in self.log if words[: len(beginning)] == beginning]


@pytest.fixture
def restic(node: Node, monkeypatch: pytest.MonkeyPatch) -> Restic:
    """Have a restic that is only played."""
    assert node.facts
    made = Restic()
    monkeypatch.setattr(backup, "run", made.run)
    return made


def snapshot(minutes_ago: float = 0) -> str:
    """Return a list of one snapshot."""
    time = (datetime.now(UTC) - timedelta(minutes=minutes_ago)).isoformat()
    return json.dumps([{"short_id": "abcdef01", "time": time, "tags": [backup.TAG, "revision=1", "keys=1"]}])


@pytest.mark.parametrize(("minutes", "taken"), [(0, False), (6, False), (8, True), (60, True)])
def test_one_of_less_than_half_the_interval_is_new_enough(
    node: Node, restic: Restic, minutes: int, *, taken: bool
) -> None:
    restic.snapshots = snapshot(minutes)
    node.take()
    assert bool(restic.of("restic", "backup")) is taken


def test_a_person_gets_one_whatever_there_is(node: Node, restic: Restic) -> None:
    restic.snapshots = snapshot()
    assert node.take(anyway=True) == "took abcdef01: revision 42, 7 keys, 2 KiB"


@pytest.mark.parametrize("there", [True, False])
def test_a_store_is_made_where_there_is_none(node: Node, restic: Restic, *, there: bool) -> None:
    restic.there = there
    node.take()
    assert bool(restic.of("restic", "init")) is not there


def test_what_is_kept_is_what_the_settings_say_of_this_cluster_and_of_etcd_alone(node: Node, restic: Restic) -> None:
    node.take()
    (forget,) = restic.of("restic", "forget")
    options = dict(pairwise(forget))
    assert (options["--keep-last"], options["--keep-within"]) == ("2", "7d")
    assert (options["--tag"], options["--group-by"], "--prune" in forget) == ("cecf-etcd", "host", True)
    (made,) = restic.of("restic", "backup")
    assert made[made.index("--host") + 1] == "dev"


def test_a_member_that_is_down_is_passed_over(node: Node, restic: Restic) -> None:
    node.facts["backup"]["endpoints"] = [DOWN, UP, "https://10.10.0.8:2379"]
    assert node.take().startswith("took ")
    asked = [word for words in restic.of("etcdctl") for word in words if word.startswith("--endpoints=")]
    assert asked == [f"--endpoints={DOWN}", f"--endpoints={UP}"]


def test_where_no_member_gives_one_nothing_is_kept_and_nothing_forgotten(node: Node, restic: Restic) -> None:
    node.facts["backup"]["endpoints"] = [DOWN, DOWN]
    with pytest.raises(NotYetError, match="context deadline exceeded"):
        node.take()
    assert restic.of("restic", "backup") + restic.of("restic", "forget") == []
    assert not backup.WORK.exists()


def test_a_member_is_asked_with_the_node_s_own_credential(node: Node, restic: Restic) -> None:
    node.facts["backup"]["credential"] = "client"
    node.take()
    (asked,) = restic.of("etcdctl")
    assert f"--cert={KEYS}/client.crt" in asked
    assert f"--key={KEYS}/client.key" in asked
    assert f"--cacert={KEYS}/ca.crt" in asked


@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001
    st.integers(0, 999_999_999),
    st.integers(-14 * 60, 14 * 60),
)
def test_every_time_that_restic_writes_is_read(time: datetime, nanoseconds: int, minutes: int) -> None:
    # As Go does: no zeros at the end of a fraction, and none at all of a whole second.
    fraction = f".{nanoseconds:09}".rstrip("0").rstrip(".")
    zone = timezone(timedelta(minutes=minutes))
    text = f"{time:%Y-%m-%dT%H:%M:%S}{fraction}" + (time.replace(tzinfo=zone).isoformat()[-6:] if minutes else "Z")
    told = backup._told({"short_id": "a", "time": text, "tags": [backup.TAG]})
    wanted = time.replace(microsecond=nanoseconds // 1000, tzinfo=zone)
    assert datetime.fromisoformat(told["time"]) == wanted
    assert told["time"].endswith("+00:00")


def test_the_oldest_is_listed_first_and_what_has_no_tags_of_ours_has_zeros(restic: Restic) -> None:
    rows = [("b", "2026-11-21T12:00:00.5+02:00"), ("a", "2026-11-21T11:00:00.123456789Z")]
    restic.snapshots = json.dumps([{"short_id": i, "time": time, "tags": [backup.TAG]} for i, time in rows])
    assert [(one["id"], one["revision"], one["keys"]) for one in backup.listed()] == [("b", 0, 0), ("a", 0, 0)]


@pytest.mark.parametrize("said", ["null", "[]"])
def test_an_empty_store_has_no_snapshots(restic: Restic, said: str) -> None:
    restic.snapshots = said
    assert backup.listed() == []


def test_what_restic_had_to_try_again_does_not_hide_what_it_says(restic: Restic) -> None:
    noise = "List(snapshot/) returned error, retrying after 720ms: 503\n"
    restic.snapshots = f"{noise}{snapshot()}\nRemove(<lock/1>) returned error, retrying after 500ms: 503"
    assert [one["id"] for one in backup.listed()] == ["abcdef01"]


def test_an_answer_without_data_is_not_taken_for_an_empty_store(restic: Restic) -> None:
    restic.snapshots = "killed"
    with pytest.raises(NotYetError, match="no data in what was said: killed"):
        backup.listed()


def test_a_list_s_last_line_is_json(restic: Restic, capsys: pytest.CaptureFixture[str]) -> None:
    restic.snapshots = snapshot()
    backup.main("list", {})
    assert [one["id"] for one in json.loads(capsys.readouterr().out.splitlines()[-1])] == ["abcdef01"]


def test_the_way_to_the_store_may_have_equals_signs_in_it(node: Node, restic: Restic) -> None:
    assert restic.there
    backup.ENVIRONMENT.write_text("OS_AUTH_URL=a=b==\n")
    node.take()
    assert os.environ["OS_AUTH_URL"] == "a=b=="
