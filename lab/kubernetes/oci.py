"""Container images as files: OCI archives made without a daemon, equal bytes for equal contents."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

_MEDIA = "application/vnd.oci.image"
_FOLDER_MODE = 0o755
_SHARED_FOLDER_MODE = 0o1777
_SEARCH_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an image, or, with a target, a symbolic link."""

    content: bytes | Path = b""
    mode: int = 0o755
    target: str = ""

    def read(self) -> bytes:
        """Return what the file holds."""
        return self.content.read_bytes() if isinstance(self.content, Path) else self.content


Tree: TypeAlias = Mapping[str, Entry]
"""The files of an image by their paths, without a slash in front; folders follow from them."""


@dataclass(frozen=True, slots=True)
class Image:
    """A container image: its full name, its files, and what runs in it by default."""

    reference: str
    files: Tree
    entrypoint: str
    user: str = ""

    def archive(self, architecture: str) -> bytes:
        """Return the image as an OCI archive, which ``ctr images import`` takes."""
        layer = _layer(self.files)
        config = _json(self._config(architecture, _digest(layer)))
        manifest = _json(
            {
                "schemaVersion": 2,
                "mediaType": f"{_MEDIA}.manifest.v1+json",
                "config": _descriptor(f"{_MEDIA}.config.v1+json", config),
                "layers": [_descriptor(f"{_MEDIA}.layer.v1.tar", layer)],
            }
        )
        index = _json({"schemaVersion": 2, "manifests": [self._index_entry(manifest)]})
        blobs = {f"blobs/sha256/{hashlib.sha256(blob).hexdigest()}": blob for blob in (config, manifest, layer)}
        return _tar(
            {
                "oci-layout": Entry(_json({"imageLayoutVersion": "1.0.0"}), 0o644),
                "index.json": Entry(index, 0o644),
                **{path: Entry(blob, 0o644) for path, blob in blobs.items()},
            }
        )

    def _config(self, architecture: str, layer: str) -> dict[str, Any]:
        run: dict[str, Any] = {"Env": [_SEARCH_PATH], "WorkingDir": "/", "Entrypoint": [self.entrypoint]}
        if self.user:
            run["User"] = self.user
        return {
            "architecture": architecture,
            "os": "linux",
            "config": run,
            "rootfs": {"type": "layers", "diff_ids": [layer]},
        }

    def _index_entry(self, manifest: bytes) -> dict[str, Any]:
        """Name the image in the words of containerd and in those of the specification."""
        names = {
            "io.containerd.image.name": self.reference,
            "org.opencontainers.image.ref.name": self.reference.rpartition(":")[2],
        }
        return {**_descriptor(f"{_MEDIA}.manifest.v1+json", manifest), "annotations": names}


def _descriptor(media_type: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": _digest(blob), "size": len(blob)}


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _layer(files: Tree) -> bytes:
    """Return the files as a root file system, with the folders that a runtime and programs expect."""
    return _tar(files, folders={"tmp", "run", "var", "etc", "proc", "sys", "dev"})


def _tar(files: Tree, folders: AbstractSet[str] = frozenset()) -> bytes:
    """Pack files with folders before what is in them, all of root's and of no time."""
    needed = folders | {folder for path in files for folder in _parents(path)}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for path in sorted(needed | files.keys()):
            _add(tar, path, files.get(path))
    return buffer.getvalue()


def _parents(path: str) -> Iterator[str]:
    return (str(folder) for folder in PurePosixPath(path).parents if folder.name)


def _add(tar: tarfile.TarFile, path: str, entry: Entry | None) -> None:
    member = tarfile.TarInfo(path)
    if entry is None:
        member.type = tarfile.DIRTYPE
        member.mode = _SHARED_FOLDER_MODE if path == "tmp" else _FOLDER_MODE
        tar.addfile(member)
    elif entry.target:
        member.type, member.linkname, member.mode = tarfile.SYMTYPE, entry.target, 0o777
        tar.addfile(member)
    else:
        content = entry.read()
        member.size, member.mode = len(content), entry.mode
        tar.addfile(member, io.BytesIO(content))
