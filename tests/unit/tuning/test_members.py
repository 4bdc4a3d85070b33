"""What etcd's members have to agree on."""

from dataclasses import replace

from cecf.tuning.members import LAG, Member, disagreements

MEMBERS = [
    Member(node=f"dev-control-plane-{number}", version="3.6.5", leader=7, revision=1478 + number, size=2981888)
    for number in (1, 2, 3)
]


def test_members_that_follow_one_leader_agree() -> None:
    assert disagreements(MEMBERS) == []
    assert disagreements([]) == []


def test_two_leaders_or_none_are_harmful() -> None:
    for leader in (8, 0):
        (found,) = disagreements([*MEMBERS[:2], replace(MEMBERS[2], leader=leader)])
        assert (found.id, found.scope, found.node, found.drift) == ("etcd.leader", "cluster", "", "harmful")
        assert found.running == {"dev-control-plane-1": 7, "dev-control-plane-2": 7, "dev-control-plane-3": leader}
    (found,) = disagreements([replace(member, leader=0) for member in MEMBERS])
    assert found.id == "etcd.leader"


def test_two_versions_are_harmful() -> None:
    (found,) = disagreements([*MEMBERS[:2], replace(MEMBERS[2], version="3.5.9")])
    assert (found.id, found.drift) == ("etcd.version", "harmful")


def test_a_member_that_is_far_behind_may_catch_up() -> None:
    behind = replace(MEMBERS[2], revision=MEMBERS[0].revision - LAG)
    assert disagreements([MEMBERS[0], behind]) == []
    (found,) = disagreements([MEMBERS[1], behind])
    assert (found.id, found.drift) == ("etcd.revision", "elastic")
