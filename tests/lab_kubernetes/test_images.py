"""What is in the images, and how Debian's packages become part of them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cecf import versions
from cecf.versions import Release
from lab.kubernetes import debian, images, locate
from lab.kubernetes.images import references
from lab.kubernetes.modules import modules
from lab.kubernetes.oci import Entry, Image

DEBIAN = {
    **debian.links(),
    "usr/bin/busybox": Entry(b"busybox"),
    "usr/sbin/xtables-nft-multi": Entry(b"xtables"),
    "usr/lib/libc.so": Entry(b"libc", 0o644),
}

OF_KUBEADM = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "coredns", "pause")


each_release = pytest.mark.parametrize("release", versions.LAB_RELEASES, ids=lambda release: release.minor)


def images_of(release: Release) -> dict[str, Image]:
    """Return the images of a build whose programs nobody reads."""
    return images.images(release, {name: Path(name) for module in modules(release) for name in module.names}, DEBIAN)


@pytest.fixture
def made() -> dict[str, Image]:
    """Return the default release's images."""
    return images_of(versions.DEFAULT)


@each_release
def test_every_image_has_a_tag_and_a_name_that_no_registry_answers_to(release: Release) -> None:
    made = images_of(release)
    assert {name: image.reference for name, image in made.items()} == references(release)
    for name, image in made.items():
        assert re.fullmatch(rf"{re.escape(versions.IMAGE_REPOSITORY)}/{name}:[\w.-]+", image.reference)


def test_what_an_image_starts_is_in_it(made: dict[str, Image]) -> None:
    for image in made.values():
        places = [f"{folder}{image.entrypoint}".lstrip("/") for folder in ("", "usr/local/bin/", "usr")]
        assert any(place in image.files for place in places), image.reference


def test_links_of_an_image_lead_to_files_in_it(made: dict[str, Image]) -> None:
    for image in made.values():
        for path, entry in image.files.items():
            target = (Path(path).parent / entry.target).as_posix()
            inside = target in image.files or any(other.startswith(f"{target}/") for other in image.files)
            assert not entry.target or inside or path in debian.links(), (image.reference, path)


def test_the_packet_filter_is_in_the_images_that_call_it(made: dict[str, Image]) -> None:
    with_filter = {name for name, image in made.items() if "usr/sbin/iptables" in image.files}
    assert with_filter == {"kube-proxy", "flannel"}
    assert "usr/lib/libc.so" not in made["toolbox"].files


@each_release
def test_kubeadm_wants_the_images_under_these_names(release: Release, tmp_path: Path) -> None:
    kubernetes = locate(release) if shutil.which("go") else None
    if kubernetes is None:
        pytest.skip("kubeadm has not been built: run `python -m lab.kubernetes setup`")
    # etcd runs as a unit of a server's own: no image of it is wanted.
    cluster = {
        "apiVersion": "kubeadm.k8s.io/v1beta4",
        "kind": "ClusterConfiguration",
        "kubernetesVersion": f"v{release.kubernetes}",
        "imageRepository": versions.IMAGE_REPOSITORY,
        "dns": {"imageTag": f"v{versions.COREDNS}"},
        "etcd": {"external": {"endpoints": ["http://127.0.0.1:2379"]}},
    }
    (tmp_path / "cluster.json").write_text(json.dumps(cluster))
    command = [str(kubernetes.bin / "kubeadm"), "config", "images", "list", "--config", str(tmp_path / "cluster.json")]
    wanted = subprocess.run(command, check=True, capture_output=True, text=True)
    assert set(wanted.stdout.split()) == {references(release)[name] for name in OF_KUBEADM}


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="dpkg-deb is not on PATH")
def test_a_package_is_read_as_it_belongs_into_an_image(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for folder in ("DEBIAN", "lib/x86", "usr/share/doc", "usr/bin"):
        (root / folder).mkdir(parents=True)
    (root / "DEBIAN/control").write_text(
        "Package: tool\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: none\n"
    )
    (root / "lib/x86/libtool.so.1").write_text("library")
    (root / "lib/x86/libtool.so").symlink_to("libtool.so.1")
    (root / "usr/share/doc/tool").write_text("much")
    (root / "usr/bin/tool").write_text("program")
    (root / "usr/bin/tool").chmod(0o755)
    (root / "usr/bin/twin").hardlink_to(root / "usr/bin/tool")
    subprocess.run(
        ["dpkg-deb", "--build", "--root-owner-group", root, tmp_path / "tool.deb"], check=True, capture_output=True
    )
    files = debian.read(tmp_path / "tool.deb")
    assert files.keys() == {"usr/lib/x86/libtool.so.1", "usr/lib/x86/libtool.so", "usr/bin/tool", "usr/bin/twin"}
    assert files["usr/lib/x86/libtool.so"].target == "libtool.so.1"
    assert files["usr/bin/twin"] == files["usr/bin/tool"] == Entry(b"program", 0o755)
