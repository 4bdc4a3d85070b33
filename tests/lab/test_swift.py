"""Objects in the running lab, as a project's member has them."""

import contextlib
import http.client
import secrets
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openstack
import pytest
from openstack.connection import Connection

from lab.fabric import gate, kernel
from lab.nova_driver import host
from lab.openstack.seed_data import PROJECTS, QUOTAS
from lab.openstack.site import NODES_REGION, Site

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("clouds_file")]

NAME = "folder/an object"


@pytest.fixture
def finance(clouds_file: Path) -> Connection:
    """Sign in as a member with an application credential."""
    assert clouds_file.exists()
    return openstack.connect(cloud="finance")


@pytest.fixture
def container(finance: Connection) -> Iterator[str]:
    """Make a container in `finance`."""
    name = f"test-{secrets.token_hex(4)}"
    finance.object_store.create_container(name)
    yield name
    for each in finance.object_store.objects(name):
        finance.object_store.delete_object(each, ignore_missing=True)
    finance.object_store.delete_container(name)


def ask(cloud: Connection, verb: str, url: str, **more: Any) -> int:
    """Ask Swift with a cloud's credential, and return the status."""
    return int(cloud.session.request(url, verb, raise_exc=False, **more).status_code)


def test_a_member_keeps_objects(finance: Connection, container: str) -> None:
    """What is written is listed, read back the same, and gone when it is deleted."""
    content = secrets.token_bytes(3_000_000)
    store = finance.object_store
    store.upload_object(container, NAME, data=content)
    assert [(each.name, each.content_length) for each in store.objects(container)] == [(NAME, len(content))]
    assert store.download_object(NAME, container=container) == content
    store.delete_object(NAME, container=container)
    assert list(store.objects(container)) == []


def test_another_project_has_no_part_in_them(finance: Connection, container: str) -> None:
    """Not even the names, and nothing without a token."""
    finance.object_store.upload_object(container, NAME, data=b"finance's own")
    place = f"{finance.object_store.get_endpoint()}/{container}"
    bigdata = openstack.connect(cloud="bigdata")
    found = {ask(bigdata, verb, f"{place}/{NAME}") for verb in ("GET", "PUT", "POST", "DELETE")}
    assert found | {ask(bigdata, "GET", place)} == {403}
    assert ask(finance, "GET", f"{place}/{NAME}", authenticated=False) == 401
    assert finance.object_store.download_object(NAME, container=container) == b"finance's own"


@pytest.mark.parametrize("project", PROJECTS)
def test_each_project_has_its_quota(project: str) -> None:
    """No business can fill the disk of the others."""
    store = openstack.connect(cloud=project).object_store
    answer = store.head(str(store.get_endpoint()))
    assert int(answer.headers["X-Account-Quota-Bytes"]) == QUOTAS[project]["object_store"]["bytes"]


def test_metadata_that_the_disk_has_no_room_for_is_refused(finance: Connection, container: str) -> None:
    """It says that the client wants too much, and not that the disk is full."""
    place = f"{finance.object_store.get_endpoint()}/{container}/{NAME}"
    headers = {f"X-Object-Meta-{number}": "x" * 250 for number in range(9)}
    assert ask(finance, "PUT", place, data=b"", headers=headers) == 400


def test_servers_of_the_lab_are_told_another_address_and_reach_it(finance: Connection, container: str) -> None:
    """From the gate on, which is as far as this goes without a server: sign in, look up, write, read."""
    if reason := host.obstacle():
        pytest.skip(f"no machines, as {reason}")
    site = Site.from_environment()
    address = finance.session.get_endpoint(service_type="object-store", region_name=NODES_REGION, interface="public")
    account = str(finance.object_store.get_endpoint()).rpartition("/")[2]
    assert address == site.url_for_nodes("swift", f"/v1/{account}")
    token = {"X-Auth-Token": str(finance.auth_token)}
    path = f"/v1/{account}/{container}/by-gate"
    content = b"x" * 100_000
    with through_the_gate(site, "swift") as swift:
        swift.request("PUT", path, content, token)
        assert swift.getresponse().read() == b""
        swift.request("GET", path, headers=token)
        assert swift.getresponse().read() == content
    with through_the_gate(site, "keystone") as keystone:
        # It names itself by the address that it was asked at.
        own = site.url_for_nodes("keystone", "/v3")
        keystone.request("GET", "/v3", headers={"Host": own.split("/")[2]})
        assert own.encode() in keystone.getresponse().read()


def through_the_gate(site: Site, service: str) -> contextlib.closing[http.client.HTTPConnection]:
    """Connect to an API as a server does, from the gate's own namespace."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port(service), timeout=20)
    with kernel.inside(gate.namespace(site.offset)):
        connection.connect()
    return contextlib.closing(connection)


def test_a_credential_with_rules_opens_one_container_and_nothing_else(finance: Connection, container: str) -> None:
    """As a cluster's nodes have one for their snapshots."""
    account = str(finance.object_store.get_endpoint())
    paths = [f"{urlsplit(account).path}/{container}{below}" for below in ("", "/**")]
    rules = [{"service": "object-store", "method": verb, "path": path} for verb in ("GET", "PUT") for path in paths]
    identity: Any = finance.identity
    user = finance.current_user_id
    made = identity.create_application_credential(user, f"test-{container}", access_rules=rules)
    try:
        narrow = openstack.connect(
            auth_type="v3applicationcredential",
            auth_url=finance.config.get_auth_args()["auth_url"],
            application_credential_id=made.id,
            application_credential_secret=made.secret,
            region_name=finance.config.get_region_name(),
        )
        own = f"{account}/{container}"
        assert ask(narrow, "PUT", f"{own}/one", data=b"snapshot") == HTTPStatus.CREATED
        assert ask(narrow, "GET", f"{own}/one") == HTTPStatus.OK
        for verb, url in (("DELETE", f"{own}/one"), ("GET", account), ("PUT", f"{account}/another")):
            assert ask(narrow, verb, url) == HTTPStatus.UNAUTHORIZED, (verb, url)
    finally:
        identity.delete_application_credential(user, made)
