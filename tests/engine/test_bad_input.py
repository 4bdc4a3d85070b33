"""Bad input is refused in one line each, all at once, before anything is created; with the real engine."""

import subprocess
from typing import Any

from cecf.cli.app import REFUSED
from tests.engine.conftest import NewProgram, NewProject


def test_two_etcd_members_are_refused_with_the_command_that_mends_it(
    new_project: NewProject, new_program: NewProgram
) -> None:
    program = new_program("dev", new_project())
    program.configure({})
    program.open()
    subprocess.run(
        ["pulumi", "config", "set", "--stack", "test", "--path", "cecf:cluster.etcd.members", "2"],
        cwd=program.folder,
        check=True,
    )

    bare = subprocess.run(
        ["pulumi", "preview", "--stack", "test"], cwd=program.folder, capture_output=True, text=True, check=False
    )
    ours = program.command("preview")

    line = next(line for line in bare.stdout.splitlines() if "etcd.members" in line)
    assert "2 survive the loss of 0" in line
    assert "pulumi config set --path 'cecf:cluster.etcd.members' 3" in line
    assert bare.returncode != 0
    assert ours.returncode == REFUSED
    assert line.strip() in ours.stderr


def test_all_that_the_cloud_does_not_have_is_told_at_once_and_nothing_is_created(
    new_project: NewProject, new_program: NewProgram
) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure(
        {
            "image": "cecf-node-1.33",
            "zones": ["az1", "az9"],
            "control_plane": {"flavor": "m1.mediun"},
            "network": {"nodes": {"external_network": "internet"}},
            "etcd": {"volume": {"type": "nvme"}},
        }
    )

    refused = program.command("up", "--yes")

    assert refused.returncode == REFUSED
    lines = [line for line in refused.stderr.splitlines() if line.startswith("cecf:")]
    assert [line.split(": ")[0] for line in lines] == [
        "cecf:cluster.zones[1]",
        "cecf:cluster.etcd.volume.type",
        "cecf:cluster.image",
        "cecf:cluster.control_plane.flavor",
        "cecf:cluster.network.nodes.external_network",
    ]
    assert "pulumi config set --path 'cecf:cluster.control_plane.flavor' m1.medium" in refused.stderr
    assert project.servers() == {}
    assert [n.name for n in project.connect().network.networks(is_router_external=False)] == []


def test_a_cloud_without_an_entry_is_refused(new_project: NewProject, new_program: NewProgram) -> None:
    program = new_program("dev", new_project())
    program.configure({})
    stack_file = program.folder / "Pulumi.test.yaml"
    stack_file.write_text(stack_file.read_text().replace(program.cloud, "nowhere"))

    refused = program.command("up", "--yes")

    assert refused.returncode == REFUSED
    assert "clouds.yaml has no usable entry 'nowhere'" in refused.stderr


TUNED_WRONG: dict[str, dict[str, Any]] = {
    "kubelet": {
        "maxPodz": 100,
        "nodeStatusUpdateFrequency": 10,
        "containerLogMaxSize": "50MB",
        "podPidsLimit": 1,
        "imageGCLowThresholdPercent": 85,
        "clusterDNS": ["10.96.0.10"],
    },
    "kube-apiserver": {"coordinated-leadership-lease-duration": "20s"},
    "kube-controller-manager": {"concurrent-resource-quota-syncs": 0},
    "etcd": {"heartbeat-interval": "100ms", "election-timeout": 900},
}


def test_ten_wrong_values_of_tuning_are_refused_at_once_each_with_its_mend(
    new_project: NewProject, new_program: NewProgram
) -> None:
    project = new_project()
    program = new_program("dev", project)
    program.configure({"kubernetes_version": "1.33.6", "tuning": {"values": TUNED_WRONG}})

    refused = program.command("preview")

    assert refused.returncode == REFUSED
    lines = [line for line in refused.stderr.splitlines() if line.startswith("cecf:")]
    named = {f"cecf:cluster.tuning.values.{part}.{name}" for part, values in TUNED_WRONG.items() for name in values}
    assert {line.split(": ")[0] for line in lines} == named
    assert all("Mend: pulumi config " in line for line in lines)
    assert project.servers() == {}


def test_a_reservation_beyond_the_flavor_is_refused_once_the_cloud_has_told_its_size(
    new_project: NewProject, new_program: NewProgram
) -> None:
    program = new_program("dev", new_project())
    program.configure({"tuning": {"values": {"kubelet": {"systemReserved": {"memory": "4Gi"}}}}})
    refused = program.command("preview")
    assert refused.returncode == REFUSED
    assert "cecf:cluster.tuning.values.kubelet.systemReserved.memory: " in refused.stderr
