"""How the lab comes by Kubernetes: found in the cache, or built there."""

import hashlib
import platform
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cecf import versions
from cecf.versions import LAB_RELEASES, Release
from lab.cache import Cache, link
from lab.engine import golang
from lab.engine.errors import EngineError
from lab.kubernetes import compiling, debian
from lab.kubernetes.compiling import Job
from lab.kubernetes.images import DEBIAN_PACKAGES, before, images, references
from lab.kubernetes.model import Kubernetes
from lab.kubernetes.modules import IN_IMAGES_ONLY, SOURCES, modules
from lab.kubernetes.oci import Entry

Log = Callable[[str], object]

_CACHE = Cache("kubernetes", holds="Kubernetes")
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_IMAGE_SOURCES = ("debian.py", "images.py", "oci.py")
_KEY_LENGTH = 12
_REMEDY = (
    f"install Go {versions.KUBERNETES_GO_MINIMUM} or later (https://go.dev/dl), "
    "then run `python -m lab.kubernetes setup` again."
)


def locate(release: Release = versions.DEFAULT) -> Kubernetes | None:
    """Return what is ready for use, changing nothing. Needs Go, whose version decides the programs."""
    _, go_version = _find_go()
    found = Kubernetes(_CACHE.folder() / key(release, go_version))
    return found if found.root.is_dir() else None


def ensure(log: Log = print) -> dict[Release, Kubernetes]:
    """Return every release of the lab, building first what is missing."""
    return _located() or _provide(log)


def key(release: Release, go_version: str) -> str:
    """Return a digest of all that decides the results: the programs, and how images are put together."""
    decisive = [*references(release).values(), *(module.key(go_version) for module in modules(release))]
    digest = hashlib.sha256(repr(decisive).encode())
    for source in _IMAGE_SOURCES:
        digest.update((SOURCES / source).read_bytes())
    return f"{release.minor}-{digest.hexdigest()[:_KEY_LENGTH]}"


def _located() -> dict[Release, Kubernetes] | None:
    found = {release: kubernetes for release in LAB_RELEASES if (kubernetes := locate(release))}
    return found if len(found) == len(LAB_RELEASES) else None


def _provide(log: Log) -> dict[Release, Kubernetes]:
    started = time.monotonic()
    with _CACHE.locked(log):
        # Another process may have done it all while this one waited.
        made = _located() or _build(log)
    seconds = time.monotonic() - started
    log(f"Kubernetes {' and '.join(release.kubernetes for release in made)} is ready after {seconds:.0f} s.")
    return made


def _build(log: Log) -> dict[Release, Kubernetes]:
    command, go_version = _find_go()
    missing = [release for release in LAB_RELEASES if not locate(release)]
    with _CACHE.scratch() as scratch:
        go = golang.Go(command, _go_caches())
        # With the same caches: releases share every library that has not changed between them.
        jobs = {
            module.folder: Job(module, _CACHE.folder() / "programs" / module.key(go_version))
            for release in missing
            for module in modules(release)
        }
        compiling.build(list(jobs.values()), go, scratch, log)
        files = _debian(scratch / "debian")
        for release in missing:
            assembled = Kubernetes(scratch / key(release, go_version))
            _assemble(release, [jobs[module.folder] for module in modules(release)], files, assembled, log)
            assembled.root.rename(_CACHE.folder() / assembled.key)
    # Gigabytes, of use only to a setup that goes on after an interruption.
    shutil.rmtree(_go_caches(), ignore_errors=True)
    return {release: Kubernetes(_CACHE.folder() / key(release, go_version)) for release in LAB_RELEASES}


def _assemble(
    release: Release, jobs: Sequence[Job], debian_files: Mapping[str, Entry], assembled: Kubernetes, log: Log
) -> None:
    """Put programs of a release into their folders, and into images."""
    started = time.monotonic()
    programs: dict[str, Path] = {}
    for job in jobs:
        for name, destination in job.module.names.items():
            programs[name] = job.results / name
            if destination != IN_IMAGES_ONLY:
                link(programs[name], assembled.root / destination / name)
    assembled.images.mkdir()
    made = images(release, programs, debian_files)
    for name, image in made.items():
        (assembled.images / f"{name}.tar").write_bytes(image.archive(_architecture()))
    if older := before(release):
        found = locate(older)
        if not found:
            raise EngineError(f"Kubernetes {older.kubernetes} has to be made before {release.kubernetes}.")
        link(found.images / "kube-proxy.tar", assembled.images / f"kube-proxy-{older.minor}.tar")
    log(f"Made {len(made)} container images of {release.kubernetes}: {time.monotonic() - started:.0f} s.")


def _debian(folder: Path) -> dict[str, Entry]:
    """Return the files of Debian's packages."""
    files = debian.links()
    for package in debian.download(DEBIAN_PACKAGES, folder):
        files |= debian.read(package)
    return files


def _architecture() -> str:
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise EngineError(f"Container images have no name for this machine's architecture, {machine}: use amd64.")
    return _ARCHITECTURES[machine]


def _go_caches() -> Path:
    return _CACHE.folder() / "go"


def _find_go() -> tuple[str, str]:
    """Return Go and its version, which all modules share: each names the same one."""
    return golang.find(SOURCES / "addons", versions.KUBERNETES_GO_MINIMUM, "Kubernetes", _REMEDY)
