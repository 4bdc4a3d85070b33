"""Keeping secrets out of what is said: the API server's own words may repeat what it was sent."""

import base64
from typing import Any

from lab.engine.kubernetes.values import Secret, plain

MASK = "[secret]"
_SHORTEST = 4
"""Characters: masking shorter values would mask ordinary words."""


class Redactor:
    """Masks the secret values of one resource in any text."""

    def __init__(self, *values: Any) -> None:
        found: set[str] = set()
        for value in values:
            _collect(value, found, secret=False)
        forms = found | {base64.b64encode(each.encode()).decode() for each in found}
        forms |= {decoded for each in found if (decoded := _decoded(each))}
        # The longest first, so that no part of a secret is left beside the mask of another.
        self._forms = sorted((form for form in forms if len(form) >= _SHORTEST), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return the text with every secret masked."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text


def _collect(value: Any, found: set[str], *, secret: bool) -> None:
    if isinstance(value, Secret):
        _collect(plain(value), found, secret=True)
    elif isinstance(value, dict):
        is_secret_kind = value.get("kind") == "Secret"
        for key, each in value.items():
            _collect(each, found, secret=secret or (is_secret_kind and key in {"data", "stringData"}))
    elif isinstance(value, list):
        for each in value:
            _collect(each, found, secret=secret)
    elif secret and isinstance(value, str):
        found.add(value)
        found.update(line.strip() for line in value.splitlines())


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""
