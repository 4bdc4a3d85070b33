"""Gives back the space that this member's file has and its data does not need: followers first, the leader last.

usage: python3 -m cecf.node.defragment   (as cecf-etcd-defragment.timer does every hour)

A member answers nothing while it does this. So it does so only while all members are well, never as the leader, and
the leader hands its office over only when no follower has anything left to give back.
"""

import sys
from typing import Any

from cecf.node import etcd_api
from cecf.node.boot import read_facts
from cecf.node.tools import NotYetError, note

TIMEOUT = 300
"""Seconds: some GiB are copied."""


def defragment(own: dict[str, Any]) -> str:
    """Do what is to be done by this member now; return what that was."""
    status = {name: etcd_api.call([address], "maintenance/status", {}) for name, address in own["members"].items()}
    mine, others = status[own["name"]], {name: one for name, one in status.items() if name != own["name"]}
    if not all(one.get("leader") for one in status.values()):
        raise NotYetError("a member has no leader")
    if not _fragmented(own, mine):
        return f"nothing to do: {_free_percent(mine):.0f} % of {int(mine['dbSize']) >> 20} MiB are free"
    leads = mine["leader"] == mine["header"]["member_id"]
    if leads and others:
        if any(_fragmented(own, one) for one in others.values()):
            return "the leader waits for its followers"
        heir, its = max(others.items(), key=lambda item: int(item[1]["raftAppliedIndex"]))
        etcd_api.call([own["address"]], "maintenance/transfer-leadership", {"targetID": its["header"]["member_id"]})
        return f"handed its office over to {heir}"
    etcd_api.call([own["address"]], "maintenance/defragment", {}, TIMEOUT)
    after = etcd_api.call([own["address"]], "maintenance/status", {})
    return f"{int(mine['dbSize']) >> 20} MiB before, {int(after['dbSize']) >> 20} MiB after"


def _fragmented(own: dict[str, Any], status: dict[str, Any]) -> bool:
    large = int(status["dbSize"]) >= own["defragment_above_mib"] << 20
    return bool(large and _free_percent(status) > own["defragment_above_percent"])


def _free_percent(status: dict[str, Any]) -> float:
    size = int(status["dbSize"])
    return 100 * (size - int(status["dbSizeInUse"])) / size


if __name__ == "__main__":
    # To the journal alone: on the console, every hour of it would hide what the boot has said.
    try:
        note("defragment", defragment(read_facts()["etcd"]))
    except NotYetError as error:
        note("defragment", f"not now: {error}")
        sys.exit(1)
