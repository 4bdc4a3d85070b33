"""Drift in OpenStack: none where nobody has touched anything, else exactly what was, each in its class."""

import json
import shlex
from typing import Any

from openstack.connection import Connection

from cecf.automation.audit import remaining
from cecf.automation.drift.looking import find
from cecf.automation.events import Run
from cecf.cloud.owned import OWNER_KEY, POOL_KEY
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.program import Program
from tests.engine.shapes import small

MEND = "cecf up --stack test --refresh"
FOUND = 3


def drift(program: Program) -> tuple[int, list[tuple[str, str, str]]]:
    """Return the command's exit code, and class, place and mending command of each finding."""
    done = program.command("drift", "--json")
    assert done.returncode in (0, FOUND), done.stderr
    findings = json.loads(done.stdout)["findings"]
    return done.returncode, [(each["class"], each["where"], each["mend"]) for each in findings]


def delete_rule(cloud: Connection, name: str) -> None:
    """Close by hand what the program has opened."""
    (rule,) = cloud.network.security_group_rules(description=name, project_id=cloud.current_project_id)
    cloud.network.delete_security_group_rule(rule)


def make_node(cloud: Connection, name: str, like: Any) -> Any:
    """Make a server of a pool as an autoscaler does: with the pool's marks, a port of its own, and no state."""
    (network,) = cloud.network.networks(name="dev-network")
    port = cloud.network.create_port(network_id=network.id, name=name, description="cecf-stack:test")
    return cloud.compute.wait_for_server(
        cloud.compute.create_server(
            name=name,
            image_id=like.image.id,
            flavor_id=cloud.compute.find_flavor(like.flavor.name, ignore_missing=False).id,
            networks=[{"port": port.id}],
            metadata={OWNER_KEY: "cecf-stack:test", POOL_KEY: "general"},
        )
    )


def test_a_rule_that_is_gone_and_a_node_that_was_added_are_found_and_told_apart_and_the_told_command_mends(
    new_project: NewProject, new_program: NewProgram
) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(small(workers=1))
    program.up()
    assert drift(program) == (0, [])

    cloud = project.connect()
    made = make_node(cloud, "dev-general-7f3a", project.servers()["dev-general-1"])
    elastic = ("elastic", "dev-general-7f3a", "nothing: an autoscaler's nodes come and go by themselves")
    assert drift(program) == (0, [elastic])
    delete_rule(cloud, "dev-worker-kubelet-from-control-plane")
    assert drift(program) == (FOUND, [("harmful", "SecGroupRule dev-worker-kubelet-from-control-plane", MEND), elastic])
    # Without a look at the cloud, nobody sees it.
    assert program.preview() == {}

    _, verb, *_, refresh = shlex.split(MEND)
    assert program.command(verb, "--yes", refresh).returncode == 0

    assert drift(program) == (0, [elastic])
    assert program.command("audit").returncode == 0
    assert project.servers()["dev-general-7f3a"].status == "ACTIVE"
    cloud.compute.delete_server(made)
    cloud.compute.wait_for_delete(made)
    for port in cloud.network.ports(name="dev-general-7f3a"):
        cloud.network.delete_port(port)
    program.open().destroy(Run())
    assert remaining(program.open()) == []


def test_each_change_by_hand_is_one_finding_in_its_class(new_project: NewProject, new_program: NewProgram) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(small(workers=2))
    program.up()
    cloud, servers = project.connect(), project.servers()

    (port,) = cloud.network.ports(name="dev-general-1")
    cloud.network.update_port(port, name="renamed")
    assert [(each.drift, each.where) for each in find(program.open()).findings] == [
        ("cosmetic", "Port dev-general-1-port")
    ]

    (group,) = cloud.network.security_groups(name="dev-worker")
    opened = cloud.network.create_security_group_rule(
        security_group_id=group.id,
        direction="ingress",
        ethertype="IPv4",
        protocol="tcp",
        port_range_min=22,
        port_range_max=22,
    )
    cloud.compute.stop_server(servers["dev-general-1"])
    cloud.compute.wait_for_server(servers["dev-general-1"], status="SHUTOFF")
    # Its volume's attachment goes with it, and is no finding of its own.
    cloud.compute.delete_server(servers["dev-control-plane-1"])
    cloud.compute.wait_for_delete(servers["dev-control-plane-1"])
    assert drift(program) == (
        FOUND,
        [
            ("harmful", "Instance dev-control-plane-1-server", MEND),
            ("harmful", "Instance dev-general-1-server", "openstack server start dev-general-1"),
            ("harmful", "SecGroup dev-worker", f"openstack security group rule delete {opened.id}"),
            ("cosmetic", "Port dev-general-1-port", MEND),
        ],
    )

    cloud.network.delete_security_group_rule(opened)
    cloud.compute.start_server(servers["dev-general-1"])
    cloud.compute.wait_for_server(servers["dev-general-1"])
    assert program.command("up", "--yes", "--refresh").returncode == 0
    assert drift(program) == (0, [])
    program.open().destroy(Run())
    assert remaining(program.open()) == []
