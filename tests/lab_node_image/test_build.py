"""How large a disk is made, and what is kept of the results."""

import os
from pathlib import Path

import pytest

from lab import kubernetes
from lab.kubernetes import Kubernetes
from lab.node_image import build, provision
from lab.openstack.shell import LabError, Log

MIB = 2**20


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kubernetes:
    """Give a build of Kubernetes, a cache of its own, and builders that write a word instead of a disk."""
    monkeypatch.setenv("CECF_CACHE", str(tmp_path / "cache"))
    made = Kubernetes(tmp_path / "kubernetes")
    monkeypatch.setattr(kubernetes, "locate", lambda: made)
    monkeypatch.setattr(kubernetes, "ensure", lambda _log: made)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(provision, "ensure_packages", lambda _log: None)
    monkeypatch.setattr(provision, "make_system", lambda disk, _log: disk.write_text("system"))
    monkeypatch.setattr(provision, "add_kubernetes", written)
    return made


def written(system: Path, _given: Kubernetes, disk: Path, _log: Log) -> None:
    """Stand for the step that puts Kubernetes into a system."""
    disk.write_text(f"{system.read_text()} with Kubernetes")


def interrupted(_system: Path, _given: Kubernetes, disk: Path, _log: Log) -> None:
    """Stand for that step when it does not end."""
    disk.write_text("half")
    raise KeyboardInterrupt


def silent(_line: str) -> None:
    """Log nothing."""


def results(tmp_path: Path) -> set[str]:
    """Return what is in the cache: kinds of results, and remains of work."""
    return {path.name for path in (tmp_path / "cache/node-image").iterdir()}


def test_a_disk_holds_each_image_twice_and_has_room_to_boot() -> None:
    size = build.size(600 * MIB, {"bin": 250 * MIB, "cni": 30 * MIB, "images": 550 * MIB})
    free = size - (600 + 250 + 30 + 2 * 550) * MIB
    assert 300 * MIB < free < 450 * MIB
    assert size % (64 * MIB) == 0


def test_a_disk_is_never_smaller_than_the_systems() -> None:
    assert build.size(MIB, {"images": 0}) == 1536 * MIB


@pytest.mark.usefixtures("given")
def test_the_disk_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert provision.locate() is None
    disk = provision.ensure(silent)
    assert disk.read_text() == "system with Kubernetes"
    # Ready for anyone, and nothing is made again.
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert provision.ensure(silent) == disk == provision.locate()
    assert results(tmp_path) == {"images", "systems", "lock"}


@pytest.mark.usefixtures("given")
def test_making_it_needs_root_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError, match=r"run `python -m lab\.node_image setup` as root"):
        provision.ensure(silent)


@pytest.mark.usefixtures("given")
def test_an_interrupted_setup_keeps_the_system_and_goes_on_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provision, "add_kubernetes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        provision.ensure(silent)
    assert provision.locate() is None
    assert results(tmp_path) == {"systems", "lock"}
    monkeypatch.setattr(provision, "add_kubernetes", written)
    monkeypatch.delattr(provision, "make_system")
    assert provision.ensure(silent).exists()


@pytest.mark.usefixtures("given")
def test_a_killed_setups_remains_are_taken_away_by_the_next(tmp_path: Path) -> None:
    remains = tmp_path / "cache/node-image/scratch-killed/disk.mounted"
    remains.mkdir(parents=True)
    provision.ensure(silent)
    assert not remains.parent.exists()


def test_only_the_newest_images_are_kept(given: Kubernetes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disks = []
    for name in ("first", "second", "third"):
        another = Kubernetes(given.root.with_name(name))
        monkeypatch.setattr(kubernetes, "locate", lambda another=another: another)
        monkeypatch.setattr(kubernetes, "ensure", lambda _log, another=another: another)
        disks.append(provision.ensure(silent))
        os.utime(disks[-1].parent, (len(disks), len(disks)))
    assert [disk.exists() for disk in disks] == [False, True, True]
    assert len(list((tmp_path / "cache/node-image/systems").iterdir())) == 1
