"""Makes this server's member of etcd run: begun with the others, joined to them, or put in the place of a lost one.

usage: python3 -m cecf.node.etcd repair   (as cecf-etcd-repair.service does when etcd has given up)
"""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from cecf.node import backup, etcd_api
from cecf.node.tools import Facts, NotYetError, run, say, wait

START = Path("/var/lib/cecf/etcd.env")
"""What etcd is told only while it has no data: its fellow members, and whether they begin or are at work.

Gone once it is at work: with another disk one day, it must not begin by what was true then.
"""

FRESH = 600
"""Seconds that a member may take to begin or to catch up, before it is tried anew."""

FREE = 0.02
"""The part of the disk that has to be free, or no member can write its log."""


def run_member(facts: Facts) -> None:
    """See that the member runs, has caught up, and votes."""
    own = facts["etcd"]
    if _is_of_another_life(own):
        say("etcd", f"the data here is older than the snapshot {own['restore']} that all begin anew from: set aside")
        _set_aside(own, "before-restore")
    if not has_data(own):
        _make_ready(own)
    _restored_from(own).write_text(own["restore"] or "")
    _give_away(own)
    run("systemctl", "enable", "etcd")
    run("systemctl", "reset-failed", "etcd", check=False)
    # It tells systemd that it is there once there is a quorum; who waits for that may wait for this server.
    run("systemctl", "start", "--no-block", "etcd")
    wait("etcd", "this member to be well", lambda: etcd_api.healthy(own["address"]), FRESH)
    _promote(own)
    START.unlink(missing_ok=True)


def has_data(own: dict[str, Any]) -> bool:
    """Tell whether the member has been at work on this disk."""
    return (Path(own["data"]) / "member").is_dir() and any(Path(own["wal"]).glob("*.wal"))


def _make_ready(own: dict[str, Any]) -> None:
    """Find out whether to begin with the others or to join them, and prepare it."""
    others = _others(own)
    try:
        listed = etcd_api.members(others)
    except etcd_api.NobodyAnswersError:
        if etcd_api.in_service(others):
            raise NotYetError("the others have begun and have no quorum: nobody can let this member in") from None
        if (Path(own["data"]) / "member").is_dir() and not START.exists():
            # Its log is on another volume, or was: the data may be the last that there is.
            raise NotYetError("there is data, but no log of it, and nobody answers: nothing is thrown away") from None
        _begin(own)
        return
    mine = [member for member in listed if _peer_url(own) in member["peerURLs"]]
    if any(member.get("name") and not member.get("clientURLs") for member in mine):
        # Of those who begin together, and the last of them: the others have their quorum without it.
        _tell(own, "new", own["members"])
        return
    for member in mine:
        say("etcd", f"taking the member that this one replaces, {member['ID']}, off the list")
        etcd_api.call(others, "cluster/member/remove", {"ID": member["ID"]})
    say("etcd", "joining as a learner, which has no vote until it has caught up")
    joined = etcd_api.call(others, "cluster/member/add", {"peerURLs": [_peer_url(own)], "isLearner": True})
    known = {member["name"]: member["peerURLs"][0] for member in joined["members"] if member.get("name")}
    _write(own, "existing", {**known, own["name"]: _peer_url(own)})


def _begin(own: dict[str, Any]) -> None:
    """Begin empty with the others; or, from a snapshot, the first one alone, and the others join it."""
    if not own["restore"]:
        _tell(own, "new", own["members"])
        return
    if own["name"] != min(own["members"]):
        raise NotYetError("the first member has not begun from the snapshot yet")
    say("etcd", f"beginning from the snapshot {own['restore']}")
    _clear(own)
    run(
        *("etcdutl", "snapshot", "restore", str(backup.fetch(own["restore"]))),
        *(f"--name={own['name']}", f"--data-dir={own['data']}", f"--wal-dir={own['wal']}"),
        *(f"--initial-cluster={own['name']}={_peer_url(own)}", f"--initial-cluster-token={own['token']}"),
        f"--initial-advertise-peer-urls={_peer_url(own)}",
        # Nobody who has seen a later revision may take what comes for old: all watches begin anew.
        *("--bump-revision=1000000000", "--mark-compacted"),
    )
    shutil.rmtree(backup.WORK, ignore_errors=True)


def _restored_from(own: dict[str, Any]) -> Path:
    return Path(own["data"]).parent / "restored-from"


def _is_of_another_life(own: dict[str, Any]) -> bool:
    """Tell whether the data on the disk is from before the restore that this server was made for."""
    mark = _restored_from(own)
    return bool(own["restore"]) and has_data(own) and (not mark.exists() or mark.read_text() != own["restore"])


def _tell(own: dict[str, Any], state: str, members: dict[str, str]) -> None:
    say("etcd", "beginning with the others" if len(members) > 1 else "beginning alone")
    _write(own, state, {name: f"https://{address}:{etcd_api.PEER_PORT}" for name, address in members.items()})


def _write(own: dict[str, Any], state: str, urls: dict[str, str]) -> None:
    _clear(own)
    cluster = ",".join(f"{name}={url}" for name, url in urls.items())
    START.parent.mkdir(parents=True, exist_ok=True)
    START.write_text(f"ETCD_INITIAL_CLUSTER_STATE={state}\nETCD_INITIAL_CLUSTER={cluster}\n")


def _clear(own: dict[str, Any]) -> None:
    """Leave no half of a beginning that was interrupted."""
    for folder in (Path(own["data"]), Path(own["wal"])):
        shutil.rmtree(folder, ignore_errors=True)


def _give_away(own: dict[str, Any]) -> None:
    """Let etcd's user write to the disks and read the keys, and nobody else."""
    for folder in {Path(own["data"]).parent, Path(own["wal"]).parent}:
        folder.chmod(0o700)
        shutil.chown(folder, "etcd", "etcd")
    for part in (Path(own["data"]), Path(own["wal"])):
        # What was got out of a snapshot is the administrator's still.
        for path in (part, *part.rglob("*")) if part.exists() else ():
            shutil.chown(path, "etcd", "etcd")
    for key in etcd_api.KEYS.glob("*.key"):
        shutil.chown(key, "etcd", "etcd")


def _promote(own: dict[str, Any]) -> None:
    """Have the member vote as soon as it has caught up, if it does not yet."""

    def votes() -> bool:
        try:
            # It tells of itself alone; the rest is for the others, since a learner does nothing else.
            me = etcd_api.call([own["address"]], "maintenance/status", {})
            if me.get("isLearner"):
                etcd_api.call(_others(own), "cluster/member/promote", {"ID": me["header"]["member_id"]})
        except NotYetError:
            return False
        # The others know of its vote before it does, and until then it answers nobody.
        return not me.get("isLearner")

    wait("etcd", "this member to catch up and to be given a vote", votes, FRESH)


def _others(own: dict[str, Any]) -> list[str]:
    return [address for name, address in own["members"].items() if name != own["name"]]


def _peer_url(own: dict[str, Any]) -> str:
    return f"https://{own['address']}:{etcd_api.PEER_PORT}"


# ------------------------------------------------------------------ when etcd has given up


def repair(facts: Facts) -> None:
    """Bring back a member that does not start any more.

    A full disk is waited for. Data that it cannot start from is set aside, and the member joins anew: only when the
    others have a quorum without it, for then they have everything that was ever acknowledged.
    """
    own = facts["etcd"]
    disk = Path(own["wal"]).parent
    wait("etcd", f"space on {disk}, which is full", lambda: _free(disk) > FREE)
    run("systemctl", "reset-failed", "etcd", check=False)
    if has_data(own) and _comes_up(own):
        return
    quorum = len(own["members"]) // 2 + 1
    if sum(etcd_api.healthy(address) for address in _others(own)) < quorum:
        raise NotYetError("etcd does not start, and the others have no quorum without it: nothing is thrown away")
    run("systemctl", "stop", "etcd", check=False)
    _set_aside(own, "broken")
    say("etcd", "the data cannot be started from: it is set aside, and the member joins anew")
    run_member(facts)


def _comes_up(own: dict[str, Any]) -> bool:
    """Start it; tell whether it is well, once that is so or systemd has given it up again."""
    run("systemctl", "start", "--no-block", "etcd")
    end = time.monotonic() + FRESH
    while time.monotonic() < end:
        if etcd_api.healthy(own["address"]):
            return True
        if run("systemctl", "is-failed", "etcd", check=False).strip() == "failed":
            return False
        time.sleep(2)
    raise NotYetError("etcd is neither well nor given up: it may have much to read")


def _free(folder: Path) -> float:
    disk = os.statvfs(folder)
    return disk.f_bavail / max(1, disk.f_blocks)


def _set_aside(own: dict[str, Any], name: str) -> None:
    """Keep data that is of no use any more for somebody to look at; one copy, since the disk has to hold it."""
    START.unlink(missing_ok=True)
    if not has_data(own):
        return
    for folder in (Path(own["data"]), Path(own["wal"])):
        if folder.exists():
            aside = folder.with_name(f"{folder.name}.{name}")
            shutil.rmtree(aside, ignore_errors=True)
            folder.rename(aside)


if __name__ == "__main__":
    from cecf.node.boot import read_facts

    try:
        {"repair": repair}[sys.argv[1]](read_facts())
    except NotYetError as error:
        say("etcd", f"failed: {error}")
        sys.exit(1)
