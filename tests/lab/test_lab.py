"""The running lab, asked as its users ask it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openstack
import pytest
from openstack.connection import Connection

from lab.openstack import api, seeds
from lab.openstack.apis import APIS
from lab.openstack.faults import zone_without_room
from lab.openstack.process import Record
from lab.openstack.seed_data import EXTERNAL_NETWORK, FLAVORS, IMAGES, PROJECTS, QUOTAS
from lab.openstack.site import Site
from lab.openstack.topology import HOSTS_PER_ZONE, VOLUME_BACKENDS, ZONES
from tests.engine.cloud_project import cloud_project

pytestmark = [pytest.mark.lab, pytest.mark.disturbs_lab, pytest.mark.usefixtures("clouds_file")]


@pytest.fixture
def network(clouds_file: Path) -> Iterator[str]:
    """Make a network with one subnet in `finance`."""
    assert clouds_file.exists()
    finance = openstack.connect(cloud="finance")
    network = finance.network.create_network(name="lab-test")
    finance.network.create_subnet(network_id=network.id, name="lab-test", ip_version=4, cidr="10.9.0.0/24")
    yield network.id
    finance.network.delete_network(network)


def _lab(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "lab", *arguments], capture_output=True, text=True, check=False)


def _status_after_create(cloud: Connection, network: str, zone: str) -> tuple[str, str]:
    server = cloud.compute.create_server(
        name="lab-test",
        image_id=cloud.image.find_image("tiny-linux", ignore_missing=False).id,
        flavor_id=cloud.compute.find_flavor("m1.tiny", ignore_missing=False).id,
        networks=[{"uuid": network}],
        availability_zone=zone,
    )
    try:
        done = cloud.compute.wait_for_status(server, "ACTIVE", wait=60, interval=0.3)
    except openstack.exceptions.ResourceFailure:
        done = cloud.compute.get_server(server)
    finally:
        cloud.compute.delete_server(server)
        cloud.compute.wait_for_delete(server, interval=0.3, wait=60)
    return done.status, (done.fault or {}).get("message", "")


def test_status_says_that_all_is_well() -> None:
    """Every service is named and answers."""
    done = _lab("status")
    assert done.returncode == 0, done.stdout
    assert all(item.name in done.stdout for item in APIS)


def test_up_of_a_healthy_lab_changes_nothing() -> None:
    """No process is started anew."""
    run = Site.from_environment().run
    before = {path.name: path.read_text() for path in run.glob("*.json")}
    done = _lab("up")
    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_text() for path in run.glob("*.json")} == before


def test_up_restarts_a_killed_service_and_no_other() -> None:
    """A crash is reported by `status` and mended by `up`."""
    site = Site.from_environment()
    victim = Record.read(site.record("barbican-api"))
    assert victim is not None
    others = {path: path.read_text() for path in site.run.glob("*.json") if path.stem != "barbican-api"}
    for process in victim.session():
        process.kill()
    status = _lab("status")
    assert status.returncode == 1
    assert [line for line in status.stdout.splitlines() if line.startswith("barbican-api") and "does not run" in line]
    assert _lab("up").returncode == 0
    assert {path: path.read_text() for path in others} == others
    assert json.loads(site.record("barbican-api").read_text())["pid"] != victim.pid
    assert api.is_up()


def test_seeds_are_there(admin: Connection) -> None:
    """The cloud holds what the tables say."""
    assert {item.name for item in admin.compute.flavors()} >= {item.name for item in FLAVORS}
    assert {item.name for item in admin.image.images()} >= {item.name for item in IMAGES}
    assert {item.name for item in admin.block_storage.types()} >= set(VOLUME_BACKENDS)
    assert admin.network.find_network(EXTERNAL_NETWORK[0], ignore_missing=False).is_router_external
    zones = {aggregate.availability_zone: len(aggregate.hosts) for aggregate in admin.compute.aggregates()}
    assert zones == dict.fromkeys(ZONES, HOSTS_PER_ZONE)
    assert set(seeds.credential_ids(Site.from_environment())) == set(PROJECTS)


@pytest.mark.parametrize("project", PROJECTS)
def test_quotas_are_the_tables(project: str) -> None:
    """Each project sees its own limits with its own credential."""
    cloud = openstack.connect(cloud=project)
    compute = cloud.compute.get_quota_set(str(cloud.current_project_id))
    assert {name: getattr(compute, name) for name in QUOTAS[project]["compute"]} == QUOTAS[project]["compute"]
    network = cloud.network.get_quota(str(cloud.current_project_id))
    assert {name: getattr(network, name) for name in QUOTAS[project]["network"]} == QUOTAS[project]["network"]


def test_credential_sees_its_own_project_only(admin: Connection, network: str) -> None:
    """Finance's network is nothing that big data could find, read or use."""
    bigdata = openstack.connect(cloud="bigdata")
    assert admin.network.find_network(network) is not None
    assert network not in {item.id for item in bigdata.network.networks()}
    with pytest.raises(openstack.exceptions.NotFoundException):
        bigdata.network.get_network(network)
    with pytest.raises(openstack.exceptions.NotFoundException):
        bigdata.network.create_port(network_id=network)


def test_credential_is_no_administrator() -> None:
    """A business cannot widen its own quota."""
    finance = openstack.connect(cloud="finance")
    with pytest.raises(openstack.exceptions.ForbiddenException):
        finance.compute.update_quota_set(str(finance.current_project_id), instances=1000)


def test_administrator_makes_projects_with_quotas(admin: Connection, clouds_file: Path) -> None:
    """A test has a project of its own with limits of its own, which hold."""
    with cloud_project(admin, clouds_file, quota={"instances": 0}) as project:
        cloud = project.connect()
        assert not list(cloud.network.networks(project_id=project.id))
        with pytest.raises(openstack.exceptions.ForbiddenException, match="Quota exceeded for instances"):
            cloud.compute.create_server(
                name="one-too-many",
                image_id=cloud.image.find_image("tiny-linux", ignore_missing=False).id,
                flavor_id=cloud.compute.find_flavor("m1.tiny", ignore_missing=False).id,
                networks="none",
            )


def test_zone_without_room_fails_new_servers_and_recovers(admin: Connection, network: str) -> None:
    """The fault that other tests use: "No valid host" in one zone, and nothing left of it afterwards."""
    finance = openstack.connect(cloud="finance")
    with zone_without_room(admin, "az3"):
        status, fault = _status_after_create(finance, network, "az3")
    assert status == "ERROR"
    assert "No valid host" in fault
    assert _status_after_create(finance, network, "az3") == ("ACTIVE", "")


@pytest.mark.parametrize("kind", VOLUME_BACKENDS)
def test_volume_type_leads_to_its_own_backend(admin: Connection, kind: str) -> None:
    """A volume of a type is kept where only that type is kept."""
    finance = openstack.connect(cloud="finance")
    volume = finance.block_storage.create_volume(name="lab-test", size=1, volume_type=kind)
    try:
        finance.block_storage.wait_for_status(volume, "available", failures=["error"], interval=0.3, wait=60)
        host = admin.block_storage.get_volume(volume.id).host
    finally:
        finance.block_storage.delete_volume(volume.id)
    assert host == f"lab@{kind}#{kind}"
