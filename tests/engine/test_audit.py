"""What a killed run, a destroyed stack and a cluster's controllers leave: found, removed, and nothing else with it."""

import json
from pathlib import Path
from typing import Any

import pytest
from openstack.connection import Connection

from cecf.automation.audit import remaining
from cecf.cloud.inside import CLUSTER_KEY
from tests.engine.conftest import NewProgram, NewProject
from tests.engine.program import Program, kill, start_until_servers_appear
from tests.engine.shapes import small

FAILED, FOUND = 1, 3


def left(program: Program) -> list[str]:
    """Return the names of what the command lists; its exit code tells the same."""
    done = program.command("audit", "--json")
    names = [each["name"] for each in json.loads(done.stdout)["found"]]
    assert done.returncode == (FOUND if names else 0), done.stderr
    return names


def test_what_a_killed_up_leaves_is_listed_and_removed(new_project: NewProject, new_program: NewProgram) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(small(workers=1))
    kill(start_until_servers_appear(program, project, 1))

    # What else was under way at the same time is a matter of milliseconds.
    (server,) = project.servers()
    assert server in left(program)
    done = program.command("audit", "--clean", "--yes")

    assert done.returncode == 0, done.stderr
    assert f"removed server {server}" in done.stdout
    assert project.servers() == {}
    assert left(program) == []
    # What is not an object of its own, such as a rule, is for the next run to clear: nothing of that was forgotten.
    assert program.open().pending_creations()
    program.up()
    assert left(program) == []
    assert program.command("destroy", "--yes").returncode == 0


def test_what_controllers_have_made_stays_with_the_cluster_and_goes_after_it(
    new_project: NewProject, new_program: NewProgram, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(small())
    program.up()
    cloud = project.connect()
    made = _controllers(cloud, "dev")
    others = _controllers(cloud, "finance")

    assert left(program) == []
    network = cloud.network.create_network(name="elsewhere")
    for owner in ("test", "other"):
        cloud.network.create_port(network_id=network.id, name=f"of-{owner}", description=f"cecf-stack:{owner}")
    assert left(program) == ["of-test"]
    _refused_with_a_lost_state(program, monkeypatch, tmp_path / "empty")
    assert program.command("audit", "--clean", "--yes").returncode == 0
    assert left(program) == []
    assert program.preview() == {}

    done = program.command("destroy", "--yes")
    assert done.returncode == FAILED
    assert "cecf audit --stack test --clean" in done.stderr
    assert left(program) == made
    done = program.command("audit", "--clean", "--yes")
    assert done.returncode == 0, done.stderr
    assert left(program) == []
    assert remaining(program.open()) == []
    assert _inside(cloud) == sorted(others)
    assert [port.name for port in cloud.network.ports(network_id=network.id, device_id="")] == ["of-other"]


def test_beside_a_run_nothing_is_judged(new_project: NewProject, new_program: NewProgram) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(small(workers=2))
    process = start_until_servers_appear(program, project, 1)

    refused = program.command("audit", "--clean", "--yes")

    _, said = process.communicate(timeout=180)
    assert process.returncode == 0, said
    assert refused.returncode == FAILED
    assert "currently locked" in refused.stderr
    assert len(project.servers()) == 3
    assert left(program) == []
    assert program.command("destroy", "--yes").returncode == 0


def _controllers(cloud: Connection, cluster: str) -> list[str]:
    """Make what the OpenStack cloud controller and Cinder's CSI driver make; return the names in the order of removal.

    It is outside of the cluster's own network, which could not go otherwise.
    """
    network = cloud.network.create_network(name=f"services-{cluster}")
    subnet = cloud.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.61.0.0/24")
    external = next(each for each in cloud.network.networks() if each.is_router_external)
    octavia: Any = cloud.load_balancer
    balancer = octavia.create_load_balancer(name=f"kube_service_{cluster}_default_web", vip_subnet_id=subnet.id)
    octavia.wait_for_load_balancer(balancer.id, interval=1, wait=60)
    address = cloud.network.create_ip(
        floating_network_id=external.id,
        description=f"Floating IP for Kubernetes external service default/web from cluster {cluster}",
    )
    cloud.network.create_security_group(
        name=f"lb-sg-{cluster}-default-web",
        description=f"Security Group for default/web Service LoadBalancer in cluster {cluster}",
    )
    volume = cloud.block_storage.create_volume(
        name=f"pvc-{cluster}", size=1, metadata={CLUSTER_KEY: cluster, "csi.storage.k8s.io/pvc/name": "data"}
    )
    cloud.block_storage.wait_for_status(volume, "available", interval=1, wait=60)
    snapshot = cloud.block_storage.create_snapshot(
        name=f"snapshot-{cluster}", volume_id=volume.id, metadata={CLUSTER_KEY: cluster}
    )
    cloud.block_storage.wait_for_status(snapshot, "available", interval=1, wait=60)
    return [str(address.name), str(balancer.name), f"lb-sg-{cluster}-default-web", snapshot.name, volume.name]


def _inside(cloud: Connection) -> list[str]:
    """Return the names of everything that some cluster's controllers have made."""
    own = {"project_id": cloud.current_project_id}
    octavia: Any = cloud.load_balancer
    storage = (*cloud.block_storage.volumes(), *cloud.block_storage.snapshots())
    named = (*cloud.network.ips(**own), *octavia.load_balancers(**own), *storage)
    groups = (group for group in cloud.network.security_groups(**own) if group.name.startswith("lb-sg-"))
    return sorted(each.name for each in (*named, *groups))


def _refused_with_a_lost_state(program: Program, monkeypatch: pytest.MonkeyPatch, empty: Path) -> None:
    empty.mkdir()
    with monkeypatch.context() as patch:
        patch.setenv("PULUMI_BACKEND_URL", empty.as_uri())
        # Twice: the first must not make the backend look like one that knows the stack.
        for _ in range(2):
            done = program.command("audit", "--clean", "--yes")
            assert done.returncode == FAILED
            assert "Is this the right state backend" in done.stderr
