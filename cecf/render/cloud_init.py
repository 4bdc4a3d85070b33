"""cloud-init's user data: the MIME message, its encoding, and Nova's limit."""

import base64
from dataclasses import dataclass
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import Any

import yaml
from zopfli.gzip import compress

USER_DATA_LIMIT = 65_535
"""Bytes of base64 that Nova takes; one more is refused with 400."""

_BOUNDARY = "==cecf=="
"""Fixed: a random one would change the user data, and so replace the server, at each run."""


class UserDataTooLongError(ValueError):
    """The user data does not fit into a server, even compressed."""


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that cloud-init writes before anything runs."""

    path: str
    content: str
    permissions: str = "0644"


def cloud_config(config: dict[str, Any], files: list[File]) -> str:
    """Return a `#cloud-config` document that writes `files` and does what `config` says."""
    written = [{"path": f.path, "permissions": f.permissions, "content": f.content} for f in files]
    document = {**config, "write_files": written}
    return "#cloud-config\n" + yaml.dump(document, Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=1000)


def message(document: str) -> bytes:
    """Return the MIME message that carries a `#cloud-config` document."""
    multipart = MIMEMultipart(boundary=_BOUNDARY)
    part = MIMEText(document, "cloud-config", "utf-8")
    # Plain text instead of base64: it stays readable in `openstack server show`, and shorter.
    del part["Content-Transfer-Encoding"]
    part["Content-Transfer-Encoding"] = "8bit"
    part.set_payload(document.encode())
    multipart.attach(part)
    return multipart.as_bytes()


def encoded(raw: bytes) -> str:
    """Return user data as Nova takes it, in base64, compressed only where it would be too long.

    By zopfli, which is pinned: the bytes of a zlib depend on the machine, and other bytes replace a server.
    Raises `UserDataTooLongError` above `USER_DATA_LIMIT`.
    """
    plain = base64.b64encode(raw).decode("ascii")
    if len(plain) <= USER_DATA_LIMIT:
        return plain
    compressed = base64.b64encode(compress(raw)).decode("ascii")
    if len(compressed) <= USER_DATA_LIMIT:
        return compressed
    raise UserDataTooLongError(
        f"the user data has {len(compressed)} bytes, compressed and in base64; Nova takes {USER_DATA_LIMIT}"
    )


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that a reviewer can read a file inside the document."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
