"""The lab's passwords and keys: random, made once a lab, readable by its owner only."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from lab.openstack.shell import run
from lab.openstack.site import Site

_CA_PASSPHRASE = "LAB_CA_PASSPHRASE"  # noqa: S105 (the name of a variable)


@dataclass(frozen=True)
class Secrets:
    """Derives nothing: each name has its own random value, kept in one file."""

    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values[name]


def load_or_create(site: Site, names: tuple[str, ...]) -> Secrets:
    """Read the lab's secrets; make those that are not there yet."""
    path = site.state / "secrets.json"
    values: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    absent = [name for name in names if name not in values]
    if absent:
        # Thirty-two characters, as Heat takes its key at exactly that length.
        values |= {name: secrets.token_hex(16) for name in absent}
        write_private(path, json.dumps(values, indent=2) + "\n")
    return Secrets(values)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one move; nobody else may read it at any time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def fernet_key() -> str:
    """Return a key as Keystone and Barbican read it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def ensure_key_folder(folder: Path) -> None:
    """Make a Fernet key repository: 0 is the next key, 1 the one in use."""
    for name in ("0", "1"):
        if not (folder / name).exists():
            write_private(folder / name, fernet_key())


def ensure_authority(folder: Path, passphrase: str) -> None:
    """Make the CA that Octavia signs with; it insists on one even for amphorae that do not exist."""
    certificate = folder / "ca.pem"
    if certificate.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    request: list[str | Path] = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-days",
        "3650",
        "-subj",
        "/CN=lab octavia",
    ]
    output: list[str | Path] = [
        "-passout",
        f"env:{_CA_PASSPHRASE}",
        "-keyout",
        folder / "ca.key",
        "-out",
        folder / "ca.new",
    ]
    # By environment: everybody on the machine can read arguments.
    run([*request, *output], env=os.environ | {_CA_PASSPHRASE: passphrase})
    (folder / "ca.key").chmod(0o600)
    (folder / "ca.new").replace(certificate)
