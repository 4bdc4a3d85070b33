"""The config drive: Nova's own documents, in a folder in place of a disk.

The kernel here mounts no ISO 9660, and cloud-init reads the same files from its seed folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_VERSION = "latest"


def write(folder: Path, documents: Iterable[tuple[str, bytes]]) -> None:
    """Write the documents of the newest version; nobody but root may read them."""
    for name, content in documents:
        path = folder / name
        if not _is_wanted(Path(name)):
            continue
        for parent in reversed([path.parent, *path.parent.parents]):
            if parent.is_relative_to(folder):
                parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)


def _is_wanted(name: Path) -> bool:
    return (
        not name.is_absolute()
        and ".." not in name.parts
        and name.parts[:2] in (("openstack", _VERSION), ("openstack", "content"))
    )
