"""The three ways to an engine, in their order: found here, installed officially, built."""

import time
from collections.abc import Callable

from lab.engine import built, cache, official
from lab.engine.errors import EngineMissingError
from lab.engine.model import Engine

Log = Callable[[str], object]


def locate(log: Log = lambda _line: None) -> Engine | None:
    """Return the engine that is ready for use, changing nothing."""
    return official.find(log) or built.find()


def ensure(log: Log = print) -> Engine:
    """Return an engine, coming by one first where there is none."""
    engine = locate()
    return engine if engine and engine.kubernetes else _provide(log)


def environment() -> dict[str, str]:
    """Return the variables that lead a process to the engine."""
    engine = locate()
    if engine is None:
        raise EngineMissingError("There is no engine yet: run `python -m lab.engine setup`.")
    return engine.environment()


def _provide(log: Log) -> Engine:
    started = time.monotonic()
    with cache.locked(log):
        # Another process may have done it all while this one waited.
        engine = locate(log) or official.install(log) or built.build(log)
        if engine.kubernetes is None:
            official.add_kubernetes(engine, log)
            engine = locate() or engine
    log(f"The engine is ready after {time.monotonic() - started:.0f} s: {engine.pulumi}")
    return engine
