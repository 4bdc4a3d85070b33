"""Image archives are what the specification says, and equal for equal contents."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from lab.kubernetes.oci import Entry, Image

FILES = {
    "usr/bin/tool": Entry(b"#!/bin/sh\n"),
    "usr/bin/alias": Entry(target="tool"),
    "etc/tool.conf": Entry(b"a=b\n", 0o644),
}


def unpack(archive: bytes) -> dict[str, bytes]:
    """Return the files of an archive."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}  # type: ignore[union-attr]


def blob(files: dict[str, bytes], descriptor: dict[str, Any]) -> bytes:
    """Return what a descriptor points to, after a look at its size and digest."""
    content = files[f"blobs/{descriptor['digest'].replace(':', '/')}"]
    assert len(content) == descriptor["size"]
    assert descriptor["digest"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    return content


@pytest.fixture
def image() -> Image:
    """Return a small image."""
    return Image("cecf.local/tool:v1", FILES, "/usr/bin/tool", user="65534")


def test_an_archive_leads_from_its_name_to_its_files(image: Image) -> None:
    files = unpack(image.archive("amd64"))
    assert json.loads(files["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    (entry,) = json.loads(files["index.json"])["manifests"]
    assert entry["annotations"] == {
        "io.containerd.image.name": "cecf.local/tool:v1",
        "org.opencontainers.image.ref.name": "v1",
    }
    manifest = json.loads(blob(files, entry))
    config = json.loads(blob(files, manifest["config"]))
    (layer,) = (blob(files, each) for each in manifest["layers"])
    assert (config["architecture"], config["os"]) == ("amd64", "linux")
    assert config["config"]["Entrypoint"] == ["/usr/bin/tool"]
    assert config["config"]["User"] == "65534"
    assert config["rootfs"] == {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}
    assert {name for name in files if name.startswith("blobs/")} == {
        f"blobs/{each['digest'].replace(':', '/')}" for each in (entry, manifest["config"], *manifest["layers"])
    }


def test_a_layer_holds_files_links_and_the_folders_that_they_need(image: Image) -> None:
    files = unpack(image.archive("amd64"))
    (entry,) = json.loads(files["index.json"])["manifests"]
    layer = blob(files, json.loads(blob(files, entry))["layers"][0])
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        members = {member.name: member for member in tar}
    assert list(members) == sorted(members)
    assert members["usr"].isdir()
    assert members["tmp"].mode == 0o1777
    assert members["usr/bin/alias"].linkname == "tool"
    assert (members["usr/bin/tool"].mode, members["etc/tool.conf"].mode) == (0o755, 0o644)
    assert {(member.uid, member.gid, member.mtime) for member in members.values()} == {(0, 0, 0)}


def test_an_archive_depends_on_contents_only(image: Image, tmp_path: Path) -> None:
    file = tmp_path / "tool"
    file.write_bytes(b"#!/bin/sh\n")
    turned = {"usr/bin/tool": Entry(file), **{path: FILES[path] for path in reversed(FILES) if path != "usr/bin/tool"}}
    again = Image(image.reference, turned, image.entrypoint, image.user)
    assert again.archive("amd64") == image.archive("amd64")
    assert Image(image.reference, FILES, image.entrypoint).archive("amd64") != image.archive("amd64")
