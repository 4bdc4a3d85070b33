"""The API is read by need, with a token that may run out: against a server of the test's own on loopback."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lab.fabric.neutron import Neutron, NeutronError
from tests.fabric.objects import EVERYTHING_OUT, Objects, ingress


@dataclass
class Api:
    """Keystone and Neutron in one."""

    objects: Objects
    url: str = ""
    tokens: int = 0
    valid: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    broken: bool = False

    def sign_in(self, body: Any) -> dict[str, Any]:
        """Answer as Keystone."""
        assert body["auth"]["identity"]["password"]["user"]["password"] == "secret"  # noqa: S105 (made up)
        endpoint = {"url": self.url, "interface": "public", "region": "RegionOne"}
        return {"token": {"catalog": [{"type": "network", "endpoints": [endpoint]}]}}

    def list(self, collection: str, query: dict[str, list[str]]) -> dict[str, Any]:
        """Answer as Neutron."""
        self.asked.append(collection)
        fields = query.pop("fields", None)
        name = collection.replace("-", "_")
        found = [
            each
            for each in self.objects.raw.get(name, [])
            if all(set(values) & _values(each, key) for key, values in query.items())
        ]
        return {name: [{key: each.get(key) for key in fields or each} for each in found]}


def _values(each: dict[str, Any], key: str) -> set[str]:
    value = each.get(key)
    return set(value) if isinstance(value, list) else {str(value)}


@pytest.fixture
def api() -> Iterator[Api]:
    """Serve a small cloud."""
    objects = Objects()
    objects.network("public", "198.51.100.0/24")
    objects.network("net", "10.0.0.0/24", segment=1)
    objects.network("other", "10.1.0.0/24", segment=2)
    objects.group("web", EVERYTHING_OUT, ingress("tcp", remote_group_id=objects.id("friends")))
    objects.group("friends", EVERYTHING_OUT)
    objects.router("router", {"net": "10.0.0.1", "other": "10.1.0.1"}, ("public", "198.51.100.9"))
    objects.port("server", "net", "10.0.0.5", "web")
    objects.port("friend", "other", "10.1.0.5", "friends")
    objects.port("stranger", "net", "10.0.0.6")
    objects.floating_ip("198.51.100.20", "router", "10.0.0.5")
    made = Api(objects)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made.tokens += 1
            made.valid = {f"token-{made.tokens}"}
            self._answer(201, made.sign_in(body), {"X-Subject-Token": f"token-{made.tokens}"})

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if made.broken:
                self._answer(503, {})
            elif self.headers.get("X-Auth-Token") not in made.valid:
                self._answer(401, {})
            else:
                self._answer(200, made.list(parts.path.removeprefix("/v2.0/"), parse_qs(parts.query)))

        def _answer(self, code: int, body: Any, headers: dict[str, str] | None = None) -> None:
            self.send_response(code)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(api: Api, tmp_path: Path) -> Neutron:
    """Give a client of that cloud."""
    auth = {
        "auth_url": f"{api.url}/v3",
        "username": "admin",
        "password": "secret",
        "project_name": "admin",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }
    cloud = {"auth": auth, "region_name": "RegionOne"}
    clouds = tmp_path / "clouds.yaml"
    clouds.write_text(json.dumps({"clouds": {"admin": cloud}}))
    return Neutron(clouds)


def names(objects: Any) -> set[str]:
    """Return the ids of listed objects."""
    return {each["id"] for each in objects}


def test_everything_that_has_to_do_with_a_port_is_read_and_no_more(api: Api, client: Neutron) -> None:
    raw = client.snapshot([api.objects.id("server")])
    ids = api.objects.id
    assert names(raw["ports"]) == {
        ids(name) for name in ("server", "friend", "router-net", "router-other", "router-public")
    }
    assert names(raw["networks"]) == {ids("net"), ids("other"), ids("public")}
    assert names(raw["routers"]) == {ids("router")}
    assert names(raw["security_groups"]) == {ids("web")}
    assert names(raw["floatingips"]) == {ids("198.51.100.20")}
    # No rule names an address group, so they are not asked for.
    assert "address-groups" not in api.asked


def test_a_token_that_has_run_out_is_replaced(api: Api, client: Neutron) -> None:
    client.snapshot([api.objects.id("server")])
    api.valid.clear()
    assert client.snapshot([api.objects.id("server")])["networks"]
    assert api.tokens == 2


def test_many_ports_are_asked_for_in_several_requests(api: Api, client: Neutron) -> None:
    many = [f"none-{number}" for number in range(250)]
    assert names(client.snapshot([*many, api.objects.id("server")])["ports"]) >= {api.objects.id("server")}
    assert api.asked[:3] == ["ports", "ports", "ports"]


def test_a_refusal_says_who_refused(api: Api, client: Neutron) -> None:
    api.broken = True
    with pytest.raises(NeutronError, match=r"/v2\.0/ports answers 503"):
        client.snapshot(["any"])


def test_nobody_there_says_so(tmp_path: Path, client: Neutron) -> None:
    clouds = tmp_path / "clouds.yaml"
    text = json.loads(clouds.read_text())
    text["clouds"]["admin"]["auth"]["auth_url"] = "http://127.0.0.1:9"
    clouds.write_text(json.dumps(text))
    with pytest.raises(NeutronError, match="does not answer"):
        client.snapshot(["any"])


def test_a_file_without_the_administrator_says_so(tmp_path: Path) -> None:
    (tmp_path / "clouds.yaml").write_text("clouds: {}\n")
    with pytest.raises(NeutronError, match="how to sign in"):
        Neutron(tmp_path / "clouds.yaml").snapshot(["any"])
    with pytest.raises(NeutronError, match="how to sign in"):
        Neutron(tmp_path / "none.yaml").snapshot(["any"])
