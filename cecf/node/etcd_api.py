"""Requests to members of etcd, by their JSON gateway; as a member, which is trusted as every client is."""

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cecf.node.tools import NotYetError

KEYS = Path("/etc/cecf/etcd")
CLIENT_PORT = 2379
PEER_PORT = 2380

TIMEOUT = 10
"""Seconds for an answer; a defragmentation has its own."""


class NobodyAnswersError(NotYetError):
    """No member of those asked answers."""


def call(addresses: Iterable[str], verb: str, request: dict[str, Any], timeout: float = TIMEOUT) -> dict[str, Any]:
    """Have the first member that answers do something: `cluster/member/list`, `maintenance/status`.

    Raises `NobodyAnswersError`, or `NotYetError` with what the member has against it.
    """
    for address in addresses:
        try:
            return _send(f"https://{address}:{CLIENT_PORT}/v3/{verb}", json.dumps(request).encode(), timeout)
        except urllib.error.HTTPError as error:
            raise NotYetError(f"etcd refuses {verb}: {_words(error)}") from None
        except (OSError, http.client.HTTPException, ValueError):
            continue
    raise NobodyAnswersError("no member of etcd answers")


def members(addresses: Iterable[str]) -> list[dict[str, Any]]:
    """Return the list of members as the first one has it that answers: ID, name, peerURLs, clientURLs, isLearner."""
    return list(call(addresses, "cluster/member/list", {})["members"])


def healthy(address: str) -> bool:
    """Tell whether a member serves what it has, be it full."""
    path = "health?serializable=true&exclude=NOSPACE"
    try:
        return _send(f"https://{address}:{CLIENT_PORT}/{path}", None, 5).get("health") == "true"
    except (OSError, http.client.HTTPException, ValueError):
        return False


def in_service(addresses: Iterable[str]) -> bool:
    """Tell whether members that serve no clients (yet, or for lack of a quorum) say that their etcd has begun.

    Raises `ValueError` for an answer that is none: it is no reason to begin another.
    """
    for address in addresses:
        try:
            known = _request(f"https://{address}:{PEER_PORT}/members", None, 5)
        except (OSError, http.client.HTTPException, ValueError):
            continue
        if any(member.get("clientURLs") for member in json.loads(known) or ()):
            return True
    return False


def _send(url: str, body: bytes | None, timeout: float) -> dict[str, Any]:
    return dict(json.loads(_request(url, body, timeout)))


def _request(url: str, body: bytes | None, timeout: float) -> bytes:
    context = ssl.create_default_context(cafile=str(KEYS / "ca.crt"))
    context.load_cert_chain(KEYS / "peer.crt", KEYS / "peer.key")
    with urllib.request.urlopen(url, body, timeout=timeout, context=context) as answer:  # noqa: S310 (https)
        return bytes(answer.read())


def _words(error: urllib.error.HTTPError) -> str:
    said = error.read()[:500].decode(errors="replace")
    try:
        return str(json.loads(said)["message"])
    except (ValueError, LookupError, TypeError):
        return said.strip()[:200]
