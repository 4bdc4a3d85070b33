"""A member of etcd: begun with the others, joined to them, or left as it is; and repaired without a loss."""

from types import SimpleNamespace

import pytest

from tests.helpers.fake_etcd import FakeEtcd, listed
from tests.helpers.node_program import Machine

FIRST, SECOND, THIRD = "10.10.0.6", "10.10.0.7", "10.10.0.8"
NAMES = {FIRST: "dev-control-plane-1", SECOND: "dev-control-plane-2", THIRD: "dev-control-plane-3"}
START = "/var/lib/cecf/etcd.env"
EVERYBODY = ",".join(f"{name}=https://{address}:2380" for address, name in NAMES.items())
SERVICE = ("systemctl", "start", "--no-block", "etcd")


@pytest.fixture(autouse=True)
def disk(second: Machine) -> None:
    """Have the second server's volume mounted."""
    second.path("/var/lib/etcd").mkdir()


def data(node: Machine) -> None:
    """Have data on the member's disk."""
    node.put("/var/lib/etcd/data/member/snap/db", "data")
    node.put("/var/lib/etcd/wal/0.wal", "log")


def run(node: Machine) -> None:
    """Take the step."""
    node.program.etcd.run_member(node.facts)


def starts_with(node: Machine, etcd: FakeEtcd) -> dict[str, str]:
    """Take the step; return what etcd was told when it was started."""
    seen: dict[str, str] = {}
    start = node.commands.ends[SERVICE]

    def note(words: tuple[str, ...]) -> tuple[int, str, str]:
        text = node.path(START).read_text() if node.path(START).exists() else ""
        seen.update(dict(line.split("=", 1) for line in text.splitlines()))
        return start(words)

    node.commands.ends[SERVICE] = note
    run(node)
    assert etcd.own in etcd.answering
    return seen


NEW = {"ETCD_INITIAL_CLUSTER_STATE": "new", "ETCD_INITIAL_CLUSTER": EVERYBODY}


def test_where_nobody_answers_it_begins_with_the_others(second: Machine) -> None:
    assert starts_with(second, FakeEtcd(second)) == NEW
    assert second.said("etcd") == ["beginning with the others"]


def test_it_is_started_now_and_at_every_boot_and_waits_for_nobody_s_quorum(second: Machine) -> None:
    FakeEtcd(second)
    run(second)
    assert second.commands.log == [("systemctl", "enable", "etcd"), ("systemctl", "reset-failed", "etcd"), SERVICE]


def test_what_it_began_with_is_gone_once_it_is_well(second: Machine) -> None:
    FakeEtcd(second)
    run(second)
    assert not second.path(START).exists()


def test_the_last_of_those_who_begin_together_begins_with_them_too(second: Machine) -> None:
    # The others have their quorum without it; it is on their list, and has never started.
    members = [listed(FIRST, NAMES[FIRST]), listed(SECOND, NAMES[SECOND], serves=False), listed(THIRD, NAMES[THIRD])]
    etcd = FakeEtcd(second, members, answering={FIRST, THIRD})
    assert starts_with(second, etcd) == NEW
    assert etcd.changes() == []


@pytest.mark.parametrize("old", [True, False])
def test_beside_a_cluster_it_takes_its_predecessor_s_place_as_a_learner(second: Machine, *, old: bool) -> None:
    members = [listed(FIRST, NAMES[FIRST]), *([listed(SECOND, NAMES[SECOND])] if old else []), listed(THIRD, "other")]
    etcd = FakeEtcd(second, members, answering={FIRST, THIRD})
    assert starts_with(second, etcd) == {
        "ETCD_INITIAL_CLUSTER_STATE": "existing",
        # As the cluster has it, which is what etcd compares it with.
        "ETCD_INITIAL_CLUSTER": (
            f"{NAMES[FIRST]}=https://{FIRST}:2380,other=https://{THIRD}:2380,{NAMES[SECOND]}=https://{SECOND}:2380"
        ),
    }
    removal = [(FIRST, "cluster/member/remove", {"ID": f"id of {SECOND}"})] if old else []
    assert etcd.changes() == [
        *removal,
        (FIRST, "cluster/member/add", {"peerURLs": [f"https://{SECOND}:2380"], "isLearner": True}),
        (FIRST, "cluster/member/promote", {"ID": "id of the new one"}),
    ]


def test_what_an_attempt_has_left_that_did_not_come_to_its_end_is_replaced_too(second: Machine) -> None:
    # A learner that was added and has never started, and what it had begun to write.
    second.put("/var/lib/etcd/data/member/snap/db", "half")
    etcd = FakeEtcd(second, [listed(FIRST, NAMES[FIRST]), listed(SECOND, learns=True)], answering={FIRST})
    run(second)
    assert [verb for _, verb, _ in etcd.changes()] == [
        "cluster/member/remove",
        "cluster/member/add",
        "cluster/member/promote",
    ]
    assert not second.path("/var/lib/etcd/data").exists()


def test_beside_others_that_have_begun_and_have_no_quorum_it_waits(second: Machine) -> None:
    known = [listed(FIRST, NAMES[FIRST]), listed(THIRD, NAMES[THIRD])]
    etcd = FakeEtcd(second, begun={THIRD: known})
    second.put("/var/lib/etcd/data/member/snap/db", "half")
    with pytest.raises(second.program.tools.NotYetError, match="have begun and have no quorum"):
        run(second)
    assert (second.commands.log, etcd.changes()) == ([], [])
    assert not second.path(START).exists()
    assert second.path("/var/lib/etcd/data/member/snap/db").exists()


def test_others_that_are_only_beginning_are_no_reason_to_wait(second: Machine) -> None:
    known = [listed(address, name, serves=False) for address, name in NAMES.items()]
    assert starts_with(second, FakeEtcd(second, begun={FIRST: known})) == NEW


def test_a_change_that_the_others_refuse_is_told_and_nothing_is_started(second: Machine) -> None:
    etcd = FakeEtcd(second, [listed(FIRST, NAMES[FIRST]), listed(SECOND, NAMES[SECOND])], answering={FIRST})
    etcd.refusals["cluster/member/add"] = ["etcdserver: unhealthy cluster"]
    with pytest.raises(second.program.tools.NotYetError, match="refuses cluster/member/add: etcdserver: unhealthy"):
        run(second)
    assert second.commands.log == []
    run(second)
    assert [verb for _, verb, _ in etcd.changes()].count("cluster/member/remove") == 1


def test_with_data_the_list_of_members_stays_as_it_is(second: Machine) -> None:
    data(second)
    etcd = FakeEtcd(second, [listed(address, name) for address, name in NAMES.items()], answering={FIRST, THIRD})
    assert starts_with(second, etcd) == {}
    assert etcd.changes() == []
    assert second.path("/var/lib/etcd/data/member/snap/db").read_text() == "data"
    assert second.said("etcd") == []


def test_with_data_but_no_log_and_nobody_there_nothing_is_thrown_away(second: Machine) -> None:
    # As where the log got a volume of its own and there is no other member that has the data.
    kept = second.put("/var/lib/etcd/data/member/snap/db", "the only data")
    FakeEtcd(second)
    with pytest.raises(second.program.tools.NotYetError, match="nothing is thrown away"):
        run(second)
    assert kept.read_text() == "the only data"
    assert second.commands.log == []


def test_a_beginning_that_was_interrupted_is_gone_on_with(second: Machine) -> None:
    second.put("/var/lib/etcd/data/member/snap/db", "half")
    second.put(START, "ETCD_INITIAL_CLUSTER_STATE=new\n")
    assert starts_with(second, FakeEtcd(second)) == NEW


def test_a_learner_is_given_its_vote_as_soon_as_it_has_caught_up(second: Machine) -> None:
    data(second)
    mine = listed(SECOND, NAMES[SECOND], learns=True)
    etcd = FakeEtcd(second, [listed(FIRST, NAMES[FIRST]), mine], answering={FIRST})
    etcd.refusals["cluster/member/promote"] = ["etcdserver: can only promote a learner which is in sync"] * 3
    run(second)
    # Of the others: a learner does nothing of the kind.
    assert etcd.changes() == [(FIRST, "cluster/member/promote", {"ID": f"id of {SECOND}"})] * 4
    assert "waiting for this member to catch up and to be given a vote" in second.said("etcd")


def test_a_member_that_does_not_come_up_is_told(second: Machine) -> None:
    etcd = FakeEtcd(second, starts=False)
    with pytest.raises(second.program.tools.NotYetError, match="waited 600 s for this member to be well"):
        run(second)
    assert etcd.log == []
    # It may still have to begin.
    assert second.path(START).exists()


def test_its_disk_and_its_keys_are_its_own_user_s(second: Machine) -> None:
    FakeEtcd(second)
    run(second)
    assert second.owners == {
        "/var/lib/etcd": "etcd:etcd",
        **{f"/etc/cecf/etcd/{name}.key": "etcd:etcd" for name in ("client", "peer", "server")},
    }
    assert second.path("/var/lib/etcd").stat().st_mode & 0o777 == 0o700


# ------------------------------------------------------------------ when etcd has given up


def repair(node: Machine) -> None:
    """Do what the unit does when etcd has given up."""
    node.program.etcd.repair(node.facts)


def free(node: Machine, *shares: float) -> None:
    """Have so much of the disk be free, looked at again and again; the last one stays."""
    turns = list(shares)

    def look(_: object) -> SimpleNamespace:
        share = turns.pop(0) if len(turns) > 1 else turns[0]
        return SimpleNamespace(f_bavail=int(share * 1000), f_blocks=1000)

    node.program.etcd.os = SimpleNamespace(statvfs=look)


@pytest.fixture
def broken(second: Machine) -> FakeEtcd:
    """Have a member that does not start from its data, beside others that are well."""
    data(second)
    free(second, 0.5)
    return FakeEtcd(
        second, [listed(address, name) for address, name in NAMES.items()], answering={FIRST, THIRD}, starts=False
    )


def test_a_member_that_comes_up_again_is_left_alone(second: Machine, broken: FakeEtcd) -> None:
    broken.starts = True
    repair(second)
    assert broken.changes() == []
    assert second.commands.log == [("systemctl", "reset-failed", "etcd"), SERVICE]
    assert second.path("/var/lib/etcd/wal/0.wal").exists()


def test_a_full_disk_is_waited_for_and_nothing_on_it_is_touched(second: Machine, broken: FakeEtcd) -> None:
    broken.starts = True
    free(second, 0.0, 0.01, 0.01, 0.5)
    repair(second)
    assert second.said("etcd") == [f"waiting for space on {second.path('/var/lib/etcd')}, which is full"]
    assert second.path("/var/lib/etcd/wal/0.wal").exists()


def test_a_disk_that_stays_full_starts_nothing(second: Machine, broken: FakeEtcd) -> None:
    free(second, 0.0)
    with pytest.raises(second.program.tools.NotYetError, match="which is full"):
        repair(second)
    assert (second.commands.log, broken.changes()) == ([], [])


@pytest.mark.parametrize("well", [set(), {FIRST}, {THIRD}])
def test_where_the_others_have_no_quorum_nothing_is_thrown_away(
    second: Machine, broken: FakeEtcd, well: set[str]
) -> None:
    broken.answering = well
    with pytest.raises(second.program.tools.NotYetError, match="nothing is thrown away"):
        repair(second)
    assert second.path("/var/lib/etcd/data/member/snap/db").read_text() == "data"
    assert second.path("/var/lib/etcd/wal/0.wal").read_text() == "log"
    assert broken.changes() == []


def comes_up_without_data(node: Machine, etcd: FakeEtcd) -> None:
    """Have the member start once there is nothing left that it stumbles over."""
    start = node.commands.ends[SERVICE]

    def begin(words: tuple[str, ...]) -> tuple[int, str, str]:
        etcd.starts = not node.path("/var/lib/etcd/wal/0.wal").exists()
        return start(words)

    node.commands.ends[SERVICE] = begin


def test_where_they_have_one_the_data_is_set_aside_and_the_member_joins_anew(second: Machine, broken: FakeEtcd) -> None:
    comes_up_without_data(second, broken)
    repair(second)
    assert second.path("/var/lib/etcd/data.broken/member/snap/db").read_text() == "data"
    assert second.path("/var/lib/etcd/wal.broken/0.wal").read_text() == "log"
    assert [verb for _, verb, _ in broken.changes()] == [
        "cluster/member/remove",
        "cluster/member/add",
        "cluster/member/promote",
    ]


def test_what_was_set_aside_is_kept_while_joining_is_tried_again(second: Machine, broken: FakeEtcd) -> None:
    comes_up_without_data(second, broken)
    broken.refusals["cluster/member/add"] = ["etcdserver: unhealthy cluster"]
    with pytest.raises(second.program.tools.NotYetError, match="unhealthy cluster"):
        repair(second)
    # Nobody is to begin by what was true at its first boot.
    assert not second.path(START).exists()
    repair(second)
    assert second.path("/var/lib/etcd/wal.broken/0.wal").read_text() == "log"


def test_of_what_was_set_aside_the_last_is_kept(second: Machine, broken: FakeEtcd) -> None:
    second.put("/var/lib/etcd/wal.broken/9.wal", "of long ago")
    comes_up_without_data(second, broken)
    repair(second)
    assert [file.name for file in second.path("/var/lib/etcd/wal.broken").iterdir()] == ["0.wal"]


def test_one_that_takes_long_to_start_keeps_its_data(second: Machine, broken: FakeEtcd) -> None:
    second.commands.end("systemctl", "is-failed", "etcd", then=(1, "activating\n", ""))
    with pytest.raises(second.program.tools.NotYetError, match="may have much to read"):
        repair(second)
    assert second.path("/var/lib/etcd/wal/0.wal").exists()
    assert broken.changes() == []
