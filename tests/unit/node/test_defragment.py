"""Space is given back by one member at a time, the leader last, and only while everybody is well."""

from typing import Any

import pytest

from tests.helpers.node_program import Machine

FIRST, SECOND, THIRD = "10.10.0.6", "10.10.0.7", "10.10.0.8"
MIB = 1 << 20

Status = dict[str, Any]


def status(address: str, *, size: int = 200, used: int = 190, leader: str = FIRST, applied: int = 5) -> Status:
    """Return what a member says of itself: MiB of its file, and of its data."""
    header = {"member_id": f"id of {address}"}
    known = {"leader": f"id of {leader}"} if leader else {}
    return {
        "header": header,
        "dbSize": str(size * MIB),
        "dbSizeInUse": str(used * MIB),
        "raftAppliedIndex": str(applied),
        **known,
    }


class Etcd:
    """Three members that say what a test wants; the node is the second."""

    def __init__(self, node: Machine, *members: Status) -> None:
        self.node = node
        self.said = dict(zip((FIRST, SECOND, THIRD), members, strict=True))
        self.done: list[tuple[str, str, dict[str, Any]]] = []
        node.program.etcd_api.call = self.call

    def call(self, addresses: list[str], verb: str, request: dict[str, Any], _timeout: float = 10) -> Status:
        """Do what a request to one member does."""
        (address,) = addresses
        if verb == "maintenance/status":
            if not self.said[address]:
                raise self.node.program.etcd_api.NobodyAnswersError("no member of etcd answers")
            return self.said[address]
        self.done.append((address, verb, request))
        if verb == "maintenance/defragment":
            self.said[address] = {**self.said[address], "dbSize": self.said[address]["dbSizeInUse"]}
        return {}

    def run(self) -> str:
        """Do what the unit does every hour."""
        text: str = self.node.program.defragment.defragment(self.node.facts["etcd"])
        return text


FREE: dict[str, Any] = {"size": 200, "used": 50}
"""Three quarters are free."""


def test_a_follower_gives_back_what_its_data_does_not_need(second: Machine) -> None:
    etcd = Etcd(second, status(FIRST), status(SECOND, **FREE), status(THIRD))
    assert etcd.run() == "200 MiB before, 50 MiB after"
    assert etcd.done == [(SECOND, "maintenance/defragment", {})]


@pytest.mark.parametrize(
    ("size", "used", "does"),
    [(200, 109, True), (200, 110, False), (200, 190, False), (100, 54, True), (99, 1, False)],
)
def test_it_is_done_above_both_bounds_only(second: Machine, size: int, used: int, *, does: bool) -> None:
    etcd = Etcd(second, status(FIRST), status(SECOND, size=size, used=used), status(THIRD))
    said = etcd.run()
    assert bool(etcd.done) is does
    assert does or said.startswith("nothing to do")


def test_the_bounds_are_the_settings(second: Machine) -> None:
    etcd = Etcd(second, status(FIRST), status(SECOND, **FREE), status(THIRD))
    own = {**second.facts["etcd"], "defragment_above_percent": 75}
    assert "75 % of 200 MiB are free" in second.program.defragment.defragment(own)
    second.program.defragment.defragment({**own, "defragment_above_percent": 74})
    assert etcd.done


@pytest.mark.parametrize("other", [FIRST, THIRD])
def test_a_leader_waits_for_every_follower(second: Machine, other: str) -> None:
    said = [status(a, leader=SECOND, **(FREE if a in (SECOND, other) else {})) for a in (FIRST, SECOND, THIRD)]
    etcd = Etcd(second, *said)
    assert etcd.run() == "the leader waits for its followers"
    assert etcd.done == []


def test_a_leader_hands_its_office_over_to_the_one_that_has_most_and_does_nothing_else(second: Machine) -> None:
    etcd = Etcd(
        second,
        status(FIRST, leader=SECOND, applied=9),
        status(SECOND, leader=SECOND, **FREE),
        # By number: "10" comes after "9".
        status(THIRD, leader=SECOND, applied=10),
    )
    assert etcd.run() == "handed its office over to dev-control-plane-3"
    assert etcd.done == [(SECOND, "maintenance/transfer-leadership", {"targetID": f"id of {THIRD}"})]


def test_a_single_member_has_nobody_to_hand_it_to(second: Machine) -> None:
    etcd = Etcd(second, {}, status(SECOND, leader=SECOND, **FREE), {})
    own = {**second.facts["etcd"], "members": {"dev-control-plane-2": SECOND}}
    assert second.program.defragment.defragment(own) == "200 MiB before, 50 MiB after"
    assert etcd.done == [(SECOND, "maintenance/defragment", {})]


@pytest.mark.parametrize("away", [FIRST, THIRD])
def test_while_a_member_is_away_nothing_is_done(second: Machine, away: str) -> None:
    etcd = Etcd(second, *(status(a, leader=SECOND, **FREE) if a != away else {} for a in (FIRST, SECOND, THIRD)))
    with pytest.raises(second.program.tools.NotYetError, match="no member of etcd answers"):
        etcd.run()
    assert etcd.done == []


def test_while_a_member_has_no_leader_nothing_is_done(second: Machine) -> None:
    etcd = Etcd(second, status(FIRST, leader=""), status(SECOND, leader="", **FREE), status(THIRD, leader=""))
    with pytest.raises(second.program.tools.NotYetError, match="no leader"):
        etcd.run()
    assert etcd.done == []
