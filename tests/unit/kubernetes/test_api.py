"""Requests to the API: as the administrator, to this cluster alone, and with every answer understood."""

import os
import socket
from pathlib import Path

import pytest
import yaml

from cecf.kubernetes import api as module
from cecf.kubernetes.api import ApiRefusedError, ApiUnreachableError, KubernetesApi
from cecf.pki.keys import ADMIN, client_kubeconfig
from cecf.pki.keys import Api as Place
from cecf.pki.make import make_pki
from tests.helpers import clusters
from tests.helpers.tls_server import api_server, serving
from tests.unit.kubernetes.conftest import Api, refusal

PATH = "/api/v1/nodes/dev-general-1"


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def towards(port: int) -> KubernetesApi:
    """Return the administrator's way to an API on a port."""
    return KubernetesApi(clusters.admin_kubeconfig(clusters.pki(), "dev", f"https://127.0.0.1:{port}", "127.0.0.1"))


def test_it_is_the_administrator_who_asks(api: Api) -> None:
    api.client.get(PATH)
    (request,) = api.requests
    assert (request.method, request.path, request.client) == ("GET", PATH, "dev-admin")
    assert request.authorization == ""


def test_an_object_is_as_it_was_applied_until_it_is_deleted(api: Api) -> None:
    assert api.client.get(PATH) is None
    api.client.apply(PATH, {"kind": "Node", "x": ["ü"]})
    assert api.client.get(PATH) == {"kind": "Node", "x": ["ü"]}
    api.client.delete(PATH)
    assert api.client.get(PATH) is None


def test_applying_is_a_server_side_apply_under_the_program_s_name(api: Api) -> None:
    api.client.apply(PATH, {"kind": "Node"})
    (request,) = api.requests
    assert (request.method, request.content_type) == ("PATCH", "application/apply-patch+yaml")
    assert request.path == f"{PATH}?fieldManager=cecf&force=true"


def test_what_is_gone_already_can_be_deleted(api: Api) -> None:
    api.client.delete(PATH)
    assert [request.method for request in api.requests] == ["DELETE"]


@pytest.mark.parametrize("status", [400, 401, 403, 409, 422, 500, 503])
def test_a_refusal_is_told_with_its_status_and_the_api_s_words(api: Api, status: int) -> None:
    for ask in (api.client.get, api.client.delete, lambda path: api.client.apply(path, {"kind": "x"})):
        api.instead = [refusal(status, "so it is")]
        with pytest.raises(ApiRefusedError, match="so it is") as caught:
            ask(PATH)
        assert caught.value.status == status


@pytest.mark.parametrize("body", [b"Too many requests, please try again later.\n", b"", b"\xff\xfe", b"<html>"])
def test_a_refusal_in_plain_words_is_a_refusal(api: Api, body: bytes) -> None:
    api.instead = [(429, body)]
    with pytest.raises(ApiRefusedError) as caught:
        api.client.get(PATH)
    assert caught.value.status == 429
    assert len(str(caught.value)) < 300


def test_an_api_is_ready_when_it_says_so(api: Api) -> None:
    assert api.client.ready()
    api.ready = False
    assert not api.client.ready()
    api.instead = [refusal(401, "Unauthorized")]
    assert not api.client.ready()


def test_where_nobody_listens_there_is_no_api() -> None:
    port = free_port()
    assert not towards(port).ready()
    with pytest.raises(ApiUnreachableError, match=f"no API at https://127\\.0\\.0\\.1:{port}"):
        towards(port).get(PATH)


def test_another_cluster_s_api_is_not_believed(tmp_path: Path) -> None:
    impostor = Api(0)
    with serving(api_server(make_pki("dev"), tmp_path), impostor.answer) as port:
        assert not towards(port).ready()
        with pytest.raises(ApiUnreachableError, match="no API at"):
            towards(port).apply(PATH, {"secret": "never sent"})
    assert impostor.requests == []


@pytest.mark.parametrize(("expected", "believed"), [("127.0.0.1", True), ("10.10.0.5", False), ("localhost", False)])
def test_an_api_is_known_by_the_name_in_its_certificate_wherever_it_is_found(
    api: Api, expected: str, *, believed: bool
) -> None:
    elsewhere = api.url.replace("127.0.0.1", "localhost")
    assert KubernetesApi(clusters.admin_kubeconfig(clusters.pki(), "dev", elsewhere, expected)).ready() is believed


def test_a_kubeconfig_without_a_name_expects_the_address(api: Api) -> None:
    document = yaml.safe_load(api.client.kubeconfig)
    del document["clusters"][0]["cluster"]["tls-server-name"]
    assert KubernetesApi(yaml.safe_dump(document)).ready()


def test_another_cluster_s_administrator_is_not_let_in(api: Api) -> None:
    trusted = clusters.pki().kubernetes.certificate
    place = Place(cluster="dev", url=api.url, server_name="127.0.0.1", authorities=trusted)
    stranger = KubernetesApi(client_kubeconfig(place, ADMIN, clusters.admin(make_pki("dev"))))
    with pytest.raises((ApiUnreachableError, ApiRefusedError)):
        stranger.get(PATH)
    assert [request for request in api.requests if request.client] == []


def test_an_api_that_hangs_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(ApiUnreachableError):
        towards(silent.getsockname()[1]).get(PATH)


def test_no_key_is_left_on_a_disk_or_open(api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TMPDIR", str(folder))
    api.client.get(PATH)  # what is opened once stays open
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(5):
        api.client.get(PATH)
    assert list(folder.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) <= len(before) + 1  # noqa: PTH208


def test_what_has_the_kubeconfig_does_not_show_it(api: Api) -> None:
    assert "client-key" not in repr(api.client)
    assert repr(api.client) == "KubernetesApi()"
