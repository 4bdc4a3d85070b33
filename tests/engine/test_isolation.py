"""The three businesses side by side, each in its own project; one's credential sees nothing of another's."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from openstack.connection import Connection
from openstack.exceptions import NotFoundException

from cecf.automation.audit import remaining
from cecf.automation.drift.looking import find
from cecf.automation.events import Run
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.program import Program
from tests.engine.shapes import of_business, shared_network

BUSINESSES = ("finance", "bigdata", "smartcity")


def everything(cloud: Connection) -> dict[str, str]:
    """Return what a credential sees of one project's objects: kind by id. Public things are everybody's."""
    networks = [n for n in cloud.network.networks() if not (n.is_router_external or n.is_shared)]
    seen = {
        "server": cloud.compute.servers(),
        "server group": cloud.compute.server_groups(),
        "volume": cloud.block_storage.volumes(),
        "port": cloud.network.ports(),
        "router": cloud.network.routers(),
        "network": networks,
        "subnet": (subnet for network in networks for subnet in cloud.network.subnets(network_id=network.id)),
        "security group": cloud.network.security_groups(),
    }
    return {item.id: kind for kind, items in seen.items() for item in items}


@pytest.mark.timeout(600)
def test_three_businesses_side_by_side_see_nothing_of_each_other(
    new_project: NewProject, new_program: NewProgram
) -> None:
    projects = {business: new_project() for business in BUSINESSES}
    shared_network(projects["smartcity"].connect())
    programs = {business: new_program(business, projects[business], stack=business) for business in BUSINESSES}
    for business, program in programs.items():
        program.configure(of_business(business) | {"protect": False})

    with ThreadPoolExecutor() as pool:
        list(pool.map(Program.up, programs.values()))

    assert {business: len(project.servers()) for business, project in projects.items()} == {
        "finance": 3,
        "bigdata": 2,
        "smartcity": 1,
    }
    for program in programs.values():
        assert program.preview() == {}
        # Of any shape: what nobody has touched has not drifted.
        assert find(program.open()).findings == ()

    seen = {business: everything(project.connect()) for business, project in projects.items()}
    assert set(seen["finance"].values()) >= {"server", "server group", "volume", "port", "router", "network"}
    for other in ("bigdata", "smartcity"):
        assert [kind for item, kind in seen[other].items() if item in seen["finance"]] == []
    _cannot_touch(projects["finance"].connect(), projects["bigdata"].servers())

    for program in programs.values():
        program.open().destroy(Run())
        assert remaining(program.open()) == []


def _cannot_touch(cloud: Connection, servers: dict[str, Any]) -> None:
    for server in servers.values():
        with pytest.raises(NotFoundException):
            cloud.compute.get_server(server.id)
        with pytest.raises(NotFoundException):
            cloud.compute.delete_server(server.id, ignore_missing=False)
    assert servers
