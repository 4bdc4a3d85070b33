"""An etcd that says what a test wants, in place of the requests of a node's program."""

import io
import json
import urllib.error
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.helpers.node_program import WELL, Done, Machine

Asked = tuple[str, str, dict[str, Any]]
"""Who was asked, for what, with what."""

PEER_PORT = 2380


def listed(address: str, name: str = "", *, serves: bool = True, learns: bool = False) -> dict[str, Any]:
    """Return a member as etcd lists it; one that has never started has no name, or serves nobody."""
    member: dict[str, Any] = {"ID": f"id of {address}", "peerURLs": [f"https://{address}:2380"]}
    if name:
        member["name"] = name
    if name and serves:
        member["clientURLs"] = [f"https://{address}:2379"]
    return {**member, "isLearner": True} if learns else member


@dataclass
class FakeEtcd:
    """An etcd as seen from a node; its own member answers once it is started."""

    node: Machine
    members: list[dict[str, Any]] = field(default_factory=list)
    answering: set[str] = field(default_factory=set)
    """Addresses at which members serve clients."""
    begun: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What members that serve no clients tell each other, by address."""
    refusals: dict[str, list[str]] = field(default_factory=dict)
    """What etcd has against a request, in turn; then it does it."""
    starts: bool = True
    """Whether the node's own member comes up."""
    log: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.node.program.etcd_api._request = self._request
        self.node.commands.ends[("systemctl", "start", "--no-block", "etcd")] = self._start
        self.node.commands.end("systemctl", "is-failed", "etcd", then=(0, "failed\n", ""))

    @property
    def own(self) -> str:
        """The address of the node's own member."""
        return str(self.node.facts["etcd"]["address"])

    def changes(self) -> list[Asked]:
        """Return what was asked that changes something."""
        return [asked for asked in self.log if asked[1] not in ("cluster/member/list", "maintenance/status")]

    def _start(self, _: object) -> Done:
        if self.starts:
            self.answering.add(self.own)
        return WELL

    def _request(self, url: str, body: bytes | None, _timeout: float) -> bytes:
        parts = urlsplit(url)
        address = str(parts.hostname)
        if parts.port == PEER_PORT and address in self.begun:
            return json.dumps(self.begun[address]).encode()
        if parts.port == PEER_PORT or address not in self.answering:
            raise ConnectionRefusedError(address)
        if parts.path == "/health":
            return b'{"health": "true"}'
        verb, request = parts.path.removeprefix("/v3/"), json.loads(body or b"{}")
        self.log.append((address, verb, request))
        if self.refusals.get(verb):
            said = json.dumps({"message": self.refusals[verb].pop(0)}).encode()
            raise urllib.error.HTTPError(url, 503, "", {}, io.BytesIO(said))  # type: ignore[arg-type]
        return json.dumps(self._done(address, verb, request)).encode()

    def _done(self, address: str, verb: str, request: dict[str, Any]) -> dict[str, Any]:
        if verb == "cluster/member/add":
            self.members.append({"ID": "id of the new one", **request})
        if verb == "cluster/member/remove":
            self.members = [member for member in self.members if member["ID"] != request["ID"]]
        if verb == "cluster/member/promote":
            for member in self.members:
                member["isLearner"] = False
        if verb == "maintenance/status":
            (me,) = [m for m in self.members if m["peerURLs"] == [f"https://{address}:2380"]] or [{"ID": "alone"}]
            return {"header": {"member_id": me["ID"]}, **({"isLearner": True} if me.get("isLearner") else {})}
        return {"members": self.members}
