"""What is in the image that nodes boot from, read from the finished disk without mounting it."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from cecf import versions
from cecf.versions import Release
from lab import kubernetes, node_image
from lab.node_image import inputs
from lab.openstack.shell import LabError

pytestmark = pytest.mark.lab

STORE = "/var/lib/containerd"
WANTED = "/etc/systemd/system/multi-user.target.wants"
PLUGINS = {"bridge", "flannel", "host-local", "loopback", "portmap"}
CONFIGURED_BY_USER_DATA = {"haproxy.service", "keepalived.service", "chrony.service", "ssh.service", "kubelet.service"}


@pytest.fixture(scope="module", params=versions.LAB_RELEASES, ids=lambda release: release.minor)
def release(request: pytest.FixtureRequest) -> Release:
    """Give a release of Kubernetes."""
    given: Release = request.param
    return given


@pytest.fixture(scope="module")
def disk(release: Release) -> Path:
    """Give the release's image of these sources, where it has been made."""
    if shutil.which("debugfs") is None:
        pytest.skip("debugfs (Debian: e2fsprogs) is not here to read the image")
    try:
        found = node_image.locate(release)
    except LabError as error:
        pytest.skip(str(error))
    if found is None:
        pytest.skip("the node image is not made yet: `python -m lab.node_image setup`")
    return found


def debugfs(disk: Path, command: str) -> bytes:
    """Ask the file system one thing."""
    return subprocess.run(["debugfs", "-R", command, disk], check=True, capture_output=True, timeout=60).stdout


def names(disk: Path, folder: str) -> set[str]:
    """List a folder of the image."""
    # A line of `ls -p`: /inode/mode/user/group/name/size/
    lines = debugfs(disk, f"ls -p {folder}").decode().splitlines()
    return {line.split("/")[5] for line in lines if line.count("/") >= 6} - {".", ".."}


def references(release: Release) -> set[str]:
    """Return the names of all container images, as their archives say."""
    given = kubernetes.locate(release)
    assert given is not None
    return {reference(archive) for archive in given.images.glob("*.tar")}


def reference(archive: Path) -> str:
    """Return the name that containerd gives an image from this archive."""
    with tarfile.open(archive) as opened:
        index = opened.extractfile("index.json")
        assert index is not None
        name: str = json.load(index)["manifests"][0]["annotations"]["io.containerd.image.name"]
    return name


def test_the_programs_of_a_node_are_there(disk: Path) -> None:
    assert set(inputs.programs()) <= names(disk, "/usr/bin")
    assert names(disk, "/opt/cni/bin") >= PLUGINS
    assert {"haproxy", "keepalived", "runc", "nft", "chronyd"} <= names(disk, "/usr/sbin")
    assert "restic" in names(disk, "/usr/bin")


def test_etcd_s_data_has_the_same_owner_in_every_image(disk: Path) -> None:
    assert b"\netcd:x:600:600::/nonexistent:/usr/sbin/nologin\n" in debugfs(disk, "cat /etc/passwd")
    assert b"\netcd:x:600:\n" in debugfs(disk, "cat /etc/group")


def test_all_container_images_are_there_and_unpacked(release: Release, disk: Path) -> None:
    known = debugfs(disk, f"cat {STORE}/io.containerd.metadata.v1.bolt/meta.db")
    assert [name for name in references(release) if name.encode() not in known] == []
    unpacked = names(disk, f"{STORE}/io.containerd.snapshotter.v1.overlayfs/snapshots")
    assert len(unpacked) >= len(references(release)) > 0


def test_user_data_decides_what_runs(disk: Path) -> None:
    started = names(disk, WANTED)
    assert "containerd.service" in started
    assert started & CONFIGURED_BY_USER_DATA == set()
    assert "10-kubeadm.conf" in names(disk, "/usr/lib/systemd/system/kubelet.service.d")


def test_no_two_machines_are_the_same_one(disk: Path) -> None:
    assert debugfs(disk, "cat /etc/machine-id") == b""
    assert "machine-id" in names(disk, "/etc")
    assert "hostname" not in names(disk, "/etc")
    assert [name for name in names(disk, "/etc/ssh") if name.startswith("ssh_host_")] == []
    assert names(disk, "/var/lib/cloud") <= {"seed", "data", "handlers", "instances", "scripts", "sem"}


def test_nothing_of_the_lab_is_in_it(disk: Path) -> None:
    assert names(disk, "/usr/local/sbin") == set()
    assert names(disk, "/root") <= {".bashrc", ".profile", ".ssh"}
    assert names(disk, "/root/.ssh") == names(disk, "/mnt") == set()
    assert "policy-rc.d" not in names(disk, "/usr/sbin")
