"""A private key and what goes with it, as files of a node."""

from cecf.pki.keys import KeyPair
from cecf.render.cloud_init import File

PRIVATE = "0600"


def pair_files(stem: str, pair: KeyPair, public: str = "crt") -> list[File]:
    """Return `<stem>.<public>`, which anybody may read, and `<stem>.key`, which root alone may."""
    return [
        File(path=f"{stem}.{public}", content=pair.certificate),
        File(path=f"{stem}.key", content=pair.key, permissions=PRIVATE),
    ]
