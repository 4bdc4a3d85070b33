"""An engine built from Go modules, part by part, and put together in the cache."""

import time
from collections.abc import Callable
from pathlib import Path

from lab.cache import link
from lab.engine import cache, golang, stand_in
from lab.engine.model import OPENSTACK_PLUGIN, OPENSTACK_PLUGIN_FOLDER, Engine
from lab.engine.parts import PARTS, Part, engine_key

Log = Callable[[str], object]


def find() -> Engine | None:
    """Return the engine of these sources if it has been built."""
    root = _root()
    return _engine(root) if root.is_dir() else None


def build(log: Log) -> Engine:
    """Build what is missing and put the engine together. Call it under the cache's lock."""
    kubernetes = stand_in.make().parent
    with cache.scratch() as scratch:
        _build_parts([part for part in PARTS if not _result(part).is_dir()], scratch, log)
        assembled = scratch / "engine"
        for part in PARTS:
            _link_all(_result(part), assembled / part.destination)
        _link_all(kubernetes, assembled / "home" / stand_in.FOLDER)
        return _engine(assembled.rename(_root()))


def _build_parts(missing: list[Part], scratch: Path, log: Log) -> None:
    """Build parts with one set of Go caches, so that what they share is compiled once."""
    if not missing:
        return
    go = golang.require(missing[0].module, scratch / "go")
    log(f"{len(missing)} parts are built from Go modules, once: minutes on few cores.")
    for part in missing:
        log(f"Building {part.executable} {part.version.removeprefix('v')} from Go modules.")
        started = time.monotonic()
        part.build(go, scratch / part.folder)
        _result(part).parent.mkdir(exist_ok=True)
        (scratch / part.folder).rename(_result(part))
        log(f"Built {part.executable} in {time.monotonic() - started:.0f} s.")


def _result(part: Part) -> Path:
    return cache.folder() / "parts" / f"{part.folder}-{part.key}"


def _root() -> Path:
    return cache.folder() / engine_key()


def _link_all(source: Path, destination: Path) -> None:
    for file in source.rglob("*"):
        if file.is_file():
            link(file, destination / file.relative_to(source))


def _engine(root: Path) -> Engine:
    home = root / "home"
    return Engine(
        pulumi=root / "bin" / "pulumi",
        home=home,
        plugin=home / OPENSTACK_PLUGIN_FOLDER / OPENSTACK_PLUGIN,
        kubernetes=home / stand_in.FOLDER / stand_in.EXECUTABLE,
        built=True,
    )
