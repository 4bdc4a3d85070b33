"""Takes secrets out of what is shown: a last net below the engine's own masking, for words of clouds and providers."""

import os
import re
from collections.abc import Iterable

MASK = "[secret]"

_SHORTEST = 8
"""Characters. A shorter word may stand in any text; as a secret it protects nothing anyhow."""

_VARIABLES = re.compile(r"(PASSPHRASE|PASSWORD|SECRET|TOKEN|SECRET_KEY|ACCESS_KEY)$")
"""How the names of environment variables end that hold a secret."""

_CREDENTIALS = frozenset({"password", "application_credential_secret", "token", "passcode"})
"""Keys of clouds.yaml that hold a secret."""

_SHAPES = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    # A bootstrap token of Kubernetes.
    re.compile(r"\b[a-z0-9]{6}\.[a-z0-9]{16}\b"),
    # Keystone's Fernet tokens, and what stands behind `Bearer`.
    re.compile(r"\bgAAAAA[A-Za-z0-9_-]{40,}=*"),
    re.compile(r"(?<=Bearer )[A-Za-z0-9._~+/-]{8,}=*"),
)
"""What is a secret by its form."""


def redact(text: str) -> str:
    """Return a text without secrets: this process's own, and what has the form of one."""
    for word in _known():
        text = text.replace(word, MASK)
    for shape in _SHAPES:
        text = shape.sub(MASK, text)
    return text


def _known() -> tuple[str, ...]:
    """Return the secrets that this process was given, the longest first: one may be a part of another."""
    given = {value for name, value in os.environ.items() if _VARIABLES.search(name)}
    return tuple(sorted((word for word in given | set(_of_clouds()) if len(word) >= _SHORTEST), key=len, reverse=True))


def _of_clouds() -> Iterable[str]:
    from openstack.config import OpenStackConfig  # noqa: PLC0415 (most runs have nothing to take out)
    from openstack.exceptions import ConfigException  # noqa: PLC0415

    try:
        clouds = OpenStackConfig().cloud_config.get("clouds") or {}
    except ConfigException:
        return
    for entry in clouds.values():
        auth = (entry or {}).get("auth") or {}
        yield from (str(value) for key, value in auth.items() if key in _CREDENTIALS)
