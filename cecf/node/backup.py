"""Takes snapshots of etcd into their store, and gets one back out of it.

usage: python3 -m cecf.node.backup take    (as cecf-etcd-backup.service does: not if another member has just done so)
       python3 -m cecf.node.backup now     (in any case)
       python3 -m cecf.node.backup list    (as JSON)

The store is a repository of restic: what is in it is encrypted and checksummed, and parts that do not change are kept
once. How to reach it is in /etc/cecf/backup.env.
"""

import json
import os
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cecf.node.etcd_api import KEYS
from cecf.node.tools import Facts, NotYetError, note, run

WORK = Path("/var/lib/etcd/snapshot")
"""On the data's own disk: it has room for a second copy, which the root disk may not have."""

FILE = "etcd.db"
ENVIRONMENT = Path("/etc/cecf/backup.env")
TAG = "cecf-etcd"

FRESH = 0.5
"""The part of the interval within which a snapshot counts as just taken."""


def take(facts: Facts, *, anyway: bool) -> str:
    """Take a snapshot and drop those that are too old; return what was done."""
    backup = facts["backup"]
    _open()
    newest = max((one["time"] for one in listed()), default="")
    young = (datetime.now(UTC) - timedelta(minutes=FRESH * backup["every_minutes"])).isoformat()
    if not anyway and newest > young:
        return f"there is one of {newest[:19]}, which is new enough"
    try:
        file = _saved(backup)
        state = _data(run("etcdutl", "snapshot", "status", str(file), "--write-out=json"))
        tags = f"{TAG},revision={state['revision']},keys={state['totalKey']}"
        said = run("restic", "backup", "--json", "--host", facts["cluster"], "--tag", tags, str(file))
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    keep = ("--keep-last", str(backup["keep_last"]), "--keep-within", f"{backup['keep_days']}d")
    run("restic", "forget", "--quiet", "--tag", TAG, "--group-by", "host", *keep, "--prune")
    snapshot = _data(said)["snapshot_id"]
    return (
        f"took {snapshot[:8]}: revision {state['revision']}, {state['totalKey']} keys, {state['totalSize'] >> 10} KiB"
    )


def listed() -> list[dict[str, Any]]:
    """Return the snapshots, the oldest first: id, time (RFC 3339, UTC), revision, keys."""
    found = _data(run("restic", "snapshots", "--json", "--tag", TAG)) or []
    return sorted((_told(one) for one in found), key=lambda one: one["time"])


def _told(snapshot: dict[str, Any]) -> dict[str, Any]:
    tags = dict(tag.partition("=")[::2] for tag in snapshot["tags"])
    return {
        "id": snapshot["short_id"],
        # Of Go's nanoseconds Python takes what it can hold.
        "time": datetime.fromisoformat(snapshot["time"]).astimezone(UTC).isoformat(),
        "revision": int(tags.get("revision", 0)),
        "keys": int(tags.get("keys", 0)),
    }


def _data(said: str) -> Any:
    """Return the last line of a program's output that is JSON: beside it, it tells of what it had to try again."""
    for line in reversed(said.splitlines()):
        if line.startswith(("{", "[", "null")):
            return json.loads(line)
    raise NotYetError(f"no data in what was said: {said.strip()[-200:]}")


def fetch(life: str) -> Path:
    """Get a snapshot out of the store: `<its id, or "latest">-<when that was decided>`; return its file."""
    _learn_the_way()
    wanted, _, _ = life.partition("-")
    shutil.rmtree(WORK, ignore_errors=True)
    run("restic", "restore", wanted, "--tag", TAG, "--target", str(WORK))
    (file,) = WORK.rglob(FILE)
    return file


def _learn_the_way() -> None:
    for line in ENVIRONMENT.read_text().splitlines():
        name, _, value = line.partition("=")
        os.environ[name] = value


def _open() -> None:
    """Make the repository if this is the first time; take away what a killed restic has locked."""
    run("restic", "unlock", "--quiet", check=False)
    try:
        run("restic", "cat", "config")
    except NotYetError:
        # Either there is none yet, or it cannot be reached; restic never makes one where there is one.
        run("restic", "init")
        note("backup", "made the store")


def _saved(backup: dict[str, Any]) -> Path:
    """Have the first endpoint that is well give a snapshot."""
    WORK.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = WORK / FILE
    key = KEYS / backup["credential"]
    credential = (f"--cacert={KEYS}/ca.crt", f"--cert={key}.crt", f"--key={key}.key")
    refused = NotYetError("there is no endpoint of etcd to ask")
    for endpoint in backup["endpoints"]:
        try:
            run("etcdctl", *credential, f"--endpoints={endpoint}", "snapshot", "save", str(file))
        except NotYetError as error:
            refused = error
        else:
            return file
    raise refused


def main(word: str, facts: Facts) -> None:
    """Do what was asked for."""
    _learn_the_way()
    if word == "list":
        _open()
        sys.stdout.write(f"\n{json.dumps(listed())}\n")
    else:
        note("backup", take(facts, anyway=word == "now"))


if __name__ == "__main__":
    from cecf.node.boot import read_facts

    try:
        main(sys.argv[1], read_facts())
    except NotYetError as error:
        note("backup", f"failed: {error}")
        sys.exit(1)
