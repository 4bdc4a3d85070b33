"""The endpoint as a load balancer of Octavia's: made whole, left alone, removed whole, whatever is under way.

The lab's Octavia keeps every promise of the API, and moves no traffic: nothing is said here of that.
"""

import re
import time
from subprocess import Popen
from typing import Any

import pytest
from openstack.connection import Connection

from cecf.automation.audit import remaining
from cecf.automation.drift.looking import find
from cecf.automation.events import Run
from cecf.automation.stack import OperationFailedError, Stack
from lab.openstack.site import Site
from tests.engine.cloud_project import CloudProject
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.program import Program, interrupt, kill
from tests.engine.shapes import TINY

PARTS = {
    "dev-api": "create",
    "dev-api-listener": "create",
    "dev-api-pool": "create",
    "dev-api-members": "create",
    "dev-api-monitor": "create",
}

OFFICE = "192.0.2.0/24"


def balanced(count: int = 1, **endpoint: Any) -> dict[str, Any]:
    """Return control planes behind a load balancer, and no worker."""
    wanted = {"kind": "load_balancer", "port": 6443, **endpoint}
    return {
        "control_plane": {"count": count, "flavor": TINY, "endpoint": wanted},
        "worker_pools": {"general": {"count": 0, "flavor": TINY}},
    }


def parts_of(cloud: Connection) -> dict[str, Any]:
    """Return the project's load balancer and its parts, by kind; exactly one of each but members."""
    octavia: Any = cloud.load_balancer
    (balancer,) = octavia.load_balancers(project_id=cloud.current_project_id)
    (listener,) = octavia.listeners(project_id=cloud.current_project_id)
    (pool,) = octavia.pools(project_id=cloud.current_project_id)
    (monitor,) = octavia.health_monitors(project_id=cloud.current_project_id)
    members = list(octavia.members(pool))
    return {"balancer": balancer, "listener": listener, "pool": pool, "monitor": monitor, "members": members}


def nothing_left(project: CloudProject, stack: Stack) -> bool:
    """Tell whether the project has nothing of a cluster, whatever carries a mark and what does not."""
    cloud = project.connect()
    own = {"project_id": cloud.current_project_id}
    octavia: Any = cloud.load_balancer
    lists = (octavia.load_balancers, octavia.listeners, octavia.pools, octavia.health_monitors)
    left = [item for every in lists for item in every(**own)]
    left += [*cloud.network.ips(**own), *cloud.network.ports(**own), *cloud.network.networks(**own)]
    return not left and remaining(stack) == []


def requests_for_members(project: CloudProject) -> list[str]:
    """Return what Octavia says it did to members of a project's pools, request by request."""
    log = (Site.from_environment().log / "octavia-api.log").read_text(errors="replace")
    return re.findall(rf"controllers\.member \[[^]]* {project.id} [^]]*\] (.*)", log)


def test_a_cluster_gets_a_whole_load_balancer_stays_as_it_is_and_leaves_nothing(
    new_project: NewProject, new_program: NewProgram
) -> None:
    project = new_project()
    program = new_program("dev", project)
    # Without a way to the API: fake servers have none, so a run would wait for it in vain.
    program.configure(balanced(count=3, allowed_cidrs=[OFFICE]))

    outputs = program.up().outputs

    cloud = project.connect()
    parts = parts_of(cloud)
    balancer, listener, pool, monitor = (parts[kind] for kind in ("balancer", "listener", "pool", "monitor"))
    everything = [balancer, listener, pool, monitor, *parts["members"]]
    assert {part.provisioning_status for part in everything} == {"ACTIVE"}
    assert (balancer.vip_address, balancer.provider) == ("10.10.0.5", "amphora")
    assert outputs["api_endpoint"] == "https://10.10.0.5:6443"
    assert sorted(listener.allowed_cidrs) == ["10.10.0.0/24", OFFICE]
    assert (listener.protocol, listener.protocol_port) == ("TCP", 6443)
    assert (listener.timeout_client_data, listener.timeout_member_data) == (900_000, 900_000)
    assert listener.timeout_member_connect == 1_000
    assert pool.lb_algorithm == "LEAST_CONNECTIONS"
    assert (monitor.type, monitor.url_path, monitor.expected_codes) == ("HTTPS", "/readyz", "200")
    assert sorted((m.name, m.address, m.protocol_port) for m in parts["members"]) == [
        ("dev-control-plane-1", "10.10.0.6", 6443),
        ("dev-control-plane-2", "10.10.0.7", 6443),
        ("dev-control-plane-3", "10.10.0.8", 6443),
    ]
    assert requests_for_members(project) == [f"Sending Pool {pool.id} batch member update to provider amphora"]
    (port,) = cloud.network.ports(name="dev-control-plane-1")
    assert port.allowed_address_pairs == []

    assert program.preview() == {}
    assert not program.up().changed
    assert find(program.open()).findings == ()

    program.configure(balanced(count=3))
    assert program.preview() == {"dev-api-listener": "update"}

    stack = program.open()
    stack.destroy(Run())
    assert nothing_left(project, stack)


def test_an_up_that_was_killed_while_octavia_works_is_resumed_by_the_next(
    new_project: NewProject, new_program: NewProgram
) -> None:
    project, program = _killed_at("pools", new_project, new_program)

    program.up()

    parts = parts_of(project.connect())
    everything = [parts[kind] for kind in ("balancer", "listener", "pool", "monitor")] + parts["members"]
    assert {part.provisioning_status for part in everything} == {"ACTIVE"}
    assert [member.name for member in parts["members"]] == ["dev-control-plane-1"]
    assert program.preview() == {}
    done = program.command("destroy", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert nothing_left(project, program.open())


def test_an_up_that_was_killed_while_octavia_works_can_be_destroyed_at_once(
    new_project: NewProject, new_program: NewProgram
) -> None:
    project, program = _killed_at("load_balancers", new_project, new_program)

    done = program.command("destroy", "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 objects of the stack 'test' left" in done.stdout
    assert nothing_left(project, program.open())


def test_an_up_that_is_interrupted_leaves_a_load_balancer_with_its_floating_ip_that_can_be_destroyed(
    new_project: NewProject, new_program: NewProgram
) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(balanced(access="floating_ip", allowed_cidrs=[OFFICE]))
    cloud = project.connect()
    process, _ = _start_until(program, project, "pools")
    interrupt(process)
    (balancer,) = cloud.load_balancer.load_balancers(project_id=project.id)
    assert [address.port_id for address in cloud.network.ips(project_id=project.id)] == [balancer.vip_port_id]

    done = program.command("destroy", "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert nothing_left(project, program.open())


def test_what_octavia_does_not_have_is_refused_all_at_once_and_a_flavor_is_found_by_its_name(
    new_project: NewProject, new_program: NewProgram, admin: Connection
) -> None:
    project = new_project()
    program = new_program("dev", project)
    octavia: Any = admin.load_balancer
    profile = octavia.create_flavor_profile(
        name=project.name, provider_name="amphora", flavor_data='{"loadbalancer_topology": "SINGLE"}'
    )
    flavor = octavia.create_flavor(name=project.name, flavor_profile_id=profile.id, is_enabled=True)
    try:
        program.configure(balanced(load_balancer={"provider": "amfora", "flavor": "no-such"}))
        with pytest.raises(OperationFailedError) as refusal:
            program.up()
        program.configure(balanced(load_balancer={"flavor": project.name}))
        found = program.preview()
    finally:
        octavia.delete_flavor(flavor)
        octavia.delete_flavor_profile(profile)

    said = str(refusal.value)
    assert refusal.value.refused
    assert "endpoint.load_balancer.provider: the project sees no load balancer provider 'amfora'" in said
    assert "endpoint.load_balancer.flavor: the project sees no load balancer flavor 'no-such'" in said
    assert found.items() >= PARTS.items()
    assert nothing_left(project, program.open())


def _killed_at(stage: str, new_project: NewProject, new_program: NewProgram) -> tuple[CloudProject, Program]:
    """Kill a first up as soon as Octavia has one of `stage`, and is still at work on it."""
    project = new_project()
    program = new_program("dev", project)
    program.configure(balanced())
    process, status = _start_until(program, project, stage)
    kill(process)
    assert status == "PENDING_CREATE"
    return project, program


def _start_until(program: Program, project: CloudProject, stage: str) -> "tuple[Popen[str], str]":
    """Start an up, and return as soon as Octavia has one of `stage`, with the load balancer's status at that time."""
    process = program.start()
    octavia: Any = project.connect().load_balancer
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        found = list(getattr(octavia, stage)(project_id=project.id))
        if found:
            return process, found[0].provisioning_status
        time.sleep(0.02)
    raise AssertionError("the command ended before Octavia had anything")
