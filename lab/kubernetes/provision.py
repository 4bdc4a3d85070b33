"""How the lab comes by Kubernetes: found in the cache, or built there."""

import hashlib
import platform
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from cecf import versions
from lab.cache import Cache, link
from lab.engine import golang
from lab.engine.errors import EngineError
from lab.kubernetes import compiling, debian
from lab.kubernetes.compiling import Job
from lab.kubernetes.images import DEBIAN_PACKAGES, TAGS, images, reference
from lab.kubernetes.model import Kubernetes
from lab.kubernetes.modules import IN_IMAGES_ONLY, MODULES, SOURCES

Log = Callable[[str], object]

_CACHE = Cache("kubernetes", holds="Kubernetes")
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_IMAGE_SOURCES = ("debian.py", "images.py", "oci.py")
_KEY_LENGTH = 12
_REMEDY = (
    f"install Go {versions.KUBERNETES_GO_MINIMUM} or later (https://go.dev/dl), "
    "then run `python -m lab.kubernetes setup` again."
)


def locate() -> Kubernetes | None:
    """Return what is ready for use, changing nothing. Needs Go, whose version decides the programs."""
    _, go_version = _find_go()
    found = Kubernetes(_CACHE.folder() / key(go_version))
    return found if found.root.is_dir() else None


def ensure(log: Log = print) -> Kubernetes:
    """Return Kubernetes, building first what is missing."""
    return locate() or _provide(log)


def key(go_version: str) -> str:
    """Return a digest of all that decides the results: the programs, and how images are put together."""
    digest = hashlib.sha256(repr([*map(reference, TAGS), *(module.key(go_version) for module in MODULES)]).encode())
    for source in _IMAGE_SOURCES:
        digest.update((SOURCES / source).read_bytes())
    return digest.hexdigest()[:_KEY_LENGTH]


def _provide(log: Log) -> Kubernetes:
    started = time.monotonic()
    with _CACHE.locked(log):
        # Another process may have done it all while this one waited.
        made = locate() or _build(log)
    log(f"Kubernetes is ready after {time.monotonic() - started:.0f} s: {made.root}")
    return made


def _build(log: Log) -> Kubernetes:
    command, go_version = _find_go()
    with _CACHE.scratch() as scratch:
        go = golang.Go(command, _go_caches())
        jobs = [Job(module, _CACHE.folder() / "programs" / module.key(go_version)) for module in MODULES]
        compiling.build(jobs, go, scratch, log)
        assembled = Kubernetes(scratch / key(go_version))
        programs = {name: job.results / name for job in jobs for name in job.module.names}
        for name, destination in [pair for module in MODULES for pair in module.names.items()]:
            if destination != IN_IMAGES_ONLY:
                link(programs[name], assembled.root / destination / name)
        _make_images(programs, assembled.images, scratch, log)
        made = Kubernetes(assembled.root.rename(_CACHE.folder() / assembled.key))
    # Gigabytes, of use only to a setup that goes on after an interruption.
    shutil.rmtree(_go_caches(), ignore_errors=True)
    return made


def _make_images(programs: dict[str, Path], folder: Path, scratch: Path, log: Log) -> None:
    started = time.monotonic()
    files = debian.links()
    for package in debian.download(DEBIAN_PACKAGES, scratch / "debian"):
        files |= debian.read(package)
    folder.mkdir()
    made = images(programs, files)
    for name, image in made.items():
        (folder / f"{name}.tar").write_bytes(image.archive(_architecture()))
    log(f"Made {len(made)} container images: {time.monotonic() - started:.0f} s.")


def _architecture() -> str:
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise EngineError(f"Container images have no name for this machine's architecture, {machine}: use amd64.")
    return _ARCHITECTURES[machine]


def _go_caches() -> Path:
    return _CACHE.folder() / "go"


def _find_go() -> tuple[str, str]:
    """Return Go and its version, which all modules share: each names the same one."""
    return golang.find(MODULES[0].path, versions.KUBERNETES_GO_MINIMUM, "Kubernetes", _REMEDY)
