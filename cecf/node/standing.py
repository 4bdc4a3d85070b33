"""Tells how etcd's members stand, and whether this server holds the endpoint's address, as JSON.

usage: python3 -m cecf.node.standing NAME=ADDRESS...   (etcd's members)
"""

import json
import sys
from typing import Any

from cecf.node import etcd_api
from cecf.node.boot import read_facts
from cecf.node.tools import NotYetError, run


def standing(address: str) -> dict[str, Any]:
    """Return a member's place: leader, follower or learner; and what it holds. A member that is silent is `down`."""
    try:
        status = etcd_api.call([address], "maintenance/status", {}, 5)
    except NotYetError:
        return {"state": "down"}
    leads = status.get("leader") == status["header"]["member_id"]
    return {
        "state": "leader" if leads else "learner" if status.get("isLearner") else "follower",
        "version": status["version"],
        "db_bytes": int(status["dbSize"]),
        "in_use_bytes": int(status.get("dbSizeInUse", 0)),
        "revision": int(status["header"]["revision"]),
    }


if __name__ == "__main__":
    members = dict(argument.split("=") for argument in sys.argv[1:])
    virtual = read_facts()["endpoint"].rpartition(":")[0]
    told = {
        "members": {name: standing(address) for name, address in members.items()},
        "holds_endpoint": f" {virtual}/" in run("ip", "-o", "-4", "address", "show"),
    }
    sys.stdout.write(f"\n{json.dumps(told)}\n")
