"""Secrets of the API: their data is base64 and may be declared in plain text beside it."""

import base64
import binascii
from typing import Any

from lab.engine.kubernetes.kinds import Kind
from lab.engine.kubernetes.values import Object

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""An annotation that repeats a whole object."""


def is_secret(kind: Kind) -> bool:
    """Tell whether objects of a kind hold secrets."""
    return (kind.group, kind.name) == ("", "Secret")


def as_sent(kind: Kind, declaration: Object) -> Object:
    """Return a plain declaration as the API is told it: with one place for data, so that removing a key removes it."""
    if not is_secret(kind) or not isinstance(declaration.get("stringData"), dict):
        return declaration
    sent = {key: value for key, value in declaration.items() if key != "stringData"}
    sent["data"] = dict(declaration.get("data") or {})
    for key, text in declaration["stringData"].items():
        sent["data"][key] = base64.b64encode(text.encode()).decode() if isinstance(text, str) else text
    return sent


def as_declared(kind: Kind, sent: Object, declaration: Object) -> Object:
    """Undo `as_sent`: data of keys that were declared in plain text goes back to plain text."""
    texts = declaration.get("stringData")
    if not is_secret(kind) or not isinstance(texts, dict):
        return sent
    data = dict(sent.get("data") or {})
    back = {key: _text(data.pop(key)) for key in texts if key in data}
    declared = {key: value for key, value in sent.items() if key != "data"} | {"stringData": back}
    return declared | ({"data": data} if data or "data" in declaration else {})


def _text(encoded: Any) -> Any:
    try:
        return base64.b64decode(encoded).decode()
    except (binascii.Error, UnicodeDecodeError, TypeError):
        return encoded
