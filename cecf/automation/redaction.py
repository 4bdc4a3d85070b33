"""Takes secrets out of what a provider or a policy has said, before it is published.

The engine masks what it knows for a secret, and a report holds no values. This is for the rest: an error message that
repeats a credential of the pipeline, or a key.
"""

import re
from collections.abc import Callable, Mapping

_NAMES = re.compile(r".*(TOKEN|SECRET|PASSWORD|PASSPHRASE|ACCESS_KEY|API_KEY|PRIVATE_KEY)", re.IGNORECASE)
"""Of variables that hold secrets; the name ends so."""

_SHORTEST = 6
"""Characters. A shorter value is a word as likely as a secret: replacing it would garble the report."""

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)

MASK = "[secret]"
"""As the engine writes it."""


def redaction(environment: Mapping[str, str]) -> Callable[[str], str]:
    """Return what takes the environment's secrets, and private keys, out of a text."""
    secrets = {value for name, value in environment.items() if _NAMES.fullmatch(name) and len(value) >= _SHORTEST}
    # The longest first: a secret may be part of another one.
    known = re.compile("|".join(map(re.escape, sorted(secrets, key=len, reverse=True))) or r"(?!)")

    def redact(text: str) -> str:
        return known.sub(MASK, _PRIVATE_KEY.sub(MASK, text))

    return redact
