"""Members of a real etcd: they begin together, and one that has lost its data takes its old place again."""

import base64
import time
from collections.abc import Iterator

import pytest

from tests.helpers.programs import program
from tests.helpers.real_etcd import PATIENCE, START, Member, members, together

Members = tuple[Member, ...]


def text(word: str) -> str:
    """Return a key or a value as etcd's gateway has it."""
    return base64.b64encode(word.encode()).decode()


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Members]:
    """Give three members at work, with something that has been acknowledged."""
    with members(tmp_path_factory.mktemp("etcd"), program("etcd")) as made:
        together(made)
        made[0].call("kv/put", {"key": text("acknowledged"), "value": text("yes")})
        yield made


def known(member: Member) -> bool:
    """Tell whether a member itself has what was acknowledged."""
    found = member.call("kv/range", {"key": text("acknowledged"), "serializable": True})
    return [pair["value"] for pair in found.get("kvs", [])] == [text("yes")]


def voters(member: Member) -> set[str]:
    """Return the members that vote."""
    return {name for name, (_, votes) in member.members().items() if votes}


def has_free_space(member: Member) -> None:
    """Wait until a member has compacted, too: the one that was asked waits for nobody."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        # What a compaction frees is free for the next write.
        member.call("kv/put", {"key": text("tick"), "value": text("tock")})
        status = member.call("maintenance/status", {})
        if int(status["dbSize"]) - int(status["dbSizeInUse"]) > 3_000_000:
            return
        time.sleep(0.5)
    raise AssertionError(status)


def test_three_that_begin_together_are_one_etcd_and_all_of_them_vote(three: Members) -> None:
    names = {member.own["name"] for member in three}
    assert len(names) == 3
    for member in three:
        assert voters(member) == names
        assert member.members() == three[0].members()


def test_what_it_began_with_is_told_to_nobody_later(three: Members) -> None:
    assert [member.own["name"] for member in three if member.node.path(START).exists()] == []


def test_a_member_that_comes_back_with_its_data_is_the_one_that_it_was(three: Members) -> None:
    before = three[0].members()
    three[1].lose_power()
    three[1].run()
    assert three[0].members() == before
    assert known(three[1])


@pytest.mark.parametrize("ordinal", [1, 3])
def test_a_member_that_has_lost_its_disk_takes_its_old_place_and_votes_again(three: Members, ordinal: int) -> None:
    lost, other = three[ordinal - 1], three[1]
    before = other.members()
    lost.lose_disk()
    lost.run()
    after = other.members()
    name = lost.own["name"]
    # Another member under the old name: what the old one had promised is not held against it.
    assert after[name][0] != before[name][0]
    assert {n: m for n, m in after.items() if n != name} == {n: m for n, m in before.items() if n != name}
    assert voters(other) == set(after)
    assert known(lost)
    assert "joining as a learner, which has no vote until it has caught up" in lost.node.said("etcd")


def test_a_member_whose_data_is_spoilt_is_repaired_and_its_data_set_aside(three: Members) -> None:
    spoilt = three[2]
    spoilt.lose_power()
    for file in spoilt.node.path(spoilt.own["wal"]).glob("*.wal"):
        file.write_bytes(b"spoilt" * 1000)
    spoilt.run("repair")
    assert voters(three[0]) == {member.own["name"] for member in three}
    assert known(spoilt)
    assert any(spoilt.node.path("/var/lib/etcd/wal.broken").glob("*.wal"))
    assert spoilt.node.path("/var/lib/etcd/data.broken/member").is_dir()


def test_without_a_quorum_of_the_others_nothing_is_thrown_away(three: Members) -> None:
    spoilt, away = three[2], three[1]
    for member in (spoilt, away):
        member.lose_power()
    wal = sorted(spoilt.node.path(spoilt.own["wal"]).glob("*.wal"))
    kept = {file: file.read_bytes() for file in wal}
    for file in wal:
        file.write_bytes(b"spoilt" * 1000)
    try:
        with pytest.raises(spoilt.node.program.tools.NotYetError, match="nothing is thrown away"):
            spoilt.attempt("repair")
        assert sorted(spoilt.node.path(spoilt.own["wal"]).glob("*.wal")) == wal
    finally:
        for file, content in kept.items():
            file.write_bytes(content)
        together((spoilt, away))
    assert known(spoilt)


def test_one_with_a_blank_disk_begins_nothing_where_the_others_have_no_quorum(three: Members) -> None:
    lost, away, last = three
    away.lose_power()
    lost.lose_disk()
    try:
        with pytest.raises(lost.node.program.tools.NotYetError, match="etcd"):
            lost.attempt()
        assert not lost.node.path(lost.own["data"]).exists()
        assert known(last)
    finally:
        away.run()
        lost.run()
    assert voters(last) == {member.own["name"] for member in three}


def test_a_full_member_is_well_all_the_same(three: Members) -> None:
    # Else no full member would ever be through its boot.
    member = three[0]
    alarm = {"memberID": member.call("maintenance/status", {})["header"]["member_id"], "alarm": "NOSPACE"}
    member.call("maintenance/alarm", {"action": "ACTIVATE", **alarm})
    try:
        assert member.node.program.etcd_api.healthy(member.own["address"])
    finally:
        member.call("maintenance/alarm", {"action": "DEACTIVATE", **alarm})


def test_free_space_is_given_back_by_the_followers_first_and_by_the_leader_once_it_is_none(three: Members) -> None:
    for number in range(4):
        three[0].call("kv/put", {"key": text(f"large-{number}"), "value": text("x" * 1_000_000)})
    gone = three[0].call("kv/deleterange", {"key": text("large-"), "range_end": text("large.")})
    three[0].call("kv/compaction", {"revision": gone["header"]["revision"], "physical": True})
    for member in three:
        has_free_space(member)

    def step(member: Member) -> str:
        own = {**member.own, "defragment_above_mib": 1, "defragment_above_percent": 20}
        done: str = member.node.program.defragment.defragment(own)
        return done

    def leads(member: Member) -> bool:
        status = member.call("maintenance/status", {})
        return bool(status["leader"] == status["header"]["member_id"])

    (leader,) = [member for member in three if leads(member)]
    followers = [member for member in three if member is not leader]
    assert step(leader) == "the leader waits for its followers"
    for member in followers:
        assert "MiB before" in step(member)
    assert step(leader).startswith("handed its office over to ")
    assert not leads(leader)
    assert "MiB before" in step(leader)
    assert [int(m.call("maintenance/status", {})["dbSize"]) >> 20 for m in three] == [0, 0, 0]
    assert all(step(member).startswith("nothing to do") for member in three)
    assert known(leader)
