"""Bad input is refused in one line each, all at once, before anything is created; with the real engine."""

import subprocess

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
