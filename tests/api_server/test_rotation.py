"""A new key for Secrets comes in three steps, and in each of them every API server reads what the others write."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from cecf.pki.keys import encryption_key_name
from cecf.pki.make import make_encryption_key
from cecf.render.api_server import encryption_config
from tests.api_server.conftest import ApiServer, running
from tests.helpers import clusters
from tests.kubernetes_plugin.control_plane import ControlPlane, another_api_server


@contextmanager
def with_keys(first: ApiServer, folder: Path, *keys: str) -> Iterator[ControlPlane]:
    """Start another API server of the cluster, with these keys."""
    config = folder / "encryption.yaml"
    config.write_text(yaml.safe_dump(encryption_config(replace(clusters.pki(), encryption_keys=keys))))
    changes = {"encryption-provider-config": str(config), "audit-log-path": str(folder / "audit.log")}
    with another_api_server(first.plane, folder, changes) as other:
        yield other


def create(plane: ControlPlane, name: str) -> None:
    """Create a Secret."""
    document = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"password": name}}
    plane.kubectl("create", "-f", "-", stdin=json.dumps(document))


def key_of(server: ApiServer, name: str) -> str:
    """Return the name of the key with which etcd holds a Secret."""
    return server.stored(f"/registry/secrets/default/{name}").split(b":")[4].decode()


def test_a_rotation_loses_nothing_on_its_way(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    (old,) = clusters.pki().encryption_keys
    new = make_encryption_key()
    # Not the server that others share: in the end it has not the key any more.
    with running(tmp_path_factory.mktemp("rotation")) as first:
        create(first.plane, "first")
        with with_keys(first, tmp_path, old, new) as second:
            create(second, "second")
            assert key_of(first, "second") == key_of(first, "first") == encryption_key_name(old)
            first.plane.get("secret", "second")  # which has the old key alone
        with with_keys(first, tmp_path, new, old) as third:
            create(third, "third")
            assert key_of(first, "third") == encryption_key_name(new)
            every = third.kubectl("get", "secrets", "--all-namespaces", "--output=json")
            third.kubectl("replace", "-f", "-", stdin=every)
            assert {key_of(first, name) for name in ("first", "second")} == {encryption_key_name(new)}
        with with_keys(first, tmp_path, new) as last:
            read = {name: last.get("secret", name)["data"]["password"] for name in ("first", "second", "third")}
    assert {base64.b64decode(value).decode() for value in read.values()} == read.keys()
