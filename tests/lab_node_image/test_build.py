"""How large a disk is made, and what is kept of the results."""

import os
from pathlib import Path

import pytest

from cecf import versions
from lab import kubernetes
from lab.kubernetes import Kubernetes
from lab.node_image import build, provision
from lab.openstack.shell import LabError, Log

MIB = 2**20


RELEASES = versions.LAB_RELEASES


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give builds of Kubernetes, a cache of its own, and builders that write a word instead of a disk."""
    monkeypatch.setenv("CECF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(provision, "ensure_packages", lambda _log: None)
    monkeypatch.setattr(provision, "make_system", lambda disk, _log: disk.write_text("system"))
    monkeypatch.setattr(provision, "add_kubernetes", written)
    give(monkeypatch, tmp_path)
    return tmp_path


def give(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """Give builds of Kubernetes."""
    builds = {release: Kubernetes(place / f"{release.minor}-{place.name}") for release in RELEASES}
    monkeypatch.setattr(kubernetes, "locate", builds.get)
    monkeypatch.setattr(kubernetes, "ensure", lambda _log: builds)


def written(system: Path, given: Kubernetes, disk: Path, _log: Log) -> None:
    """Stand for the step that puts Kubernetes into a system."""
    disk.write_text(f"{system.read_text()} with {given.key.partition('-')[0]}")


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
def test_a_disk_for_each_release_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert provision.locate() is None
    disks = provision.ensure(silent)
    assert {release.minor: disk.read_text() for release, disk in disks.items()} == {
        "1.34": "system with 1.34",
        "1.35": "system with 1.35",
    }
    # Ready for anyone, and nothing is made again.
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert provision.ensure(silent) == disks == {release: provision.locate(release) for release in RELEASES}
    assert provision.locate() == disks[versions.DEFAULT]
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
    assert all(disk.exists() for disk in provision.ensure(silent).values())


@pytest.mark.usefixtures("given")
def test_only_the_disk_that_is_missing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, gone = provision.ensure(silent).values()
    gone.unlink()
    kept.write_text("untouched")
    monkeypatch.delattr(provision, "make_system")
    assert list(provision.ensure(silent).values()) == [kept, gone]
    assert (kept.read_text(), gone.read_text()) == ("untouched", "system with 1.35")


@pytest.mark.usefixtures("given")
def test_a_killed_setups_remains_are_taken_away_by_the_next(tmp_path: Path) -> None:
    remains = tmp_path / "cache/node-image/scratch-killed/disk.mounted"
    remains.mkdir(parents=True)
    provision.ensure(silent)
    assert not remains.parent.exists()


@pytest.mark.usefixtures("given")
def test_only_the_newest_images_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for name in ("first", "second", "third"):
        give(monkeypatch, tmp_path / name)
        made.append(provision.ensure(silent))
        for disk in made[-1].values():
            os.utime(disk.parent, (len(made), len(made)))
    assert [[disk.exists() for disk in disks.values()] for disks in made] == [[False] * 2, [True] * 2, [True] * 2]
    assert len(list((tmp_path / "cache/node-image/systems").iterdir())) == 1
